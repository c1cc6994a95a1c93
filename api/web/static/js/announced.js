// An announcement's or a consultation's names on a map; a click leads to the place, where it has a page.

import { openMap, token } from "./map.js";

const place = document.getElementById("map");
const told = document.getElementById("announced");
const map = place && told && window.maplibregl ? openMap(place) : null;
if (map)
  map.on("load", () => {
    const features = JSON.parse(told.dataset.names).map(({ name, lon, lat, place: id }) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: { name, id } }));
    map.addSource("announced", { type: "geojson", data: { type: "FeatureCollection", features } });
    map.addLayer({ id: "announced", type: "circle", source: "announced", paint: { "circle-radius": 7, "circle-color": token("accent"), "circle-stroke-color": token("surface"), "circle-stroke-width": 2 } });
    map.addLayer({ id: "announced-said", type: "symbol", source: "announced", layout: { "text-field": ["get", "name"], "text-size": 14, "text-anchor": "bottom", "text-offset": [0, -0.8] }, paint: { "text-color": token("accent"), "text-halo-color": token("surface"), "text-halo-width": 2 } });
    map.on("click", "announced", ({ features: [hit] }) => {
      if (hit.properties.id) location.assign(`/places/${hit.properties.id}`);
    });
  });
