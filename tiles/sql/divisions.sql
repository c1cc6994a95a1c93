-- Divisions of the levels that the zoom shows, of one vintage or the newest of each level: areas, and points where no
-- boundary is known.
WITH shown AS (
    SELECT
        wanted.level,
        coalesce(
            CAST(:vintage AS smallint), (SELECT max(peer.vintage) FROM division AS peer WHERE peer.level = wanted.level)
        ) AS vintage
    FROM unnest(CAST(:levels AS text[])) AS wanted (level)
)
SELECT
    ST_AsMVTGeom(
        coalesce(ST_Simplify(division.geom_3857, :tolerance_m, true), division.label_3857),
        ST_TileEnvelope(:z, :x, :y), :extent, :buffer, true
    ) AS geom,
    division.fid,
    CAST(division.id AS text) AS id,
    division.code,
    division.name,
    division.level,
    division.vintage,
    division.position_quality AS quality
FROM division JOIN shown USING (level, vintage)
WHERE
    division.geom_3857 && ST_TileEnvelope(:z, :x, :y, margin => :margin)
    OR (division.geom_3857 IS NULL AND division.label_3857 && ST_TileEnvelope(:z, :x, :y, margin => :margin))
