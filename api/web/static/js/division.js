// A division's page: it on the map, or, of a former one, what it became.

import { openMap, token } from "./map.js";

const place = document.getElementById("map");
const codes = JSON.parse(document.getElementById("outlined").dataset.codes);

const map = place && window.maplibregl ? openMap(place, { fitBoundsOptions: { padding: 24, maxZoom: 13 } }) : null;
map?.on("load", () => {
  map.addLayer({
    id: "outlined",
    type: "line",
    source: "base",
    "source-layer": "divisions",
    filter: ["all", ["==", ["geometry-type"], "Polygon"], ["in", ["get", "code"], ["literal", codes]]],
    paint: { "line-color": token("accent"), "line-width": 3, "line-opacity": 0.85 },
  });
});
