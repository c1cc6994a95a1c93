// A place's page: how far it reaches on the map, and buttons that copy.

import { openMap, token } from "./map.js";
import { copying } from "./copying.js";

const place = document.getElementById("map");
const drawn = document.getElementById("drawn");
const feature = drawn?.dataset.feature ? JSON.parse(drawn.dataset.feature) : null;
const map = place && window.maplibregl ? openMap(place) : null;
if (map && feature)
  map.on("load", () => {
    map.addSource("others", { type: "geojson", data: { type: "FeatureCollection", features: JSON.parse(drawn.dataset.others) } });
    const others = { type: "line", source: "others", filter: ["!=", ["geometry-type"], "Point"] };
    map.addLayer({ id: "others-beside", ...others, paint: { "line-color": token("accent"), "line-width": 3, "line-dasharray": [2, 1.5] } });
    map.addSource("place", { type: "geojson", data: feature });
    map.addLayer({ id: "place-area", type: "fill", source: "place", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": token("accent"), "fill-opacity": 0.25 } });
    map.addLayer({ id: "place-line", type: "line", source: "place", filter: ["!=", ["geometry-type"], "Point"], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": token("accent"), "line-width": 5 } });
    // What an earlier extent shares with this one is drawn within its line; what it doesn't was drawn before.
    map.addLayer({ id: "others-within", ...others, filter: ["all", others.filter, ["get", "earlier"]], paint: { "line-color": token("surface"), "line-width": 1.5, "line-dasharray": [4, 3] } });
    map.addLayer({ id: "place-point", type: "circle", source: "place", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 9, "circle-color": token("accent"), "circle-stroke-color": token("surface"), "circle-stroke-width": 3 } });
    const name = { type: "symbol", source: "place", layout: { "text-field": ["get", "name"], "text-size": 14, "text-anchor": "bottom", "text-offset": [0, -1], "text-allow-overlap": true }, paint: { "text-color": token("accent"), "text-halo-color": token("surface"), "text-halo-width": 2 } };
    map.addLayer({ id: "place-name", ...name, filter: ["!=", ["geometry-type"], "LineString"] });
    // Along a line, so that the map's edge doesn't cut it off.
    map.addLayer({ id: "place-name-along", ...name, filter: ["==", ["geometry-type"], "LineString"], layout: { ...name.layout, "symbol-placement": "line-center", "text-anchor": "center" } });
  });

copying();
