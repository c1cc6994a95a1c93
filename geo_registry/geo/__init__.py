"""Values of space, no database: coordinate reference systems, bounding boxes, GeoJSON."""
