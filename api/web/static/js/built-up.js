// The pages of built-up areas: the areas on the map, a click leads to one; earlier extents are broken lines.

import { openMap, token } from "./map.js";

const place = document.getElementById("map");
const drawn = document.getElementById("areas");
const map = place && drawn && window.maplibregl ? openMap(place) : null;
if (map)
  map.on("load", () => {
    map.addSource("areas", { type: "geojson", data: JSON.parse(drawn.dataset.features) });
    const of = (kind) => ["==", ["geometry-type"], kind];
    const present = ["all", of("Polygon"), ["!", ["get", "other"]]];
    map.addLayer({ id: "areas-fill", type: "fill", source: "areas", filter: present, paint: { "fill-color": token("accent"), "fill-opacity": 0.2 } });
    map.addLayer({ id: "areas-line", type: "line", source: "areas", filter: present, paint: { "line-color": token("accent"), "line-width": 2.5 } });
    map.addLayer({ id: "areas-before", type: "line", source: "areas", filter: ["all", of("Polygon"), ["get", "other"]], paint: { "line-color": token("accent"), "line-width": 2, "line-dasharray": [2, 1.5] } });
    // At a point of each: along an area's middle a name would stand once in every tile that it reaches into.
    map.addLayer({ id: "areas-name", type: "symbol", source: "areas", filter: of("Point"), layout: { "text-field": ["get", "name"], "text-size": 14 }, paint: { "text-color": token("accent"), "text-halo-color": token("surface"), "text-halo-width": 2 } });
    map.on("click", "areas-fill", ({ features: [area] }) => {
      if (area.properties.area) location.assign(`/built-up-areas/${area.properties.area}`);
    });
  });
