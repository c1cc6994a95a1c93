// A record's page: its place on the map, and buttons that copy.

import { openFacilities } from "./atlas.js";
import { openMap, token } from "./map.js";
import { copying } from "./copying.js";

const place = document.getElementById("map");

const marked = document.getElementById("marked");
const at = marked && [Number(marked.dataset.lon), Number(marked.dataset.lat)];
// So close that facilities stand apart.
const map = place && window.maplibregl ? openMap(place, { bounds: undefined, center: at, zoom: 15 }) : null;
if (map) {
  openFacilities(map, document.getElementById("under-pointer"), location.pathname.split("/").pop());
  map.on("load", () => {
    map.addSource("marked", { type: "geojson", data: { type: "Feature", geometry: { type: "Point", coordinates: at }, properties: { name: document.querySelector("h1").textContent.trim() } } });
    map.addLayer({
      id: "marked",
      type: "circle",
      source: "marked",
      paint: { "circle-radius": 17, "circle-opacity": 0, "circle-stroke-color": token("accent"), "circle-stroke-width": 4 },
    });
    // Its own name and mark, whoever else stands in the same place.
    map.addLayer({
      id: "marked-name",
      type: "symbol",
      source: "marked",
      layout: { "text-field": ["get", "name"], "text-size": 13, "text-anchor": "bottom", "text-offset": [0, -1.6], "text-max-width": 12, "text-allow-overlap": true },
      paint: { "text-color": token("accent"), "text-halo-color": token("surface"), "text-halo-width": 2 },
    });
  });
}

copying();
