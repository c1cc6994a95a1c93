// Everything that the page shows follows from `state`. Who changes it tells so, and each part of the page redraws what is its own.
import { words } from "./dom.js";

/**
 * @typedef {{do: string, facility?: number, lon?: number, lat?: number}} Edit
 * @typedef {{fid: number, name: string, kind: string, lon: number, lat: number, edit: string, from: [number, number] | null}} Place
 */
export const state = {
  /** @type {any} */ run: null,
  /** @type {any} the run's points and facilities, column by column; points are null where there are too many */ columns: null,
  /** @type {any[]} */ zones: [],
  /** @type {Map<number, Edit>} by facility; new ones have numbers below 0 */ edits: new Map(),
  /** @type {Map<number, Edit>[]} */ history: [],
  /** @type {any} what edits come to, with those `edits` in their order; null without any */ outlook: null,
  /** @type {Map<number, number>} where a point's `fid` stands in the columns */ positions: new Map(),
  /** @type {Map<number, number>} likewise a facility's */ facilityAt: new Map(),
  /** @type {string} code of the division that is chosen */ chosen: "",
  /** edits of an address that whoever looks may not try: they go on with it, to where one signs in and back */ untried: "",
  /** @type {number | null} `fid` of the point that is looked at */ point: null,
  /** @type {number | null} `fid` of the facility that is looked at */ facility: null,
  /** @type {any} the line of its way, as GeoJSON */ way: null,
  added: 0,
};

/** @typedef {"run" | "edits" | "outlook" | "settled" | "chosen" | "way" | "view"} What */

/** @type {Map<What, (() => void)[]>} */
const listeners = new Map();

/** @param {What} what @param {() => void} work done whenever that changes */
export const on = (what, work) => listeners.set(what, [...(listeners.get(what) ?? []), work]);

/** @param {What} what has changed */
export const tell = (what) => listeners.get(what)?.forEach((work) => work());

// Only the newest wish counts: whoever comes back from waiting looks whether another came meanwhile ----------------------

let turn = 0;
export const takeTurn = () => ++turn;
/** @param {number} mine */
export const isMyTurn = (mine) => mine === turn;

/** @param {any} run @param {any} columns @param {any[]} zones */
export function replaceRun(run, columns, zones) {
  const byFid = (/** @type {number[]} */ fids) => new Map(fids.map((fid, at) => [fid, at]));
  Object.assign(state, { run, columns, zones, outlook: null, history: [], edits: new Map(), untried: "", added: 0, chosen: "", point: null, facility: null, way: null });
  state.positions = byFid(columns.points?.fid ?? []);
  state.facilityAt = byFid(columns.facilities.fid);
}

/** Where a facility is, and what is edited of it. @param {number} fid @returns {Place} */
export function placeOf(fid) {
  const { facilities } = state.columns;
  const at = state.facilityAt.get(fid);
  const edit = state.edits.get(fid);
  if (at === undefined) return { fid, name: words.added, kind: "", lon: edit.lon, lat: edit.lat, edit: "add", from: null };
  const home = /** @type {[number, number]} */ ([facilities.lon[at], facilities.lat[at]]);
  return { fid, name: facilities.name[at], kind: facilities.kind[at], lon: edit?.lon ?? home[0], lat: edit?.lat ?? home[1], edit: edit?.do ?? "", from: edit?.do === "move" ? home : null };
}

/** What is closed stays in sight, so that it can be put back. */
export const editedPlaces = () => [...state.edits.keys()].map(placeOf);

/** A point's answer, with the edits that were answered last. @param {number} at its place in the columns */
export function answerOf(at) {
  const { points } = state.columns;
  const changed = state.outlook?.at.get(points.fid[at]);
  if (changed === undefined) return { state: points.state[at], minutes: points.minutes[at], facility: points.facility[at] };
  const now = state.outlook.points;
  return { state: now.state[changed], minutes: now.minutes[changed], facility: now.facility[changed] };
}

/** Digits of a code that name a division of a level, and all below it. */
const DIGITS = { province: 2, city: 4, county: 6, township: 9, village: 12 };

/** The division of a level that a place's division lies in. @param {string} code @param {string} level */
export const above = (code, level) => state.zones.find((zone) => zone.level === level && code.startsWith(zone.code.slice(0, DIGITS[level])));
