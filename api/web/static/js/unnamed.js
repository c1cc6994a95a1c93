// The page of roads without a name: the lanes on the map, a click opens one in the list.

import { openMap, token } from "./map.js";

// A search is under way: the page looks again, unless somebody is writing on it.
if (document.querySelector("[data-waiting]"))
  setInterval(() => {
    if (!document.activeElement?.matches("input, textarea, select")) location.reload();
  }, 3000);

const place = document.getElementById("map");
const drawn = document.getElementById("lanes");
const map = place && drawn && window.maplibregl ? openMap(place) : null;
if (map)
  map.on("load", () => {
    map.addSource("lanes", { type: "geojson", data: JSON.parse(drawn.dataset.features) });
    const settled = ["match", ["get", "status"], ["proposed", "filed", "named"], token("good"), ["dropped", "gone"], token("muted"), token("bad")];
    map.addLayer({ id: "lanes-opened", type: "line", source: "lanes", filter: ["get", "opened"], layout: { "line-cap": "round" }, paint: { "line-color": token("accent"), "line-width": 11, "line-opacity": 0.35 } });
    // What has no name yet is broken: colour alone tells nobody.
    map.addLayer({ id: "lanes-open", type: "line", source: "lanes", filter: ["in", ["get", "status"], ["literal", ["found", "gone"]]], paint: { "line-color": settled, "line-width": 4, "line-dasharray": [2, 1] } });
    map.addLayer({ id: "lanes-decided", type: "line", source: "lanes", filter: ["!", ["in", ["get", "status"], ["literal", ["found", "gone"]]]], paint: { "line-color": settled, "line-width": 4 } });
    map.addLayer({ id: "lanes-name", type: "symbol", source: "lanes", filter: ["!=", ["get", "name"], ""], layout: { "symbol-placement": "line-center", "text-field": ["get", "name"], "text-size": 13 }, paint: { "text-color": token("text"), "text-halo-color": token("surface"), "text-halo-width": 2 } });
    // Where signs are planned: the plate's own colour, and an axis that is read without it.
    map.addSource("signs", { type: "geojson", data: JSON.parse(drawn.dataset.signs) });
    const eastWest = ["==", ["get", "axis"], "east-west"];
    map.addLayer({ id: "signs-places", type: "circle", source: "signs", minzoom: 13, paint: { "circle-radius": 5, "circle-color": ["case", eastWest, token("accent"), token("good")], "circle-stroke-color": token("surface"), "circle-stroke-width": 2 } });
    for (const layer of ["lanes-open", "lanes-decided"]) {
      map.on("click", layer, ({ features: [lane] }) => {
        const { lane: id } = lane.properties;
        location.assign(`${drawn.dataset.opening}&lane=${id}#lane-${id}`);
      });
      map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
    }
  });
