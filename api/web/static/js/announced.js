// An announcement's or a consultation's names on a map; a click leads to the place, where it has a page.

import { openMap, token } from "./map.js";

const place = document.getElementById("map");
const told = document.getElementById("announced");
const map = place && told && window.maplibregl ? openMap(place) : null;
if (map)
  map.on("load", () => {
    const features = JSON.parse(told.dataset.names).map(({ name, geometry, place: id }) => ({ type: "Feature", geometry, properties: { name, id } }));
    // Names are what is told of here: signs of other services would cover them.
    for (const { id, source } of map.getStyle().layers) if (source === "facilities") map.setLayoutProperty(id, "visibility", "none");
    map.addSource("announced", { type: "geojson", data: { type: "FeatureCollection", features } });
    map.addLayer({ id: "announced-reach", type: "line", source: "announced", filter: ["!=", ["geometry-type"], "Point"], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": token("accent"), "line-width": 5 } });
    map.addLayer({ id: "announced", type: "circle", source: "announced", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 7, "circle-color": token("accent"), "circle-stroke-color": token("surface"), "circle-stroke-width": 2 } });
    map.addLayer({ id: "announced-said", type: "symbol", source: "announced", layout: { "text-field": ["get", "name"], "text-size": 14, "symbol-placement": "point", "text-anchor": "bottom", "text-offset": [0, -0.8] }, paint: { "text-color": token("accent"), "text-halo-color": token("surface"), "text-halo-width": 2 } });
    for (const layer of ["announced", "announced-reach"])
      map.on("click", layer, ({ features: [hit] }) => {
        if (hit.properties.id) location.assign(`/places/${hit.properties.id}`);
      });
  });
