// /plan: ask for a run, follow it, show its answer, and follow edits of facilities while they are dragged.
import { easing, locale, openMap } from "./map.js";
import { UNCOVERED, classOf, classes as classesOf } from "./classes.js";
import { addLayers, boundsOf, boundsOfGeometry, drawChosen, drawEdits, drawFacilities, drawPoints, drawTiles, drawWay, fit, hideOthers, under } from "./plan-map.js";
import { openChart } from "./plan-chart.js";
import { sortBy, toast } from "./page.js";

const root = /** @type {HTMLElement} */ (document.querySelector(".plan"));
const words = JSON.parse(root.dataset.words);
const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const people = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const percent = new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const metres = (/** @type {number} */ count) => (count < 1000 ? `${people.format(count)} m` : `${(count / 1000).toFixed(1)} km`);
const signed = (/** @type {number} */ count) => (count > 0 ? "+" : count < 0 ? "−" : "") + people.format(Math.abs(count));
const day = (/** @type {string | null} */ date) => date && new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(date));
const CLASSES = classesOf(words.uncovered);

/** @param {string} name @param {any} [about] @param {...(Node | string)} children */
function element(name, about = {}, ...children) {
  const made = Object.assign(document.createElement(name), about);
  made.append(...children);
  return made;
}

/**
 * Everything that the page shows follows from this.
 * @typedef {{do: string, facility?: number, lon?: number, lat?: number}} Edit
 */
const state = {
  /** @type {any} */ run: null,
  /** @type {any} the run's points and facilities, column by column; points are null where there are too many */ columns: null,
  /** @type {any[]} */ zones: [],
  /** @type {Map<number, Edit>} by facility; new ones have numbers below 0 */ edits: new Map(),
  /** @type {Map<number, Edit>[]} */ history: [],
  /** @type {any} what the edits come to; null without edits */ outlook: null,
  /** @type {Map<number, number>} where a point's `fid` stands in the columns */ positions: new Map(),
  /** @type {Map<number, number>} likewise a facility's */ facilityAt: new Map(),
  chosen: "",
  /** @type {number | null} */ point: null,
  added: 0,
};

/** What the service refuses, in its own words. */
class Refused extends Error {}

/** @param {string} address @param {RequestInit} [options] */
async function asked(address, options) {
  const answer = await fetch(address, { headers: { "Content-Type": "application/json", "Accept-Language": locale }, ...options });
  const body = await answer.json();
  if (!answer.ok) throw new Refused([body.detail, body.hint].filter(Boolean).join("\n"));
  return body;
}

/** @param {string} address @param {any} body */
const post = (address, body) => asked(address, { method: "POST", body: JSON.stringify(body) });

/** @param {string} address */
async function everything(address) {
  const items = [];
  for (let next = address; next; ) {
    const page = await asked(next);
    items.push(...page.items);
    next = page.next && new URL(page.next).pathname + new URL(page.next).search;
  }
  return items;
}

// The address says what is shown: the run, the view, the edits, the division that is chosen --------------------------

/** @param {Map<number, Edit>} edits */
const written = (edits) =>
  [...edits].map(([fid, edit]) => (edit.do === "close" ? `x${fid}` : `${edit.do === "add" ? "a" : `m${fid}`}_${edit.lon.toFixed(6)}_${edit.lat.toFixed(6)}`)).join("~");

/** @param {string} text @returns {Map<number, Edit>} */
function read(text) {
  const edits = new Map();
  for (const part of text.split("~").filter(Boolean)) {
    const [what, lon, lat] = part.split("_");
    const facility = Number(what.slice(1));
    const isPlace = Math.abs(Number(lon)) <= 180 && Math.abs(Number(lat)) <= 90;
    // What was cut off on the way is left out.
    if (what.startsWith("a") ? !isPlace : !state.facilityAt.has(facility) || (what.startsWith("m") && !isPlace)) continue;
    if (what.startsWith("x")) edits.set(facility, { do: "close", facility });
    else if (what.startsWith("m")) edits.set(facility, { do: "move", facility, lon: Number(lon), lat: Number(lat) });
    else edits.set(--state.added, { do: "add", lon: Number(lon), lat: Number(lat) });
  }
  return edits;
}

let remembering = 0;

/** Browsers refuse an address that changes too often. */
function remember() {
  remembering ||= window.setTimeout(writeAddress, 200);
}

function writeAddress() {
  remembering = 0;
  const now = new URLSearchParams();
  if (state.run) now.set("run", state.run.id);
  if (map) {
    const { lng, lat } = map.getCenter();
    now.set("at", `${map.getZoom().toFixed(2)}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
  }
  if (state.run && $("level").value !== "township") now.set("level", $("level").value);
  if (state.chosen) now.set("division", state.chosen);
  if (state.point !== null) now.set("point", String(state.point));
  if (state.edits.size) now.set("edits", written(state.edits));
  history.replaceState(null, "", `${location.pathname}${location.search}#${decodeURIComponent(now.toString())}`);
}

const link = new URLSearchParams(location.hash.slice(1));
const NARROW = matchMedia("(max-width: 760px)");
if (NARROW.matches) $("legend").open = false;

// The map. Where there is none (no WebGL, no style), the question and its answer in tables work all the same. -----------

/** @param {string | null} at @returns {{center: [number, number], zoom: number} | null} */
function viewOf(at) {
  const [zoom, lat, lon] = (at ?? "").split("/").map(Number);
  return [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { center: [lon, lat], zoom } : null;
}

const view = viewOf(link.get("at"));
const map = openMap($("map"), view ? { ...view, bounds: undefined } : {});
let mapReady = false;
map?.once("load", () => {
  addLayers(map, CLASSES, words.marks);
  mapReady = true;
  if (state.run) drawRun();
});

/** Draw, if there is a map to draw on. @param {() => void} work */
const onMap = (work) => mapReady && work();

/** Everything of the run and its edits. */
function drawRun() {
  const { run, columns } = state;
  hideOthers(map);
  if (columns.points) drawPoints(map, columns.points);
  else drawTiles(map, run.id, CLASSES);
  drawWay(map, null);
  drawChosen(map, state.chosen);
  drawFacilities(map, columns.facilities.fid.map(placeOf));
  drawnAsEdited = [];
  touched = [];
  drawEdited();
  if (state.outlook) colour(state.outlook);
}

/** @param {number} fid @returns {import("./plan-map.js").Place} where a facility is, and what is edited of it */
function placeOf(fid) {
  const { facilities } = state.columns;
  const at = state.facilityAt.get(fid);
  const edit = state.edits.get(fid);
  if (at === undefined) return { fid, name: words.added, kind: "", lon: edit.lon, lat: edit.lat, edit: "add", from: null };
  const home = /** @type {[number, number]} */ ([facilities.lon[at], facilities.lat[at]]);
  return { fid, name: facilities.name[at], kind: facilities.kind[at], lon: edit?.lon ?? home[0], lat: edit?.lat ?? home[1], edit: edit?.do ?? "", from: edit?.do === "move" ? home : null };
}

/** What is closed stays in sight, so that it can be put back. */
const editedPlaces = () => [...state.edits.keys()].map(placeOf);

/** @type {number[]} */
let drawnAsEdited = [];

function drawEdited() {
  onMap(() => {
    const now = editedPlaces();
    drawEdits(map, now, drawnAsEdited);
    drawnAsEdited = now.map((each) => each.fid).filter((fid) => fid > 0);
  });
}

// A run --------------------------------------------------------------------------------------------------------------

/** @param {string | null} failure */
function fail(failure) {
  $("failed").hidden = failure === null;
  if (failure !== null) [...$("failed").querySelectorAll("p")].forEach((line, at) => (line.textContent = failure.split("\n")[at] ?? ""));
}

/** Do something that may be refused, and say so where it is. @param {() => Promise<void>} work */
async function attempt(work) {
  fail(null);
  try {
    await work();
  } catch (error) {
    $("progress").hidden = true;
    fail(error instanceof Refused ? error.message : words.offline);
    if (!(error instanceof Refused || error instanceof TypeError)) throw error;
  }
}

/** @param {any} run @param {number} since ms */
function follow(run, since) {
  const box = $("progress");
  box.hidden = false;
  const bar = box.querySelector("progress");
  const { progress } = run;
  if (progress?.total) [bar.max, bar.value] = [progress.total, progress.done];
  else bar.removeAttribute("value");
  const what = progress ? (words.steps[progress.step] ?? progress.step) : words.states[run.state];
  const far = progress?.total ? ` ${people.format(progress.done)} / ${people.format(progress.total)}` : "";
  box.querySelector(".figures").textContent = `${what}${far} · ${((Date.now() - since) / 1000).toFixed(0)} s`;
}

let newest = 0;

/** @param {string} id @param {boolean} [fresh] the view goes to it */
async function show(id, fresh = false) {
  const mine = ++newest;
  const address = `/api/v1/coverage/runs/${encodeURIComponent(id)}`;
  const since = Date.now();
  let run = await asked(address);
  while (run.state === "queued" || run.state === "running") {
    follow(run, since);
    await new Promise((resolve) => setTimeout(resolve, 400));
    run = await asked(address);
    if (mine !== newest) return;
  }
  if (run.state === "failed") throw new Refused([run.error.messages[locale], run.error.hints?.[locale]].filter(Boolean).join("\n"));
  const [columns, zones] = await Promise.all([asked(`${address}/columns`), everything(`${address}/zones?limit=1000`)]);
  if (mine !== newest) return;
  $("progress").hidden = true;
  Object.assign(state, { run, columns, zones, outlook: null, history: [], edits: new Map(), added: 0, chosen: "", point: null });
  state.positions = new Map((columns.points?.fid ?? []).map((/** @type {number} */ fid, /** @type {number} */ at) => [fid, at]));
  state.facilityAt = new Map(columns.facilities.fid.map((/** @type {number} */ fid, /** @type {number} */ at) => [fid, at]));
  $("answer").hidden = $("drawer").hidden = $("scenario").hidden = $("legend").hidden = false;
  $("inspector").hidden = true;
  describe();
  fillZones();
  fillPlaces();
  await openedChart();
  update();
  map?.resize();
  onMap(drawRun);
  if (NARROW.matches) document.querySelector(".panels").scrollTop = $("answer").offsetTop;
  if (fresh && map && columns.points?.fid.length) fit(map, boundsOf(columns.points.lon, columns.points.lat));
  remember();
  root.dataset.run = run.id;
  // Made ready before the first drag: the service reads the run's data once.
  post("/api/v1/coverage/live", { run: run.id, edits: [] }).catch(() => undefined);
  if (!$("runs").querySelector(`[href="#run=${run.id}"]`)) {
    const about = [run.totals.share === null ? "–" : percent.format(run.totals.share), run.question.zone && ([...$("zone").options].find((option) => option.value === run.question.zone)?.text ?? run.question.zone)].filter(Boolean).join(" · ");
    $("runs").prepend(element("li", {}, element("a", { href: `#run=${run.id}`, textContent: run.standard.name[words.language] }), element("span", { className: "about", textContent: about })));
    $("latest").hidden = false;
  }
}

function describe() {
  const { run } = state;
  $("standard-name").textContent = run.standard.name[words.language];
  $("synthetic").hidden = !run.totals.synthetic;
  const inputs = run.inputs;
  $("basis").textContent = [inputs.population.dataset, day(inputs.population.as_of), ...new Set([inputs.population.licence, inputs.roads.licence])].filter(Boolean).join(" · ");
  $("downloads").replaceChildren(
    ...Object.entries(run.links.results).map(([format, address]) => element("a", { href: `${new URL(address).pathname}${["docx", "png"].includes(format) ? `?lang=${locale}` : ""}`, textContent: format === "docx" ? words.report : format.toUpperCase(), className: "button" })),
  );
  for (const [name, value] of [
    ["standard", run.standard.key],
    ["zone", run.question.zone ?? ""],
    ["population", inputs.population.dataset],
  ]) {
    const choice = $(name);
    if (choice && [...choice.options].some((option) => option.value === value)) choice.value = value;
  }
  about();
}

/** Each point's answer with the edits. */
function answers() {
  const { points } = state.columns;
  if (!state.outlook) return { state: points.state, minutes: points.minutes };
  const now = { state: [...points.state], minutes: [...points.minutes] };
  state.outlook.points.fid.forEach((/** @type {number} */ fid, /** @type {number} */ at) => {
    const position = state.positions.get(fid);
    now.state[position] = state.outlook.points.state[at];
    now.minutes[position] = state.outlook.points.minutes[at];
  });
  return now;
}

/** @type {any} */
let chart = null;

async function openedChart() {
  $("charts").hidden = !state.columns.points;
  if (!chart && state.columns.points) {
    const { default: uPlot } = await import(root.dataset.uplot);
    chart = openChart($("chart"), uPlot, words, locale);
  }
}

/** Bring every number, list and chart in line with the state. */
function update() {
  const { totals, standard } = state.run;
  const shown = state.outlook ?? totals;
  $("share").textContent = shown.share === null ? "–" : percent.format(shown.share);
  const count = [...state.edits.values()].reduce((sum, edit) => sum + Number(edit.do === "add") - Number(edit.do === "close"), totals.facilities);
  const facts = [
    [words.demand, totals.demand],
    [words.covered, shown.covered],
    [words.gap, shown.gap],
    [words.unreachable, shown.unreachable],
    [words.unsnapped, shown.unsnapped],
    [words.facilities, count],
  ];
  $("figures").replaceChildren(...facts.flatMap(([label, value]) => [element("dt", { textContent: label }), element("dd", { textContent: people.format(value) })]));
  $("places-note").hidden = state.edits.size === 0;
  updateZones();
  balance();
  const { points } = state.columns;
  const now = points && answers();
  const sums = points && CLASSES.map(() => 0);
  points?.demand.forEach((/** @type {number} */ each, /** @type {number} */ at) => (sums[classOf(now.state[at], now.minutes[at])] += each));
  legend(sums);
  if (!points) return;
  const { demand } = points;
  chart.show(standard.minutes, { minutes: points.minutes, people: demand }, state.outlook ? { minutes: now.minutes, people: demand } : null);
  $("chart-about").textContent = words.chart_about.replace("{minutes}", standard.minutes).replace("{share}", $("share").textContent);
}

/** @param {number[] | null} sums people by class, where they are known */
function legend(sums) {
  const most = Math.max(...(sums ?? []), 1);
  // Whoever has it farther than the threshold isn't covered, so classes beyond it hold nobody.
  const last = classOf("covered", state.run.standard.minutes);
  $("scale").replaceChildren(
    ...CLASSES.flatMap((each, at) => {
      if (at > last && at < UNCOVERED) return [];
      const mark = element("i");
      mark.style.background = each.colour;
      const bar = element("span", { className: "part" });
      bar.style.width = `${(64 * (sums?.[at] ?? 0)) / most}px`;
      return [element("li", {}, mark, each.label, bar, element("b", { textContent: sums ? people.format(sums[at]) : "" }))];
    }),
    ...(state.outlook
      ? [
          ["gained", words.gained],
          ["lost", words.lost],
        ].map(([name, label]) => element("li", { className: "ring" }, element("i", { className: name }), label, element("span"), element("b", { textContent: people.format(state.outlook[name]) })))
      : []),
  );
}

// Lists --------------------------------------------------------------------------------------------------------------

/** @param {HTMLTableElement} table @param {number} column */
function sortAgain(table, column) {
  const head = table.tHead.rows[0].cells[column];
  head.setAttribute("aria-sort", head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending");
  sortBy(table, column);
}

/** Keep the order that was chosen. @param {HTMLTableElement} table */
const sortedBy = (table) => [...table.tHead.rows[0].cells].findIndex((head) => head.getAttribute("aria-sort") !== "none");

/** @param {HTMLTableElement} table @param {HTMLTableRowElement[]} rows */
function fill(table, rows) {
  table.tBodies[0].replaceChildren(...rows);
  sortAgain(table, Math.max(sortedBy(table), 0));
}

const number = () => element("td", { className: "number" });

function fillZones() {
  const rows = state.zones
    .filter((zone) => zone.level === $("level").value)
    .map((zone) => {
      const row = element("tr", {}, element("th", { scope: "row" }, element("button", { type: "button", className: "plain", textContent: zone.name })), number(), number(), number(), number(), number());
      row.dataset.code = zone.code;
      return row;
    });
  $("zones").tBodies[0].replaceChildren(...rows);
  updateZones();
  fill($("zones"), rows);
  mark();
}

function updateZones() {
  const byCode = new Map(state.zones.map((zone) => [zone.code, zone]));
  const changes = new Map((state.outlook?.zones ?? []).map((/** @type {any} */ zone) => [zone.code, zone.change]));
  for (const row of $("zones").tBodies[0].rows) {
    const zone = byCode.get(row.dataset.code);
    const change = changes.get(zone.code) ?? 0;
    const covered = zone.covered + change;
    const share = zone.demand ? covered / zone.demand : NaN;
    const values = [zone.demand, covered, share, zone.demand - covered, change];
    const texts = [people.format(zone.demand), people.format(covered), zone.demand ? percent.format(share) : "–", people.format(zone.demand - covered), change ? signed(change) : ""];
    [...row.cells].slice(1).forEach((cell, at) => {
      if (cell.textContent !== texts[at]) cell.textContent = texts[at];
      cell.dataset.value = String(values[at]);
    });
    row.cells[5].className = `number${change > 0 ? " gain" : change < 0 ? " loss" : ""}`;
  }
}

function fillPlaces() {
  const { facilities } = state.columns;
  fill(
    $("places"),
    facilities.fid.map((/** @type {number} */ fid, /** @type {number} */ at) => {
      const row = element(
        "tr",
        {},
        element("th", { scope: "row" }, element("button", { type: "button", className: "plain", textContent: facilities.name[at] })),
        element("td", { textContent: words.kinds[facilities.kind[at]] }),
        ...[facilities.nearest_for[at], facilities.within_reach[at]].map((value) => {
          const cell = element("td", { className: "number", textContent: people.format(value) });
          cell.dataset.value = String(value);
          return cell;
        }),
      );
      row.dataset.fid = String(fid);
      return row;
    }),
  );
}

/** Show which row is chosen. @param {boolean} [reveal] */
function mark(reveal = false) {
  for (const row of $("zones").tBodies[0].rows) {
    row.setAttribute("aria-selected", String(row.dataset.code === state.chosen));
    if (reveal && row.dataset.code === state.chosen) row.scrollIntoView({ block: "nearest" });
  }
}

/** @param {string} code @param {{go?: boolean, reveal?: boolean}} [how] */
async function choose(code, { go = false, reveal = false } = {}) {
  state.chosen = code;
  mark(reveal);
  onMap(() => drawChosen(map, code));
  remember();
  if (!go || !map) return;
  const division = await asked(`/api/v1/divisions/${code}`);
  if (division.geometry?.type && division.geometry.type !== "Point") fit(map, boundsOfGeometry(division.geometry));
  else if (division.geometry) map.easeTo({ center: division.geometry.coordinates, zoom: Math.max(map.getZoom(), 12), duration: easing() });
}

/** The table as it stands, for a spreadsheet. */
function exported() {
  const table = $("zones-panel").hidden ? $("places") : $("zones");
  const quoted = (/** @type {string} */ text) => `"${text.replaceAll('"', '""')}"`;
  // A cell that a spreadsheet would take for a formula is told to be text.
  const plain = (/** @type {string} */ text) => (/^[=+\-@\t]/.test(text) ? `'${text}` : text);
  const lines = [...table.rows].map((row) => {
    const key = table === $("zones") ? [row.dataset.code ?? words.code] : [];
    const values = [...row.cells].map((cell) => (cell.dataset.value === "NaN" ? "" : (cell.dataset.value ?? plain(cell.textContent.trim()))));
    return [...key, ...values].map(quoted).join(",");
  });
  if (state.run.totals.synthetic) lines.push(quoted(words.synthetic));
  const file = new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv" });
  const anchor = element("a", { href: URL.createObjectURL(file), download: `${state.run.standard.key}-${table.id}.csv` });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
}

// A scenario: every question carries the whole list of edits; only the newest is asked next, so answers keep up ---------

let asking = false;
let wanted = false;
let applied = 0;
/** The last question wasn't answered: it is asked again when the network is back. */
let unanswered = false;
addEventListener("online", () => {
  if (unanswered) refresh();
  unanswered = false;
});

/** For so long at most a page that is edited all the time shows what was. */
const STALE_MS = 200;

/** @param {Map<number, Edit>} edits */
const listed = (edits) => [...edits].map(([fid, edit]) => (fid < 0 ? { do: "add", lon: edit.lon, lat: edit.lat } : edit));

async function refresh() {
  wanted = true;
  if (asking) return;
  asking = true;
  try {
    while (wanted) {
      wanted = false;
      const { run, edits } = state;
      const question = written(edits);
      const outlook = edits.size ? await post("/api/v1/coverage/live", { run: run.id, edits: listed(edits) }) : null;
      if (run !== state.run) continue;
      // What is out of date already is shown only where the page would else stand still.
      if (wanted && performance.now() - applied < STALE_MS) continue;
      apply(outlook);
      applied = performance.now();
      root.dataset.shown = question;
    }
    fail(null);
    if (state.point !== null) inspectPoint(state.positions.get(state.point));
  } catch (error) {
    wanted = false;
    unanswered = true;
    fail(error instanceof Refused ? error.message : words.offline);
  } finally {
    asking = false;
  }
}

/** @type {number[]} points that are drawn as the edits leave them */
let touched = [];

/** @param {any} outlook */
function apply(outlook) {
  state.outlook = outlook;
  onMap(() => colour(outlook));
  update();
  root.dataset.edits = String(state.edits.size);
}

/** Draw the points as the edits leave them. @param {any} outlook */
function colour(outlook) {
  const { points } = state.columns;
  if (!points) return;
  const now = new Set(/** @type {number[]} */ (outlook?.points.fid));
  for (const fid of touched) if (!now.has(fid)) map.removeFeatureState({ source: "points", id: fid });
  touched = [...now];
  outlook?.points.fid.forEach((/** @type {number} */ fid, /** @type {number} */ at) => {
    const before = points.state[state.positions.get(fid)] === "covered";
    const after = outlook.points.state[at] === "covered";
    map.setFeatureState({ source: "points", id: fid }, { class: classOf(outlook.points.state[at], outlook.points.minutes[at]), change: Number(after) - Number(before) });
  });
}

function balance() {
  const { outlook } = state;
  $("undo").disabled = state.history.length === 0;
  $("reset").disabled = state.edits.size === 0;
  $("edits").replaceChildren(
    ...editedPlaces().map((each) => {
      const button = element("button", { type: "button", className: "plain", textContent: `${words.edits[each.edit]} ${each.name}` });
      button.addEventListener("click", () => inspectFacility(each.fid));
      const remove = element("button", { type: "button", className: "remove", textContent: "✕", ariaLabel: `${words.put_back} ${each.name}` });
      remove.addEventListener("click", () => {
        keep();
        change(each.fid, null);
      });
      return element("li", {}, button, " ", remove);
    }),
  );
  if (!outlook) {
    $("balance").textContent = words.drag;
    $("follow").hidden = true;
    return;
  }
  const part = (/** @type {string} */ className, /** @type {string} */ textContent) => element("span", { className, textContent });
  const parts = () => [part("gain", `+${people.format(outlook.gained)}`), " / ", part("loss", `−${people.format(outlook.lost)}`), ` ${words.people}`];
  $("follow").replaceChildren(...parts());
  $("balance").replaceChildren(...parts(), ...(outlook.placed.some((/** @type {any} */ each) => !each.snapped) ? [element("br"), words.off_road] : []));
}

/** Keep how things stand, so that `undo` brings it back. */
const keep = () => state.history.push(new Map(state.edits));

/** @param {number} fid @param {Edit | null} edit */
function change(fid, edit) {
  if (edit) state.edits.set(fid, edit);
  else state.edits.delete(fid);
  edited();
}

function edited() {
  root.dataset.wanted = written(state.edits);
  drawEdited();
  remember();
  refresh();
}

/** @param {number} fid @param {{lng: number, lat: number}} where */
const put = (fid, { lng, lat }) => change(fid, fid < 0 ? { do: "add", lon: lng, lat } : { do: "move", facility: fid, lon: lng, lat });

/** @param {any} event */
function pressed(event) {
  const isMouse = event.type === "mousedown";
  // One facility is held at a time, by the first button or one finger.
  if (event.defaultPrevented || event.points?.length > 1 || (isMouse && event.originalEvent.button !== 0) || adding()) return;
  const { fid } = event.features[0].properties;
  const edit = state.edits.get(fid)?.do;
  // Of what is edited the new mark is taken, not the place where it was.
  if (edit && event.features[0].layer.id === "run-facilities") return;
  event.preventDefault();
  let moved = false;
  const moving = (/** @type {any} */ to) => {
    if (edit === "close" || (!moved && to.point.dist(event.point) < 3)) return;
    if (!moved) keep();
    moved = true;
    const label = $("follow");
    label.hidden = false;
    label.style.transform = `translate(${to.point.x + 16}px, ${to.point.y - 36}px)`;
    put(fid, to.lngLat);
  };
  const moves = isMouse ? "mousemove" : "touchmove";
  // Wherever it is let go: beside the map too.
  const ends = isMouse ? ["mouseup", "blur"] : ["touchend", "touchcancel"];
  const let_go = () => {
    map.off(moves, moving);
    for (const end of ends) removeEventListener(end, let_go);
    $("follow").hidden = true;
    if (!moved) inspectFacility(fid);
  };
  map.on(moves, moving);
  for (const end of ends) addEventListener(end, let_go);
}

const adding = () => $("add").getAttribute("aria-pressed") === "true";

/** @param {boolean} on */
function setAdding(on) {
  $("add").setAttribute("aria-pressed", String(on));
  if (map) map.getCanvas().style.cursor = on ? "crosshair" : "";
}

/** @param {{lng: number, lat: number}} where */
function add(where) {
  setAdding(false);
  document.querySelector(".toasts").replaceChildren();
  keep();
  state.added -= 1;
  put(state.added, where);
}

/** @param {any} event */
function clicked(event) {
  if (!state.run) return;
  if (adding()) {
    add(event.lngLat);
    return;
  }
  if (under(map, event.point, ["run-facilities", "edited"], 2).length) return;
  const [point] = under(map, event.point, ["points"], 4);
  if (point) {
    inspectPoint(point.properties.at);
    return;
  }
  const level = $("level").value;
  const areas = under(map, event.point, ["areas"], 0);
  const area = areas.find((/** @type {any} */ each) => each.properties.level === level) ?? areas[0];
  if (area && state.zones.some((zone) => zone.code === area.properties.code)) {
    if (area.properties.level !== level) setLevel(area.properties.level);
    choose(area.properties.code, { reveal: true });
  }
}

/** What lies under the pointer says its name. @param {any} event */
function hovered(event) {
  if (adding() || event.originalEvent.buttons) return;
  map.getCanvas().style.cursor = "grab";
  const label = $("follow");
  label.textContent = event.features[0].properties.name;
  label.hidden = false;
  label.style.transform = `translate(${event.point.x + 16}px, ${event.point.y - 36}px)`;
}

if (map) {
  for (const layer of ["edited", "run-facilities"]) {
    map.on("mousedown", layer, pressed);
    map.on("touchstart", layer, pressed);
    map.on("mousemove", layer, hovered);
    map.on("mouseleave", layer, (/** @type {any} */ event) => {
      if (event.originalEvent.buttons) return;
      $("follow").hidden = true;
      if (!adding()) map.getCanvas().style.cursor = "";
    });
  }
  map.on("mouseenter", "points", () => adding() || (map.getCanvas().style.cursor = "pointer"));
  map.on("mouseleave", "points", () => adding() || (map.getCanvas().style.cursor = ""));
  map.on("click", clicked);
  map.on("moveend", remember);
}

// What was clicked ---------------------------------------------------------------------------------------------------

/** @param {string} title @param {[string, string | Node][]} facts @param {HTMLElement[]} [actions] */
function inspect(title, facts, actions = []) {
  const close = element("button", { type: "button", className: "close", textContent: "✕", ariaLabel: words.close });
  close.addEventListener("click", closeInspector);
  const list = element("dl", { className: "facts" }, ...facts.flatMap(([label, value]) => [element("dt", { textContent: label }), element("dd", {}, value)]));
  $("inspector").replaceChildren(close, element("h2", { textContent: title }), list, ...(actions.length ? [element("div", { className: "actions" }, ...actions)] : []));
  $("inspector").hidden = false;
  return list;
}

function closeInspector() {
  $("inspector").hidden = true;
  state.point = null;
  onMap(() => drawWay(map, null));
  remember();
}

/** Digits of a code that name a division of a level, and all below it. */
const DIGITS = { province: 2, city: 4, county: 6, township: 9, village: 12 };

/** The division of a level that a place's division lies in. @param {string} code @param {string} level */
const above = (code, level) => state.zones.find((zone) => zone.level === level && code.startsWith(zone.code.slice(0, DIGITS[level])));

/** @param {string | null} code */
const divisionPath = (code) =>
  ["county", "township", "village"]
    .map((level) => code && above(code, level)?.name)
    .filter(Boolean)
    .join(" ");

/** @param {string} group @returns {string} */
function groupName(group) {
  const [from, to] = group.split(/[-+]/);
  if (group.endsWith("+")) return words.age_from.replace("{from}", from);
  return to ? words.age_between.replace("{from}", from).replace("{to}", to) : (words.groups[group] ?? group);
}

let inspected = 0;

/** Who lives there, which facility, how far, by which road. @param {number} at */
async function inspectPoint(at) {
  const { points, facilities } = state.columns;
  const now = answers();
  const fid = points.fid[at];
  state.point = fid;
  const place = divisionPath(points.division[at]);
  const changed = state.outlook ? state.outlook.points.fid.indexOf(fid) : -1;
  const nearest = changed < 0 ? points.facility[at] : state.outlook.points.facility[changed];
  // The first edit's facility is -1, the second's -2, whatever they are.
  const [editedFid, edit] = nearest < 0 ? [...state.edits][-nearest - 1] : [nearest, null];
  const name = nearest === null ? "–" : edit?.do === "add" ? words.added : facilities.name[facilities.fid.indexOf(editedFid)];
  const facts = [
    [words.point, points.source_id[at]],
    [words.group.replace("{group}", groupName(state.run.standard.demand)), people.format(points.demand[at])],
    [words.state, words.point_states[now.state[at]]],
    [words.minutes, now.minutes[at] === null ? "–" : now.minutes[at].toFixed(1)],
    [words.nearest, name],
  ];
  const list = inspect(place || points.source_id[at], facts);
  const zone = points.division[at] && above(points.division[at], $("level").value);
  if (zone) choose(zone.code, { reveal: true });
  onMap(() => drawWay(map, null));
  remember();
  const asked_ = ++inspected;
  await attempt(async () => {
    const span = 1e-6;
    const box = [points.lon[at] - span, points.lat[at] - span, points.lon[at] + span, points.lat[at] + span].map((each) => each.toFixed(7)).join(",");
    const [way, there] = await Promise.all([
      post("/api/v1/coverage/live/way", { run: state.run.id, edits: listed(state.edits), point: fid }),
      asked(`/api/v1/population?dataset=${encodeURIComponent(state.run.inputs.population.dataset)}&bbox=${box}`),
    ]);
    // The answer to an older question, or to one about edits of before.
    if (state.point !== fid || asked_ !== inspected) return;
    const lives = there.items.find((/** @type {any} */ each) => each.fid === fid);
    const groups = Object.entries(lives?.counts ?? {})
      .filter(([group]) => !group.includes(":"))
      .sort(([one], [other]) => Number(other === "all") - Number(one === "all") || one.localeCompare(other, "en", { numeric: true }))
      .map(([group, count]) => element("li", { textContent: `${groupName(group)} ${people.format(count)}` }));
    const roads = way.roads
      .filter((/** @type {any} */ road) => road.highway !== null && road.metres >= 0.5)
      // Roads without a name tell nothing apart.
      .reduce((/** @type {any[]} */ all, /** @type {any} */ road) => {
        const last = all[all.length - 1];
        if (last && last.name === road.name) last.metres += road.metres;
        else all.push({ ...road });
        return all;
      }, [])
      .map((/** @type {any} */ road) => element("li", { textContent: `${road.name ?? words.unnamed_road} ${metres(road.metres)}` }));
    for (const [label, value] of [
      [words.lives, element("ul", { className: "groups" }, ...groups)],
      [words.way, way.metres === null ? "–" : metres(way.metres)],
      ...(roads.length ? [[words.by_road, element("ol", { className: "roads" }, ...roads)]] : []),
    ]) {
      list.append(element("dt", { textContent: label }), element("dd", {}, value));
    }
    onMap(() => drawWay(map, way.geometry));
  });
}

/** @param {string} textContent @param {() => void} work */
function action(textContent, work) {
  const button = element("button", { type: "button", className: "button", textContent });
  button.addEventListener("click", () => {
    keep();
    work();
    closeInspector();
  });
  return button;
}

/** Where what has no place of its own is put. */
const centre = () => map.getCenter();

/** @param {number} fid */
function inspectFacility(fid) {
  closeInspector();
  const { facilities } = state.columns;
  const at = facilities.fid.indexOf(fid);
  const here = action(words.move_here, () => put(fid, centre()));
  if (at < 0) {
    inspect(words.added, [], [here, action(words.remove, () => change(fid, null))]);
    return;
  }
  const edit = state.edits.get(fid);
  inspect(
    facilities.name[at],
    [
      [words.kind, words.kinds[facilities.kind[at]]],
      [words.nearest_for, people.format(facilities.nearest_for[at])],
      [words.within_reach, people.format(facilities.within_reach[at])],
      ...(facilities.snapped[at] ? [] : [[words.state, words.off_road]]),
      ...(state.edits.size ? [["", words.before_edits]] : []),
    ],
    [
      ...(edit?.do === "close" ? [] : [here, action(words.close_facility, () => change(fid, { do: "close", facility: fid }))]),
      ...(edit ? [action(words.put_back, () => change(fid, null))] : []),
    ],
  );
}

// The page -----------------------------------------------------------------------------------------------------------

$("order")?.addEventListener("submit", async (/** @type {any} */ event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const order = { standard: form.get("standard"), population: form.get("population"), ...(form.get("zone") ? { zone: form.get("zone") } : {}) };
  const button = event.target.querySelector("button");
  button.disabled = true;
  await attempt(async () => {
    const run = await post("/api/v1/coverage/runs", order);
    follow(run, Date.now());
    // Whoever reloads now follows the same run, and the one before is a step back.
    history.pushState(null, "", `${location.pathname}${location.search}#run=${run.id}`);
    const scenario = new Map(state.edits);
    await show(run.id, scenario.size === 0);
    // The scenario goes on, as far as the new run counts its facilities.
    for (const [fid, edit] of scenario) if (fid < 0 || state.facilityAt.has(fid)) state.edits.set(fid, edit);
    state.added = Math.min(0, ...state.edits.keys());
    if (state.edits.size) {
      state.history = [new Map()];
      edited();
    }
  });
  button.disabled = false;
});

function about() {
  const option = $("standard")?.selectedOptions[0];
  if (option) $("standard-about").textContent = option.dataset.about;
}
$("standard")?.addEventListener("change", about);
about();

/** @param {string} level */
function setLevel(level) {
  $("level").value = level;
  fillZones();
}
$("level").addEventListener("change", () => {
  fillZones();
  remember();
});
$("zones").addEventListener("click", (/** @type {any} */ event) => {
  const row = event.target.closest("tbody tr");
  if (!row) return;
  attempt(() => choose(row.dataset.code, { go: true }));
  // A village is its people: the most of them are shown.
  const { points } = state.columns;
  if ($("level").value !== "village" || !points) return;
  const there = points.fid.map((/** @type {number} */ _, /** @type {number} */ at) => at).filter((/** @type {number} */ at) => points.division[at] === row.dataset.code);
  if (there.length) inspectPoint(there.reduce((/** @type {number} */ most, /** @type {number} */ at) => (points.demand[at] > points.demand[most] ? at : most)));
});
$("places").addEventListener("click", (/** @type {any} */ event) => {
  const row = event.target.closest("tbody tr");
  if (!row) return;
  const fid = Number(row.dataset.fid);
  const place = placeOf(fid);
  map?.easeTo({ center: [place.lon, place.lat], zoom: Math.max(map.getZoom(), 13), duration: easing() });
  inspectFacility(fid);
});
$("export").addEventListener("click", exported);
$("add").addEventListener("click", (/** @type {MouseEvent} */ event) => {
  // By the keyboard there is nothing to point with: it goes to the middle of the map, to be moved from there.
  if (event.detail === 0) return add(centre());
  setAdding(!adding());
  if (adding()) toast(words.click_map);
});
$("undo").addEventListener("click", () => {
  state.edits = state.history.pop() ?? new Map();
  closeInspector();
  edited();
});
$("reset").addEventListener("click", () => {
  keep();
  state.edits = new Map();
  closeInspector();
  edited();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (adding()) setAdding(false);
  else if (!$("inspector").hidden) closeInspector();
});

const tabs = [...document.querySelectorAll("[role=tab]")];
/** @param {any} chosen */
function turnTo(chosen) {
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", String(tab === chosen));
    tab.tabIndex = tab === chosen ? 0 : -1;
    $(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
  }
  $("level").hidden = $("level-label").hidden = chosen.id !== "zones-tab";
}
for (const tab of tabs) {
  tab.addEventListener("click", () => turnTo(tab));
  tab.addEventListener("keydown", (/** @type {any} */ event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = /** @type {HTMLElement} */ (tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]);
    turnTo(next);
    next.focus();
  });
}

// On a phone the panels are a sheet of three heights: by its handle, or drawn up and down.
const HEIGHTS = ["low", "half", "full"];
/** @param {string} height */
function setHeight(height) {
  root.dataset.height = height;
  map?.resize();
}
$("handle").addEventListener("click", () => setHeight(HEIGHTS[(HEIGHTS.indexOf(root.dataset.height) + 1) % HEIGHTS.length]));
$("handle").addEventListener("pointerdown", (/** @type {PointerEvent} */ down) => {
  const lift = (/** @type {PointerEvent} */ up) => {
    const moved = down.clientY - up.clientY;
    if (Math.abs(moved) < 30) return;
    const at = HEIGHTS.indexOf(root.dataset.height) + Math.sign(moved);
    // The click that follows goes on from here.
    setHeight(HEIGHTS[(Math.min(Math.max(at, 0), 2) + 2) % HEIGHTS.length]);
  };
  document.addEventListener("pointerup", lift, { once: true });
});

/** Show what an address says. @param {URLSearchParams} link */
const open = (link) =>
  attempt(async () => {
    if (link.get("run") !== state.run?.id) await show(link.get("run"), !link.has("at"));
    const view = viewOf(link.get("at"));
    if (view) map?.jumpTo(view);
    setLevel([...$("level").options].some((option) => option.value === link.get("level")) ? link.get("level") : "township");
    if (link.has("division")) await choose(link.get("division"), { reveal: true, go: !view });
    state.edits = read(link.get("edits") ?? "");
    state.history = state.edits.size ? [new Map()] : [];
    if (state.edits.size || state.outlook) edited();
    const point = state.positions.get(Number(link.get("point")));
    if (link.has("point") && point !== undefined) inspectPoint(point);
  });

if (link.has("run")) open(link);
addEventListener("hashchange", () => {
  const now = new URLSearchParams(location.hash.slice(1));
  if (now.has("run")) open(now);
});
root.dataset.ready = "true";
