// What /plan draws on its map: who lives where and how far they have it, the run's facilities, a way, a division.
import { MINUTES, classOf } from "../classes.js";
import { easing, token } from "../map.js";
import { NARROW } from "./dom.js";

const EMPTY = { type: "FeatureCollection", features: [] };
const change = ["coalesce", ["feature-state", "change"], 0];

/** @param {number[]} lon @param {number[]} lat */
export function boundsOf(lon, lat) {
  const box = new maplibregl.LngLatBounds();
  lon.forEach((each, at) => box.extend([each, lat[at]]));
  return box;
}

/** @param {any} geometry GeoJSON */
export function boundsOfGeometry(geometry) {
  const box = new maplibregl.LngLatBounds();
  const take = (/** @type {any} */ part) => (typeof part[0] === "number" ? box.extend(part) : part.forEach(take));
  take(geometry.coordinates);
  return box;
}

/** Room at the map's edges for what lies over it, in px; on a phone that is above and below. */
const ROOM = NARROW.matches ? { top: 64, bottom: 56, left: 24, right: 24 } : 40;

/** @param {any} map @param {any} box */
export const fit = (map, box) => box.isEmpty() || map.fitBounds(box, { padding: ROOM, maxZoom: 15, duration: easing() });

/**
 * Add the page's own layers, between the base map's lines and its names.
 * @param {any} map @param {{colour: string}[]} classes @param {Record<string, {letter: string, colour: string[]}>} marks by kind
 */
export function addLayers(map, classes, marks) {
  const under = map.getStyle().layers.find((/** @type {any} */ layer) => layer.type === "symbol")?.id;
  for (const id of ["points", "run-facilities", "edits", "moves", "way"]) map.addSource(id, { type: "geojson", data: EMPTY });
  const byClass = ["match", ["coalesce", ["feature-state", "class"], ["get", "class"]], ...classes.flatMap((each, at) => [at, each.colour]), "#888888"];
  const level = { source: "base", "source-layer": "divisions" };
  // Nothing to see, but something to click: the areas of the level that the table shows.
  map.addLayer({ id: "areas", type: "fill", ...level, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-opacity": 0 } }, under);
  map.addLayer(
    { id: "chosen-area", type: "fill", ...level, filter: ["==", ["get", "code"], ""], paint: { "fill-color": token("accent"), "fill-opacity": 0.12 } },
    under,
  );
  map.addLayer(
    { id: "chosen-line", type: "line", ...level, filter: ["==", ["get", "code"], ""], paint: { "line-color": token("accent"), "line-width": 2.5 } },
    under,
  );
  map.addLayer(
    {
      id: "points",
      type: "circle",
      source: "points",
      paint: {
        "circle-color": byClass,
        "circle-radius": ["interpolate", ["exponential", 1.6], ["zoom"], 7, ["*", 0.6, ["get", "size"]], 11, ["get", "size"], 16, ["*", 3, ["get", "size"]]],
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 9, ["case", ["!=", change, 0], 2, 0], 11, ["case", ["!=", change, 0], 2.5, 0.5]],
        "circle-stroke-color": ["match", change, 1, token("gained"), -1, token("lost"), token("edge")],
      },
    },
    under,
  );
  map.addLayer({ id: "way-halo", type: "line", source: "way", paint: { "line-color": token("surface"), "line-width": 7 } }, under);
  map.addLayer({ id: "way", type: "line", source: "way", paint: { "line-color": token("accent"), "line-width": 4 } }, under);
  map.addLayer({ id: "moves", type: "line", source: "moves", paint: { "line-color": token("text"), "line-width": 1.5, "line-dasharray": [2, 2] } }, under);
  // Whoever is edited is drawn anew on top, so that following a pointer moves one mark and not all.
  const whole = ["case", ["boolean", ["feature-state", "edited"], false], 0, 1];
  const names = { "text-field": ["get", "name"], "text-size": 12, "text-anchor": "top", "text-offset": [0, 1], "text-max-width": 10, "text-optional": true };
  const written = { "text-color": token("text"), "text-halo-color": token("surface"), "text-halo-width": 1.6 };
  const isDark = Number(getComputedStyle(document.documentElement).colorScheme === "dark");
  const byKind = (/** @type {(mark: {letter: string, colour: string[]}) => string} */ of, /** @type {string} */ otherwise) => [
    "match",
    ["get", "kind"],
    ...Object.entries(marks).flatMap(([kind, mark_]) => [kind, of(mark_)]),
    otherwise,
  ];
  const kindColour = byKind((each) => each.colour[isDark], token("text"));
  const letters = { "text-field": byKind((each) => each.letter, "＋"), "text-size": 11, "text-allow-overlap": true, "text-ignore-placement": true };
  const radius = (/** @type {number} */ far, /** @type {number} */ near) => ["interpolate", ["linear"], ["zoom"], 8, far, 10, near, 12, 9, 14, 11];
  map.addLayer({
    id: "run-facilities",
    type: "circle",
    source: "run-facilities",
    paint: {
      // From afar the people matter; whoever is to be dragged is seen from near.
      "circle-radius": radius(1.2, 3),
      "circle-color": kindColour,
      "circle-opacity": whole,
      "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 8, 0.3, 10, 1, 12, 2],
      "circle-stroke-color": token("surface"),
      "circle-stroke-opacity": whole,
    },
  });
  map.addLayer({ id: "run-facility-letters", type: "symbol", source: "run-facilities", minzoom: 12, layout: letters, paint: { "text-color": token("surface"), "text-opacity": whole } });
  map.addLayer({ id: "run-facility-names", type: "symbol", source: "run-facilities", minzoom: 12, layout: names, paint: { ...written, "text-opacity": whole } });
  map.addLayer({
    id: "edited",
    type: "circle",
    source: "edits",
    paint: {
      "circle-radius": radius(5, 6),
      "circle-color": ["match", ["get", "edit"], "close", token("surface"), token("accent")],
      "circle-stroke-width": 2,
      "circle-stroke-color": ["match", ["get", "edit"], "close", token("muted"), token("surface")],
    },
  });
  map.addLayer({ id: "edited-letters", type: "symbol", source: "edits", minzoom: 12, layout: letters, paint: { "text-color": ["match", ["get", "edit"], "close", token("muted"), token("surface")] } });
  map.addLayer({ id: "edited-names", type: "symbol", source: "edits", minzoom: 12, layout: names, paint: written });
}

/** A run draws its own facilities: those that it didn't count would only confuse. @param {any} map */
export function hideOthers(map) {
  for (const layer of map.getStyle().layers) if (layer.id.startsWith("facilities-")) map.setLayoutProperty(layer.id, "visibility", "none");
}

/** @param {any} map @param {any} points the run's, column by column; null where there are too many to be drawn one by one */
export function drawPoints(map, points) {
  map.getSource("points").setData({
    type: "FeatureCollection",
    features: (points?.fid ?? []).map((/** @type {number} */ fid, /** @type {number} */ at) => ({
      type: "Feature",
      id: fid,
      geometry: { type: "Point", coordinates: [points.lon[at], points.lat[at]] },
      properties: { at, class: classOf(points.state[at], points.minutes[at]), size: 1.5 + Math.min(4, Math.sqrt(points.demand[at]) / 8) },
    })),
  });
  map.removeFeatureState({ source: "points" });
}

/** Instead of single points, of which there are too many: the run's tiles. @param {any} map @param {string | null} run null for none @param {{colour: string}[]} classes */
export function drawTiles(map, run, classes) {
  if (map.getLayer("run-tiles")) map.removeLayer("run-tiles");
  if (map.getSource("run-tiles")) map.removeSource("run-tiles");
  if (run === null) return;
  map.addSource("run-tiles", { type: "vector", url: `/tiles/coverage.json?run=${run}` });
  // The first class whose end isn't passed; who isn't covered comes before all of them.
  const within = MINUTES.slice(0, -1).flatMap((end, at) => [["<=", ["get", "minutes"], end], classes[at].colour]);
  map.addLayer(
    {
      id: "run-tiles",
      type: "circle",
      source: "run-tiles",
      "source-layer": "coverage",
      paint: {
        "circle-color": ["case", ["!=", ["get", "state"], "covered"], classes.at(-1).colour, ...within, classes.at(-2).colour],
        "circle-radius": ["interpolate", ["linear"], ["sqrt", ["get", "people"]], 0, 2, 60, 8],
        "circle-stroke-width": 0.5,
        "circle-stroke-color": token("edge"),
      },
    },
    "way-halo",
  );
}

/** @typedef {import("./state.js").Place} Place */

/** @param {Place} place */
const mark = (place) => ({ type: "Feature", id: place.fid, geometry: { type: "Point", coordinates: [place.lon, place.lat] }, properties: { fid: place.fid, name: place.name, kind: place.kind, edit: place.edit } });

/** @param {any} map @param {Place[]} places */
export function drawFacilities(map, places) {
  map.getSource("run-facilities").setData({ type: "FeatureCollection", features: places.map(mark) });
  map.removeFeatureState({ source: "run-facilities" });
}

/** Draw what is edited, instead of what it was. @param {any} map @param {Place[]} edited @param {Iterable<number>} before those that were edited */
export function drawEdits(map, edited, before) {
  const now = new Set(edited.map((each) => each.fid));
  for (const fid of before) if (!now.has(fid)) map.removeFeatureState({ source: "run-facilities", id: fid });
  for (const fid of now) if (fid > 0) map.setFeatureState({ source: "run-facilities", id: fid }, { edited: true });
  map.getSource("edits").setData({ type: "FeatureCollection", features: edited.map((each) => ({ ...mark(each), id: undefined })) });
  map.getSource("moves").setData({
    type: "FeatureCollection",
    features: edited.filter((each) => each.from).map((each) => ({ type: "Feature", geometry: { type: "LineString", coordinates: [each.from, [each.lon, each.lat]] }, properties: {} })),
  });
}

/** @param {any} map @param {any} line GeoJSON, or null for none */
export const drawWay = (map, line) => map.getSource("way").setData(line ? { type: "Feature", geometry: line, properties: {} } : EMPTY);

/** @param {any} map @param {string} code of the division that is chosen, or "" */
export function drawChosen(map, code) {
  for (const id of ["chosen-area", "chosen-line"]) map.setFilter(id, ["all", ["==", ["get", "code"], code], ["==", ["geometry-type"], "Polygon"]]);
}

/** @param {any} map @param {{x: number, y: number}} at @param {string[]} layers @param {number} reach px */
export const under = (map, at, layers, reach) =>
  map.queryRenderedFeatures(
    [
      [at.x - reach, at.y - reach],
      [at.x + reach, at.y + reach],
    ],
    { layers: layers.filter((id) => map.getLayer(id)) },
  );
