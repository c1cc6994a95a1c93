-- Facilities, drawn together by the cells of a grid over the whole world. A cell of one shows that facility; a cell of
-- several says how many, and what they have in common. With :apart every facility is a cell of its own. Closed ones are
-- shown to those who ask for them by :status, as pages count only what isn't closed.
WITH found AS (
    SELECT fid, kind, status, position_quality, ST_X(geom_3857) AS easting_m, ST_Y(geom_3857) AS northing_m
    FROM facility
    WHERE
        geom_3857 && ST_TileEnvelope(:z, :x, :y, margin => :margin)
        AND (CAST(:kind AS text[]) IS NULL OR kind = ANY(:kind))
        AND CASE WHEN CAST(:status AS text[]) IS NULL THEN status <> 'closed' ELSE status = ANY(:status) END
),
cells AS (
    SELECT
        ST_SetSRID(ST_MakePoint(avg(easting_m), avg(northing_m)), 3857) AS center_3857,
        min(fid) AS fid,
        count(*) AS count,
        count(*) FILTER (WHERE status = 'open') AS open,
        CASE WHEN min(kind) = max(kind) THEN min(kind) END AS kind,
        CASE WHEN min(status) = max(status) THEN min(status) END AS status,
        CASE WHEN min(position_quality) = max(position_quality) THEN min(position_quality) END AS quality
    FROM found
    GROUP BY floor(easting_m / :cell_m), floor(northing_m / :cell_m), CASE WHEN :apart THEN fid END
)
SELECT
    ST_AsMVTGeom(cells.center_3857, ST_TileEnvelope(:z, :x, :y), :extent, :buffer, true) AS geom,
    cells.fid,
    cells.count,
    cells.open,
    cells.kind,
    cells.status,
    cells.quality,
    alone.id,
    alone.name,
    alone.capacity
FROM cells
-- OFFSET keeps the planner from joining the whole table: there are far fewer cells than it expects.
LEFT JOIN LATERAL (
    SELECT CAST(facility.id AS text) AS id, facility.name, facility.capacity
    FROM facility WHERE facility.fid = cells.fid OFFSET 0
) AS alone ON cells.count = 1
