// The address says what is shown: the run, the view, the edits, the tables, what is chosen. Sent to somebody, it shows them the same.
import { map } from "./canvas.js";
import { listView } from "./lists.js";
import { on, state } from "./state.js";

/** @typedef {import("./state.js").Edit} Edit */

/** @param {Map<number, Edit>} edits */
export const written = (edits) =>
  [...edits].map(([fid, edit]) => (edit.do === "close" ? `x${fid}` : `${edit.do === "add" ? "a" : `m${fid}`}_${edit.lon.toFixed(6)}_${edit.lat.toFixed(6)}`)).join("~");

/** The edits of an address; what was cut off on the way is left out. @param {string} text @returns {Map<number, Edit>} */
export function read(text) {
  const edits = new Map();
  for (const part of text.split("~").filter(Boolean)) {
    const [what, lon, lat] = part.split("_");
    const facility = Number(what.slice(1));
    const isPlace = Math.abs(Number(lon)) <= 180 && Math.abs(Number(lat)) <= 90;
    if (what.startsWith("a") ? !isPlace : !state.facilityAt.has(facility) || (what.startsWith("m") && !isPlace)) continue;
    if (what.startsWith("x")) edits.set(facility, { do: "close", facility });
    else if (what.startsWith("m")) edits.set(facility, { do: "move", facility, lon: Number(lon), lat: Number(lat) });
    else edits.set(--state.added, { do: "add", lon: Number(lon), lat: Number(lat) });
  }
  return edits;
}

let remembering = 0;
/** The address that this page wrote or opened last: another one is somebody's who is about to be heard. */
let known = location.hash;

/** Browsers refuse an address that changes too often. */
export function remember() {
  remembering ||= window.setTimeout(() => {
    remembering = 0;
    if (location.hash !== known) return;
    history.replaceState(null, "", address());
    known = location.hash;
  }, 200);
}

/** Somebody wrote another address: what was to be remembered of before isn't written over it. */
export function heard() {
  clearTimeout(remembering);
  remembering = 0;
  known = location.hash;
}

/** Turn to a run: the address before stays one step back. @param {string} run */
export function turnTo(run) {
  history.pushState(null, "", `${location.pathname}${location.search}#run=${run}`);
  heard();
}

function address() {
  const now = new URLSearchParams();
  if (state.run) now.set("run", state.run.id);
  if (map) {
    const { lng, lat } = map.getCenter();
    now.set("at", `${map.getZoom().toFixed(2)}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
  }
  if (state.run) for (const [name, value] of Object.entries(listView())) now.set(name, value);
  if (state.chosen) now.set("division", state.chosen);
  if (state.point !== null) now.set("point", String(state.point));
  if (state.facility !== null) now.set("facility", String(state.facility));
  if (state.edits.size) now.set("edits", written(state.edits));
  else if (state.untried) now.set("edits", state.untried);
  return `${location.pathname}${location.search}#${now.toString().replaceAll("%2F", "/").replaceAll("%7E", "~")}`;
}

/** @type {import("./state.js").What[]} */
const EVERYTHING = ["run", "edits", "chosen", "way", "view"];
for (const what of EVERYTHING) on(what, remember);
map?.on("moveend", remember);
