// A scenario: facilities moved, added, closed. Every question carries all edits; only the newest is asked next, so answers keep up.
import * as figures from "../figures.js";
import { read, written } from "./address.js";
import { Refused, Unanswered, patience, post } from "./api.js";
import { map } from "./canvas.js";
import { $, element, fail, instead, mayTry, note, root, words } from "./dom.js";
import { editedPlaces, on, placeOf, state, tell } from "./state.js";

/** @typedef {import("./state.js").Edit} Edit */

/** For so long at most a page that is edited all the time shows what was, in ms. */
const STALE_MS = 200;

/** @param {Map<number, Edit>} edits */
export const listed = (edits) => [...edits].map(([fid, edit]) => (fid < 0 ? { do: "add", lon: edit.lon, lat: edit.lat } : edit));

/** Keep how things stand, so that undoing brings it back. */
export const keep = () => state.history.push(new Map(state.edits));

function edited() {
  root.dataset.wanted = written(state.edits);
  tell("edits");
  refresh();
}

/** @param {number} fid @param {Edit | null} edit null: as the run has it */
export function change(fid, edit) {
  const now = new Map(state.edits);
  if (edit) now.set(fid, edit);
  else now.delete(fid);
  state.edits = now;
  edited();
}

/** @param {number} fid below 0 for a new one @param {{lng: number, lat: number}} where */
export const put = (fid, { lng, lat }) => change(fid, fid < 0 ? { do: "add", lon: lng, lat } : { do: "move", facility: fid, lon: lng, lat });

/** A facility that isn't there yet. @param {{lng: number, lat: number}} where */
export function add(where) {
  keep();
  state.added -= 1;
  put(state.added, where);
}

function undo() {
  state.edits = state.history.pop() ?? new Map();
  edited();
}

function reset() {
  keep();
  state.edits = new Map();
  edited();
}

/** Begin with the edits of an address. @param {string} text */
export function setEdits(text) {
  state.edits = read(text);
  const lost = text.split("~").filter(Boolean).length - state.edits.size;
  if (!mayTry && state.edits.size) {
    note(words.no_edits.replace("{count}", String(state.edits.size)));
    state.edits = new Map();
    state.untried = text;
    return;
  }
  if (lost) note(words.lost_edits.replace("{count}", String(lost)));
  begin();
}

/** Go on with the edits of the run before, as far as this run counts their facilities. @param {Map<number, Edit>} edits */
export function goOnWith(edits) {
  state.edits = new Map([...edits].filter(([fid]) => fid < 0 || state.facilityAt.has(fid)));
  state.added = Math.min(0, ...state.edits.keys());
  begin();
}

function begin() {
  state.history = state.edits.size ? [new Map()] : [];
  if (state.edits.size || state.outlook) edited();
}

// What the edits come to ----------------------------------------------------------------------------------------------

/** Edits rest when none came for so long, in ms: what takes longer than a frame waits for that. */
const REST_MS = 250;

let resting = 0;
let isAsking = false;
let isWanted = false;
let shownAt = 0;
/** Ends the wait for a better moment. */
let nudge = () => {};
addEventListener("online", () => nudge());

async function refresh() {
  isWanted = true;
  clearTimeout(resting);
  nudge();
  if (isAsking) return;
  isAsking = true;
  try {
    for (let failures = 0; isWanted; ) {
      isWanted = false;
      const { run, edits } = state;
      try {
        const outlook = edits.size ? await post("/api/v1/coverage/live", { run: run.id, edits: listed(edits) }) : null;
        failures = 0;
        if (run !== state.run) continue;
        // What is out of date already is shown only where the page would else stand still.
        if (isWanted && performance.now() - shownAt < STALE_MS) continue;
        shownAt = performance.now();
        show(outlook, edits);
        if (!isWanted) resting = window.setTimeout(() => tell("settled"), REST_MS);
      } catch (error) {
        if (!(error instanceof Refused || error instanceof Unanswered)) throw error;
        if (run !== state.run) continue;
        root.dataset.stale = "true";
        fail(error instanceof Refused ? error.message : words.offline);
        // What is refused would be refused again; what wasn't answered is asked again, a newer edit at once.
        if (error instanceof Refused || isWanted) continue;
        isWanted = true;
        await waited(patience(failures++));
      }
    }
  } finally {
    isAsking = false;
  }
}

/** @param {number} ms at most */
const waited = (ms) =>
  new Promise((resolve) => {
    nudge = () => resolve(undefined);
    setTimeout(resolve, ms);
  });

/** @param {any} answer @param {Map<number, Edit>} edits that it is about */
function show(answer, edits) {
  fail(null);
  delete root.dataset.stale;
  state.outlook = answer && { ...answer, edits: [...edits], at: new Map(answer.points.fid.map((/** @type {number} */ fid, /** @type {number} */ at) => [fid, at])) };
  tell("outlook");
  root.dataset.edits = String(edits.size);
  root.dataset.shown = written(edits);
}

// The bar over the map -------------------------------------------------------------------------------------------------

/** @type {(fid: number) => void} */
let inspects = () => {};
/** @param {(fid: number) => void} work what a click on an edit's name does */
export const onName = (work) => (inspects = work);

function listEdits() {
  $("undo").disabled = state.history.length === 0;
  $("reset").disabled = state.edits.size === 0;
  $("edits").replaceChildren(
    ...editedPlaces().map((each) => {
      const name = element("button", { type: "button", className: "plain", textContent: `${words.edits[each.edit]} ${each.name}` });
      name.addEventListener("click", () => inspects(each.fid));
      const remove = element("button", { type: "button", className: "remove", textContent: "✕", ariaLabel: `${words.put_back} ${each.name}` });
      remove.addEventListener("click", () => {
        keep();
        change(each.fid, null);
      });
      return element("li", {}, name, " ", remove);
    }),
  );
}

function balance() {
  const { outlook } = state;
  $("balance").replaceChildren(...(mayTry ? [words.drag] : instead(words.try_after, words.no_try)));
  $("follow").replaceChildren();
  if (!outlook) return;
  const part = (/** @type {string} */ className, /** @type {number} */ count) => element("span", { className, textContent: figures.signed(count) });
  const parts = () => [part("gain", outlook.gained), " / ", part("loss", -outlook.lost), ` ${words.people}`];
  $("follow").replaceChildren(...parts());
  $("balance").replaceChildren(...parts(), ...offRoad());
}

/** Which of the facilities that were put somewhere nobody can reach. */
function offRoad() {
  const { edits, placed } = state.outlook;
  const names = placed.filter((/** @type {any} */ each) => !each.snapped).map((/** @type {any} */ each) => placeOf(edits[each.edit][0])?.name);
  return names.length ? [element("br"), `${names.join(words.comma)}${words.colon}${words.off_road}`] : [];
}

on("run", () => {
  delete root.dataset.stale;
  root.dataset.edits = "0";
  root.dataset.shown = root.dataset.wanted = "";
  listEdits();
  balance();
});
on("edits", listEdits);
on("outlook", balance);
$("undo").addEventListener("click", undo);
$("reset").addEventListener("click", reset);

/** Where what has no place of its own is put. */
export const centre = () => map.getCenter();
