// The run's answer as tables: divisions of one level, and facilities. Tables and map follow each other.
import * as figures from "../figures.js";
import { easing } from "../map.js";
import { sortBy } from "../page.js";
import { asked } from "./api.js";
import { map } from "./canvas.js";
import { $, element, words } from "./dom.js";
import { boundsOfGeometry, fit } from "./layers.js";
import { turnTo, uncover } from "./sheet.js";
import { editedPlaces, on, state, tell } from "./state.js";

/** How the tables stand where the address says nothing. */
const USUAL = { tab: "zones-tab", zones: "-gap", places: "-nearest_for", filter: "" };

/** @param {HTMLTableElement} table @returns {string} the column that it is sorted by, with "-" before it where it falls */
function orderOf(table) {
  const head = [...table.tHead.rows[0].cells].find((each) => each.getAttribute("aria-sort") !== "none");
  return (head.getAttribute("aria-sort") === "descending" ? "-" : "") + head.dataset.key;
}

/** @param {HTMLTableElement} table @param {string} order as `orderOf` gives it */
function orderBy(table, order) {
  const heads = [...table.tHead.rows[0].cells];
  const head = heads.find((each) => each.dataset.key === order.replace("-", ""));
  if (!head) return;
  // `sortBy` turns what it finds.
  head.setAttribute("aria-sort", order.startsWith("-") ? "ascending" : "none");
  sortBy(table, head.cellIndex);
}

/** The level that a run begins with: townships, else the lowest that it has. */
function usualLevel() {
  const levels = [...$("level").options].map((option) => option.value);
  return levels.includes("township") ? "township" : (levels.at(-1) ?? "");
}

/** What of the tables the address says: whatever isn't as usual. @returns {Record<string, string>} */
export function listView() {
  const now = { level: $("level").value, tab: $("zones-panel").hidden ? "facilities-tab" : "zones-tab", zones: orderOf($("zones")), places: orderOf($("places")), filter: $("filter").value };
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => value !== (name === "level" ? usualLevel() : USUAL[name])));
}

/** Bring the tables to where an address has them. @param {URLSearchParams} link */
export function setListView(link) {
  const said = (/** @type {string} */ name) => link.get(name) ?? USUAL[name];
  $("filter").value = said("filter");
  setLevel(link.get("level") ?? usualLevel());
  orderBy($("zones"), said("zones"));
  orderBy($("places"), said("places"));
  turnTo(said("tab") === "facilities-tab" ? "facilities-tab" : "zones-tab");
}

/** @param {string} level */
export function setLevel(level) {
  const levels = [...$("level").options].map((option) => option.value);
  $("level").value = levels.includes(level) ? level : usualLevel();
  fillZones();
}

// Divisions ----------------------------------------------------------------------------------------------------------

const ALL_LEVELS = [...$("level").options];

/** @type {Map<string, {row: HTMLTableRowElement, zone: any}>} by code, those in the table */
let zoneRows = new Map();
/** @type {Set<string>} codes of those that show a change */
let changed = new Set();

/** @param {string} name @param {any} data */
function rowOf(name, data) {
  const row = element("tr", {}, element("th", { scope: "row" }, element("button", { type: "button", className: "plain", textContent: name })));
  Object.assign(row.dataset, data);
  return row;
}

/** @param {string} textContent @param {number} value */
function number(textContent, value) {
  const cell = element("td", { className: "number", textContent });
  cell.dataset.value = String(value);
  return cell;
}

/** @param {any} zone @param {number} change of covered people */
function zoneCells(zone, change) {
  const covered = zone.covered + change;
  const share = zone.demand ? covered / zone.demand : null;
  const last = number(change ? figures.signed(change) : "", change);
  if (change) last.classList.add(change > 0 ? "gain" : "loss");
  return [
    number(figures.whole(zone.demand), zone.demand),
    number(figures.whole(covered), covered),
    number(figures.percent(share), share ?? NaN),
    number(figures.whole(zone.demand - covered), zone.demand - covered),
    last,
  ];
}

const changes = () => new Map((state.outlook?.zones ?? []).map((/** @type {any} */ zone) => [zone.code, zone.change]));

function fillLevels() {
  const present = new Set(state.zones.map((zone) => zone.level));
  const before = $("level").value;
  $("level").replaceChildren(...ALL_LEVELS.filter((option) => present.has(option.value)));
  $("level").value = present.has(before) ? before : usualLevel();
}

function fillZones() {
  const now = changes();
  const shown = state.zones.filter((zone) => zone.level === $("level").value);
  zoneRows = new Map(shown.map((zone) => [zone.code, { zone, row: rowOf(zone.name, { code: zone.code }) }]));
  for (const { zone, row } of zoneRows.values()) row.append(...zoneCells(zone, now.get(zone.code) ?? 0));
  changed = new Set(now.keys());
  $("zones").tBodies[0].replaceChildren(...[...zoneRows.values()].map(({ row }) => row));
  orderBy($("zones"), orderOf($("zones")));
  filterZones();
  mark();
}

/** Only rows whose people change are written anew: this follows a pointer. */
function updateZones() {
  const now = changes();
  for (const code of new Set([...changed, ...now.keys()])) {
    const found = zoneRows.get(code);
    if (found) found.row.replaceChildren(found.row.cells[0], ...zoneCells(found.zone, now.get(code) ?? 0));
  }
  changed = new Set(now.keys());
}

function filterZones() {
  const wanted = $("filter").value.trim().toLowerCase();
  let shown = 0;
  for (const { row, zone } of zoneRows.values()) {
    row.hidden = !(zone.name.toLowerCase().includes(wanted) || zone.code.startsWith(wanted));
    shown += Number(!row.hidden);
  }
  const note = !zoneRows.size ? words.no_zones : !shown ? words.none_match : wanted ? words.so_many.replace("{shown}", figures.whole(shown)).replace("{all}", figures.whole(zoneRows.size)) : "";
  $("zones-note").textContent = note;
  $("zones-note").hidden = !note;
}

/** Show which row is chosen. @param {boolean} [reveal] */
function mark(reveal = false) {
  for (const { row, zone } of zoneRows.values()) row.setAttribute("aria-selected", String(zone.code === state.chosen));
  if (reveal) zoneRows.get(state.chosen)?.row.scrollIntoView({ block: "nearest" });
}

/** @param {string} code @param {{go?: boolean, reveal?: boolean}} [how] `go`: the map goes there; `reveal`: the table does */
export async function choose(code, { go = false, reveal = false } = {}) {
  state.chosen = code;
  tell("chosen");
  mark(reveal);
  if (!go || !map) return;
  uncover();
  const { geometry } = await asked(`/api/v1/divisions/${code}`);
  if (state.chosen !== code || !geometry) return;
  if (geometry.type === "Point") map.easeTo({ center: geometry.coordinates, zoom: Math.max(map.getZoom(), 12), duration: easing() });
  else fit(map, boundsOfGeometry(geometry));
}

// Facilities ---------------------------------------------------------------------------------------------------------

function fillPlaces() {
  const { facilities } = state.columns;
  $("places").tBodies[0].replaceChildren(
    ...facilities.fid.map((/** @type {number} */ fid, /** @type {number} */ at) => {
      const row = rowOf(facilities.name[at], { fid: String(fid) });
      row.append(element("td", { textContent: words.kinds[facilities.kind[at]] }), ...[facilities.nearest_for[at], facilities.within_reach[at]].map((value) => number(figures.whole(value), value)));
      return row;
    }),
  );
  orderBy($("places"), orderOf($("places")));
}

// Taken along --------------------------------------------------------------------------------------------------------

/** The table as it stands, for a spreadsheet. */
function exported() {
  const table = $("zones-panel").hidden ? $("places") : $("zones");
  const quoted = (/** @type {string} */ text) => `"${text.replaceAll('"', '""')}"`;
  // A cell that a spreadsheet would take for a formula is told to be text.
  const plain = (/** @type {string} */ text) => (/^[=+\-@\t]/.test(text) ? `'${text}` : text);
  const lines = [...table.rows]
    .filter((row) => !row.hidden)
    .map((row) => {
      const key = table === $("zones") ? [row.dataset.code ?? words.code] : [];
      const values = [...row.cells].map((cell) => (cell.dataset.value === "NaN" ? "" : (cell.dataset.value ?? plain(cell.textContent.trim()))));
      return [...key, ...values].map(quoted).join(",");
    });
  const edits = editedPlaces();
  if (edits.length) lines.push(quoted(words.scenario), ...edits.map((each) => [words.edits[each.edit], plain(each.name), each.lon.toFixed(6), each.lat.toFixed(6)].map(quoted).join(",")));
  if (state.run.totals.synthetic) lines.push(quoted(words.synthetic));
  const file = new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv" });
  const anchor = element("a", { href: URL.createObjectURL(file), download: `${state.run.standard.key}-${edits.length ? "scenario-" : ""}${table.id}.csv` });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
}

on("run", () => {
  $("filter").value = "";
  fillLevels();
  fillZones();
  fillPlaces();
});
on("outlook", () => {
  updateZones();
  $("places-note").hidden = state.edits.size === 0;
});
// At rest the rows stand as the heading says; under a moving pointer they would jump.
on("settled", () => orderBy($("zones"), orderOf($("zones"))));
on("chosen", () => mark());
$("level").addEventListener("change", () => {
  fillZones();
  tell("view");
});
$("filter").addEventListener("input", () => {
  filterZones();
  tell("view");
});
$("export").addEventListener("click", exported);
// After the page has sorted.
document.addEventListener("click", (event) => /** @type {HTMLElement} */ (event.target).closest(".lists thead button") && tell("view"));
