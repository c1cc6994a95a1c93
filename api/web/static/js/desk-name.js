// A name's place is drawn on the map, or typed: the field holds what is sent, the map shows it and writes into it.

import { openMap, token } from "./map.js";

/** @typedef {[number, number]} Position */

const place = document.getElementById("map");
const about = document.getElementById("case");
const field = /** @type {HTMLTextAreaElement | null} */ (document.querySelector("textarea[name=geometry]"));
const shape = /** @type {HTMLSelectElement | null} */ (document.querySelector("select[name=shape]"));
const said = document.getElementById("draw-said");
const tools = document.querySelector(".tools");
const words = about?.dataset.words ? JSON.parse(about.dataset.words) : {};
const EARTH_M = 6_371_008.8;

/** The positions that the field says, one a line; null where it holds something else (GeoJSON, or nothing that can be read). @returns {Position[] | null} */
function typed() {
  const text = field.value.trim();
  if (text.startsWith("{")) return null;
  const pairs = text.split(/[;；\n]/).filter((line) => line.trim()).map((line) => line.trim().split(/[,，\s]+/).map(Number));
  return pairs.every((pair) => pair.length === 2 && pair.every(Number.isFinite)) ? /** @type {Position[]} */ (pairs) : null;
}

/** @param {Position[]} positions */
function write(positions) {
  field.value = positions.map(([lon, lat]) => `${lon.toFixed(6)},${lat.toFixed(6)}`).join("\n");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** What the field says, as GeoJSON; null where that is nothing. */
function geometry() {
  const positions = typed();
  if (positions === null) {
    try {
      const found = JSON.parse(field.value);
      return found.type === "Feature" ? found.geometry : found;
    } catch {
      return null;
    }
  }
  if (!positions.length) return null;
  if (positions.length === 1) return { type: "Point", coordinates: positions[0] };
  if (shape.value === "Polygon" && positions.length > 2) {
    const closed = same(positions[0], positions.at(-1)) ? positions : [...positions, positions[0]];
    return { type: "Polygon", coordinates: [closed] };
  }
  return { type: "LineString", coordinates: positions };
}

/** @param {Position} one @param {Position} other */
const same = (one, other) => one[0] === other[0] && one[1] === other[1];

/** Metres from one position to the other, on a sphere. @param {Position} one @param {Position} other */
function apart([west, south], [east, north]) {
  const turn = Math.PI / 180;
  const a = Math.sin(((north - south) * turn) / 2) ** 2 + Math.cos(south * turn) * Math.cos(north * turn) * Math.sin(((east - west) * turn) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(a));
}

/** @param {any} map */
async function begin(map) {
  const empty = { type: "FeatureCollection", features: [] };
  const answer = await fetch(about.dataset.names);
  const names = answer.ok ? await answer.json() : empty;
  const others = { ...names, features: names.features.filter((each) => each.properties.line !== about.dataset.own) };
  const own = names.features.find((each) => each.properties.line === about.dataset.own);
  map.addSource("others", { type: "geojson", data: others });
  map.addLayer({ id: "others", type: "line", source: "others", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": token("muted"), "line-width": 3 } });
  map.addLayer({ id: "others-said", type: "symbol", source: "others", layout: { "text-field": ["get", "name"], "text-size": 12 }, paint: { "text-color": token("muted"), "text-halo-color": token("surface"), "text-halo-width": 2 } });
  const near = { type: "FeatureCollection", features: JSON.parse(about.dataset.near || "[]") };
  map.addSource("near", { type: "geojson", data: near });
  map.addLayer({ id: "near-line", type: "line", source: "near", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": token("muted"), "line-width": 2, "line-dasharray": [2, 2] } });
  map.addLayer({ id: "near-point", type: "circle", source: "near", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 4, "circle-color": token("muted"), "circle-stroke-color": token("surface"), "circle-stroke-width": 1 } });
  map.addLayer({ id: "near-said", type: "symbol", source: "near", layout: { "text-field": ["get", "name"], "text-size": 12, "text-offset": [0, 0.8], "text-anchor": "top" }, paint: { "text-color": token("muted"), "text-halo-color": token("surface"), "text-halo-width": 2 } });
  map.addSource("own", { type: "geojson", data: own ?? empty });
  map.addLayer({ id: "own-area", type: "fill", source: "own", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": token("accent"), "fill-opacity": 0.2 } });
  map.addLayer({ id: "own-line", type: "line", source: "own", filter: ["!=", ["geometry-type"], "Point"], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": token("accent"), "line-width": 5 } });
  map.addLayer({ id: "own-point", type: "circle", source: "own", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 9, "circle-color": token("accent"), "circle-stroke-color": token("surface"), "circle-stroke-width": 3 } });
  if (!field) return;
  map.addSource("corners", { type: "geojson", data: empty });
  map.addLayer({ id: "corners", type: "circle", source: "corners", paint: { "circle-radius": 6, "circle-color": token("surface"), "circle-stroke-color": token("accent"), "circle-stroke-width": 3 } });

  const show = () => {
    const drawn = geometry();
    map.getSource("own").setData(drawn ? { type: "Feature", geometry: drawn, properties: {} } : empty);
    const positions = typed() ?? [];
    map.getSource("corners").setData({ type: "FeatureCollection", features: positions.map((at, number) => ({ type: "Feature", geometry: { type: "Point", coordinates: at }, properties: { number } })) });
    const length = positions.slice(1).reduce((sum, at, before) => sum + apart(positions[before], at), 0);
    const told = positions.length ? [words.points.replace("{count}", String(positions.length))] : [];
    if (shape.value === "LineString" && positions.length > 1) told.push(words.length.replace("{metres}", Math.round(length).toLocaleString("en")));
    if (drawing) told.unshift(words.drawing);
    said.textContent = told.join(" ");
  };

  let drawing = false;
  const draw = tools.querySelector("[data-tool=draw]");
  const turn = (/** @type {boolean} */ on) => {
    drawing = on;
    draw.setAttribute("aria-pressed", String(on));
    map.getCanvas().style.cursor = on ? "crosshair" : "";
    map.doubleClickZoom[on ? "disable" : "enable"]();
    show();
  };
  tools.hidden = false;
  draw.addEventListener("click", () => turn(!drawing));
  tools.querySelector("[data-tool=undo]").addEventListener("click", () => write((typed() ?? []).slice(0, -1)));
  tools.querySelector("[data-tool=clear]").addEventListener("click", () => write([]));
  field.addEventListener("input", show);
  shape.addEventListener("input", show);

  let dragged = false;
  map.on("click", (event) => {
    if (!drawing || dragged) return;
    const at = /** @type {Position} */ ([event.lngLat.lng, event.lngLat.lat]);
    const positions = typed();
    if (positions === null) return;
    write(shape.value === "Point" ? [at] : [...positions, at]);
    if (shape.value === "Point") turn(false);
  });
  map.on("dblclick", () => {
    if (!drawing) return;
    // The second of the two clicks was taken as a point of its own.
    write((typed() ?? []).slice(0, -1));
    turn(false);
  });
  map.on("mousedown", "corners", (event) => {
    event.preventDefault();
    const number = event.features[0].properties.number;
    const move = (/** @type {any} */ moved) => {
      dragged = true;
      const positions = typed() ?? [];
      positions[number] = [moved.lngLat.lng, moved.lngLat.lat];
      write(positions);
    };
    map.on("mousemove", move);
    map.once("mouseup", () => {
      map.off("mousemove", move);
      // The click that ends a drag adds no point.
      setTimeout(() => (dragged = false));
    });
  });
  show();
}

const map = place && about && window.maplibregl ? openMap(place) : null;
if (map) map.on("load", () => begin(map));
