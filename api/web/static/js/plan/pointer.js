// What the pointer does on the map: hold a facility and drag it, put a new one, click who lives where, see names.
import * as figures from "../figures.js";
import { toast } from "../page.js";
import { map } from "./canvas.js";
import { $, mayTry, root, words } from "./dom.js";
import { closeInspector, inspectFacility, inspectPoint, isInspecting } from "./inspector.js";
import { under } from "./layers.js";
import { choose, setLevel } from "./lists.js";
import { add, centre, keep, put } from "./scenario.js";
import { answerOf, state } from "./state.js";

/** Nearer than this a press that moved is a click, in px. */
const CLICK_PX = 3;

const FACILITIES = ["edited", "run-facilities"];

const isAdding = () => $("add").getAttribute("aria-pressed") === "true";

/** @param {boolean} on */
function setAdding(on) {
  $("add").setAttribute("aria-pressed", String(on));
  cursor(on ? "crosshair" : "");
}

/** @param {string} shape */
function cursor(shape) {
  if (map) map.getCanvas().style.cursor = shape;
}

/** Say something beside the pointer. @param {{x: number, y: number} | null} at null: nothing @param {string} [text] left out: what the edits come to */
function beside(at, text) {
  const label = $(text === undefined ? "follow" : "under-pointer");
  label.hidden = at === null;
  if (at === null) return;
  if (text !== undefined) label.textContent = text;
  label.style.transform = `translate(${at.x + 16}px, ${at.y - 36}px)`;
}

/** @param {any} event */
function pressed(event) {
  const isMouse = event.type === "mousedown";
  // One facility is held at a time, by the first button or one finger.
  if (event.defaultPrevented || event.points?.length > 1 || (isMouse && event.originalEvent.button !== 0) || isAdding()) return;
  const { fid } = event.features[0].properties;
  const edit = state.edits.get(fid)?.do;
  // Of what is edited the new mark is taken, not the place where it was.
  if (edit && event.features[0].layer.id === "run-facilities") return;
  event.preventDefault();
  const { run } = state;
  let isMoved = false;
  const moving = (/** @type {any} */ to) => {
    if (!mayTry || edit === "close" || run !== state.run || (!isMoved && to.point.dist(event.point) < CLICK_PX)) return;
    if (!isMoved) {
      keep();
      beside(null, "");
      // What lies over the map lets the pointer through: it may be dragged across.
      root.classList.add("dragging");
    }
    isMoved = true;
    beside(to.point);
    put(fid, to.lngLat);
  };
  const moves = isMouse ? "mousemove" : "touchmove";
  // Wherever it is let go: beside the map too.
  const ends = isMouse ? ["mouseup", "blur"] : ["touchend", "touchcancel"];
  const letGo = () => {
    map.off(moves, moving);
    for (const end of ends) removeEventListener(end, letGo);
    root.classList.remove("dragging");
    beside(null);
    if (!isMoved && run === state.run) inspectFacility(fid);
  };
  map.on(moves, moving);
  for (const end of ends) addEventListener(end, letGo);
}

/** @param {any} event */
function clicked(event) {
  if (!state.run) return;
  if (isAdding()) {
    setAdding(false);
    document.querySelector(".toasts").replaceChildren();
    add(event.lngLat);
    return;
  }
  if (under(map, event.point, FACILITIES, 2).length) return;
  const [point] = under(map, event.point, ["points"], 4);
  if (point) {
    inspectPoint(point.properties.at);
    return;
  }
  const level = $("level").value;
  const areas = under(map, event.point, ["areas"], 0).filter((/** @type {any} */ each) => state.zones.some((zone) => zone.code === each.properties.code));
  const area = areas.find((/** @type {any} */ each) => each.properties.level === level) ?? areas[0];
  if (!area) return;
  if (area.properties.level !== level) setLevel(area.properties.level);
  choose(area.properties.code, { reveal: true });
}

/** @param {number} at */
function told(at) {
  const answer = answerOf(at);
  const far = answer.minutes === null ? words.point_states[answer.state] : words.so_many_minutes.replace("{minutes}", figures.minutes(answer.minutes));
  return `${figures.whole(state.columns.points.demand[at])} ${words.people} · ${far}`;
}

/** What lies under the pointer says what it is; while anything is held, nothing is looked up. @param {any} event */
function hovered(event) {
  if (isAdding() || event.originalEvent.buttons || !state.run || !map.getLayer("points")) return;
  const [found] = map.queryRenderedFeatures(event.point, { layers: [...FACILITIES, "points"] });
  const isPoint = found?.layer.id === "points";
  cursor(!found ? "" : isPoint || !mayTry ? "pointer" : "grab");
  if (!found) beside(null, "");
  else beside(event.point, isPoint ? told(found.properties.at) : found.properties.name);
}

if (map) {
  for (const layer of FACILITIES) {
    map.on("mousedown", layer, pressed);
    map.on("touchstart", layer, pressed);
  }
  map.on("mousemove", hovered);
  map.on("mouseout", () => beside(null, ""));
  map.on("click", clicked);
}

$("add").addEventListener("click", (/** @type {MouseEvent} */ event) => {
  // By the keyboard there is nothing to point with: it goes to the middle of the map, to be moved from there.
  if (event.detail === 0) return add(centre());
  setAdding(!isAdding());
  if (isAdding()) toast(words.click_map);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (isAdding()) setAdding(false);
  else if (isInspecting()) closeInspector();
});
for (const id of ["undo", "reset"]) $(id).addEventListener("click", closeInspector);
$("places").addEventListener("click", (/** @type {any} */ event) => {
  const row = event.target.closest("tbody tr");
  if (row) inspectFacility(Number(row.dataset.fid), { go: true });
});
$("zones").addEventListener("click", (/** @type {any} */ event) => {
  const row = event.target.closest("tbody tr");
  if (!row) return;
  choose(row.dataset.code, { go: true });
  // A village is its people: the most of them are shown.
  const { points } = state.columns;
  if ($("level").value !== "village" || !points) return;
  let most = -1;
  points.division.forEach((/** @type {string | null} */ code, /** @type {number} */ at) => {
    if (code === row.dataset.code && (most < 0 || points.demand[at] > points.demand[most])) most = at;
  });
  if (most >= 0) inspectPoint(most);
});
