// A case's page: its names on the map, each selected by a click on either; what the rules found, where it takes a while.

import { openMap, token } from "./map.js";

const place = document.getElementById("map");
const drawn = document.getElementById("case");

/** Mark the row of a name, and what it is on the map. @param {any} map @param {string} line @param {boolean} scroll */
function select(map, line, scroll) {
  for (const row of document.querySelectorAll("tr.shown")) row.classList.remove("shown");
  const link = document.querySelector(`a[data-line="${CSS.escape(line)}"]`);
  const row = link?.closest("tr");
  row?.classList.add("shown");
  if (scroll && link) {
    row.scrollIntoView({ block: "nearest" });
    link.focus({ preventScroll: true });
  }
  if (map?.getLayer("names-chosen")) for (const layer of ["names-chosen", "points-chosen"]) map.setFilter(layer, layer === "points-chosen" ? ["all", of("Point"), ["==", ["get", "line"], line]] : ["==", ["get", "line"], line]);
}

/** @param {string} kind */
const of = (kind) => ["==", ["geometry-type"], kind];

/** @param {any} map @param {object} names */
function draw(map, names) {
  map.addSource("names", { type: "geojson", data: names });
  const struck = ["==", ["get", "state"], "struck"];
  const colour = ["case", struck, token("muted"), token("accent")];
  map.addLayer({ id: "names-area", type: "fill", source: "names", filter: of("Polygon"), paint: { "fill-color": colour, "fill-opacity": 0.2 } });
  map.addLayer({ id: "names-line", type: "line", source: "names", filter: ["!=", ["geometry-type"], "Point"], layout: { "line-cap": "round" }, paint: { "line-color": colour, "line-width": 4 } });
  map.addLayer({ id: "names-chosen", type: "line", source: "names", filter: ["==", ["get", "line"], ""], layout: { "line-cap": "round" }, paint: { "line-color": token("bad"), "line-width": 7 } });
  map.addLayer({ id: "names-point", type: "circle", source: "names", filter: of("Point"), paint: { "circle-radius": 7, "circle-color": colour, "circle-stroke-color": token("surface"), "circle-stroke-width": 2 } });
  map.addLayer({ id: "points-chosen", type: "circle", source: "names", filter: ["==", ["get", "line"], ""], paint: { "circle-radius": 10, "circle-color": token("bad"), "circle-stroke-color": token("surface"), "circle-stroke-width": 2 } });
  const text = { "text-field": ["get", "name"], "text-size": 13 };
  const halo = { "text-color": token("accent"), "text-halo-color": token("surface"), "text-halo-width": 2 };
  map.addLayer({ id: "names-said", type: "symbol", source: "names", filter: of("LineString"), layout: { ...text, "symbol-placement": "line-center" }, paint: halo });
  map.addLayer({ id: "names-said-at", type: "symbol", source: "names", filter: ["!=", ["geometry-type"], "LineString"], layout: { ...text, "text-anchor": "bottom", "text-offset": [0, -0.8] }, paint: halo });
  const layers = ["names-area", "names-line", "names-point"];
  map.on("click", (event) => {
    const [hit] = map.queryRenderedFeatures([[event.point.x - 4, event.point.y - 4], [event.point.x + 4, event.point.y + 4]], { layers });
    if (hit) select(map, hit.properties.line, true);
  });
  const under = document.getElementById("under-pointer");
  map.on("mousemove", (event) => {
    const [hit] = map.queryRenderedFeatures(event.point, { layers: [...layers, ...(map.getLayer("others") ? ["others"] : [])] });
    map.getCanvas().style.cursor = hit ? "pointer" : "";
    under.hidden = !hit;
    if (!hit) return;
    under.textContent = hit.properties.name;
    under.style.left = `${event.point.x + 12}px`;
    under.style.top = `${event.point.y + 12}px`;
  });
  for (const link of document.querySelectorAll("a[data-line]")) link.addEventListener("focus", () => select(map, link.dataset.line, false));
}

/** Where what names collide with lies: a ring, and what it is called. @param {any} map @param {{ name: string, lon: number, lat: number }[]} others */
function besides(map, others) {
  if (!others.length || map.getSource("others")) return;
  const features = others.map(({ name, lon, lat }) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: { name } }));
  map.addSource("others", { type: "geojson", data: { type: "FeatureCollection", features } });
  map.addLayer({ id: "others", type: "circle", source: "others", paint: { "circle-radius": 8, "circle-color": token("surface"), "circle-stroke-color": token("bad"), "circle-stroke-width": 3 } });
  map.addLayer({ id: "others-said", type: "symbol", source: "others", layout: { "text-field": ["get", "name"], "text-size": 13, "text-anchor": "top", "text-offset": [0, 0.8] }, paint: { "text-color": token("bad"), "text-halo-color": token("surface"), "text-halo-width": 2 } });
}

const map = place && drawn && window.maplibregl ? openMap(place) : null;
const ready = map
  ? new Promise((resolve) => map.on("load", resolve)).then(async () => {
      const answer = await fetch(drawn.dataset.names);
      if (answer.ok) draw(map, await answer.json());
    })
  : Promise.resolve();

/** What the part of the findings tells the table and the map. */
async function told() {
  const checked = document.getElementById("checked");
  if (!checked) return;
  const counted = JSON.parse(checked.dataset.counted);
  for (const cell of document.querySelectorAll(".counted")) {
    const count = counted[cell.dataset.of] ?? 0;
    cell.replaceChildren(count ? Object.assign(document.createElement("span"), { className: "badge warn", textContent: String(count) }) : "0");
  }
  await ready;
  if (map) besides(map, JSON.parse(checked.dataset.others));
}

const later = document.getElementById("later");
if (later) {
  const state = later.querySelector(".state");
  const link = later.querySelector("p:last-child");
  state.hidden = false;
  link.hidden = true;
  try {
    const answer = await fetch(later.dataset.part);
    if (!answer.ok) throw new Error(String(answer.status));
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    later.replaceWith(part.getElementById("checked"));
  } catch {
    state.replaceChildren(Object.assign(document.createElement("p"), { className: "wrong", textContent: later.dataset.failed }));
    link.hidden = false;
  }
}
await told();
