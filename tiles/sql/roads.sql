-- Roads of one dataset, of the classes that the zoom shows. With :highways the planner can take the main roads' index.
SELECT
    ST_AsMVTGeom(
        ST_Simplify(road.geom_3857, :tolerance_m, true), ST_TileEnvelope(:z, :x, :y), :extent, :buffer, true
    ) AS geom,
    road.fid,
    CAST(road.id AS text) AS id,
    road.highway,
    nullif(road.name, '') AS name,
    road.oneway,
    road.foot,
    road.motor
FROM road_segment AS road
WHERE
    road.geom_3857 && ST_TileEnvelope(:z, :x, :y, margin => :margin)
    AND road.dataset_id = :subject
    AND (:every_road OR road.highway = ANY(:highways))
