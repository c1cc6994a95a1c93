// The map, drawn from the state. Where there is none (no WebGL, no style), the question and its answer in tables work all the same.
import { openFacilities } from "../atlas.js";
import { classOf, classes } from "../classes.js";
import { openMap } from "../map.js";
import { $, words } from "./dom.js";
import { addLayers, drawChosen, drawEdits, drawFacilities, drawPoints, drawTiles, drawWay, hideOthers } from "./layers.js";
import { editedPlaces, on, placeOf, state } from "./state.js";

export const CLASSES = classes(words.uncovered);

/** What the page's address says. */
export const link = () => new URLSearchParams(location.hash.slice(1));

/** The camera of an address; null where it says none. @param {string | null} at @returns {{center: [number, number], zoom: number} | null} */
export function viewOf(at) {
  const [zoom, lat, lon] = (at ?? "").split("/").map(Number);
  return [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { center: [lon, lat], zoom } : null;
}

const view = viewOf(link().get("at"));
export const map = openMap($("map"), view ? { ...view, bounds: undefined } : {});

let isReady = false;
map?.once("load", () => {
  addLayers(map, CLASSES, words.marks);
  isReady = true;
  if (state.run) drawAll();
});

/** Draw, if there is a map to draw on; else all of it is drawn once there is. @param {() => void} work */
const draw = (work) => () => isReady && work();

/** @type {number[]} facilities that are drawn as edited */
let marked = [];
/** @type {number[]} points that are drawn as the edits leave them */
let touched = [];

function drawAll() {
  const { columns, run } = state;
  hideOthers(map);
  drawPoints(map, columns.points);
  drawTiles(map, columns.points ? null : run.id, CLASSES);
  drawFacilities(map, columns.facilities.fid.map(placeOf));
  marked = [];
  touched = [];
  drawEdited();
  drawOutlook();
  drawChosen(map, state.chosen);
  drawWay(map, state.way);
}

function drawEdited() {
  const now = editedPlaces();
  drawEdits(map, now, marked);
  marked = now.map((each) => each.fid).filter((fid) => fid > 0);
}

/** The points as the edits leave them; those that no edit touches any longer as the run has them. */
function drawOutlook() {
  const { columns, outlook, positions } = state;
  if (!columns.points) return;
  for (const fid of touched) if (!outlook?.at.has(fid)) map.removeFeatureState({ source: "points", id: fid });
  touched = outlook?.points.fid ?? [];
  touched.forEach((fid, at) => {
    const before = columns.points.state[positions.get(fid)] === "covered";
    const after = outlook.points.state[at] === "covered";
    map.setFeatureState({ source: "points", id: fid }, { class: classOf(outlook.points.state[at], outlook.points.minutes[at]), change: Number(after) - Number(before) });
  });
}

on("run", () => map?.resize());
on("run", draw(drawAll));
on("edits", draw(drawEdited));
on("outlook", draw(drawOutlook));
on("chosen", draw(() => drawChosen(map, state.chosen)));
on("way", draw(() => drawWay(map, state.way)));

// Before a run is shown, the map is the registry's: clusters open, facilities have a page.
if (map) on("run", openFacilities(map, $("under-pointer")));
