-- Demand points of one dataset with the people of one group, drawn together by the cells of a grid over the whole world;
-- a point that says nothing about the group isn't there. With :apart every point is a cell of its own.
WITH found AS (
    SELECT
        fid,
        source_id,
        CAST(counts ->> :group AS double precision) AS people,
        ST_X(geom_3857) AS easting_m,
        ST_Y(geom_3857) AS northing_m
    FROM demand_point
    WHERE geom_3857 && ST_TileEnvelope(:z, :x, :y, margin => :margin) AND dataset_id = :subject AND counts ? :group
),
cells AS (
    SELECT
        ST_SetSRID(ST_MakePoint(avg(easting_m), avg(northing_m)), 3857) AS center_3857,
        min(fid) AS fid,
        sum(people) AS people,
        count(*) AS points,
        CASE WHEN count(*) = 1 THEN min(source_id) END AS source_id
    FROM found
    GROUP BY floor(easting_m / :cell_m), floor(northing_m / :cell_m), CASE WHEN :apart THEN fid END
)
SELECT
    ST_AsMVTGeom(center_3857, ST_TileEnvelope(:z, :x, :y), :extent, :buffer, true) AS geom,
    fid, people, points, source_id
FROM cells
