// The pages of heritage names: each name on the map where its place is; a click leads to it.

import { openMap, token } from "./map.js";

const place = document.getElementById("map");
const drawn = document.getElementById("heritage");
const map = place && drawn && window.maplibregl ? openMap(place) : null;
if (map)
  map.on("load", () => {
    map.addSource("heritage", { type: "geojson", data: JSON.parse(drawn.dataset.features) });
    map.addLayer({ id: "heritage-point", type: "circle", source: "heritage", paint: { "circle-radius": 8, "circle-color": token("accent"), "circle-stroke-color": token("surface"), "circle-stroke-width": 3 } });
    map.addLayer({ id: "heritage-name", type: "symbol", source: "heritage", layout: { "text-field": ["get", "name"], "text-size": 14, "text-variable-anchor": ["bottom", "top", "left", "right"], "text-radial-offset": 0.9 }, paint: { "text-color": token("accent"), "text-halo-color": token("surface"), "text-halo-width": 2 } });
    const pages = drawn.dataset.leads === "true";
    map.on("click", "heritage-point", ({ features: [name] }) => {
      if (pages) location.assign(`/heritage/${name.properties.heritage}`);
    });
    map.on("mouseenter", "heritage-point", () => {
      if (pages) map.getCanvas().style.cursor = "pointer";
    });
    map.on("mouseleave", "heritage-point", () => {
      map.getCanvas().style.cursor = "";
    });
  });
