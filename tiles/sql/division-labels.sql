-- Where the names of divisions are written: one point each, whether an area or a point is known.
WITH shown AS (
    SELECT
        wanted.level,
        wanted.rank,
        coalesce(
            CAST(:vintage AS smallint), (SELECT max(peer.vintage) FROM division AS peer WHERE peer.level = wanted.level)
        ) AS vintage
    FROM unnest(CAST(:levels AS text[])) WITH ORDINALITY AS wanted (level, rank)
)
SELECT
    ST_AsMVTGeom(division.label_3857, ST_TileEnvelope(:z, :x, :y), :extent, :buffer, true) AS geom,
    division.fid,
    CAST(division.id AS text) AS id,
    division.code,
    division.name,
    division.level,
    shown.rank
FROM division JOIN shown USING (level, vintage)
WHERE division.label_3857 && ST_TileEnvelope(:z, :x, :y, margin => :margin)
