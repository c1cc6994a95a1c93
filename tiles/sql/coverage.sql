-- The answers of one run at its demand points, drawn together by state and by the cells of a grid over the whole world;
-- minutes are the mean over the people of a cell, rounded up to a tenth: what is more than five minutes is never drawn as
-- five. (As numeric they have the fifteen digits that are true of them.) With :apart every point is a cell of its own.
WITH found AS (
    SELECT *, ST_X(geom_3857) AS easting_m, ST_Y(geom_3857) AS northing_m
    FROM coverage_point
    WHERE run_id = :subject AND lon BETWEEN :west AND :east AND lat BETWEEN :south AND :north
),
cells AS (
    SELECT
        ST_SetSRID(ST_MakePoint(avg(easting_m), avg(northing_m)), 3857) AS center_3857,
        min(point_fid) AS fid,
        state,
        sum(demand) AS people,
        count(*) AS points,
        coalesce(sum(minutes * demand) / nullif(sum(demand), 0), avg(minutes)) AS minutes,
        CASE WHEN count(*) = 1 THEN min(source_id) END AS source_id
    FROM found
    GROUP BY floor(easting_m / :cell_m), floor(northing_m / :cell_m), state, CASE WHEN :apart THEN point_fid END
)
SELECT
    ST_AsMVTGeom(center_3857, ST_TileEnvelope(:z, :x, :y), :extent, :buffer, true) AS geom,
    fid, state, people, points, CAST(ceil(CAST(minutes AS numeric) * 10) / 10 AS double precision) AS minutes, source_id
FROM cells
