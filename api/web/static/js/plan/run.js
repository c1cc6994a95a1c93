// A run: ordered, followed, cancelled, shown. Its numbers, legend and chart are the scenario's while there is one.
import { UNCOVERED, classOf } from "../classes.js";
import * as figures from "../figures.js";
import { locale } from "../map.js";
import { turnTo } from "./address.js";
import { Refused, Unanswered, asked, everything, here, patience, pause, post } from "./api.js";
import { CLASSES, map } from "./canvas.js";
import { barOf, curveOf, histogram, mostShown, openChart } from "./chart.js";
import { $, NARROW, element, fail, mayTry, note, root, words } from "./dom.js";
import { boundsOf, fit } from "./layers.js";
import { goOnWith } from "./scenario.js";
import { isMyTurn, on, replaceRun, state, takeTurn, tell } from "./state.js";

/** How often a run that isn't done is asked how far it is, in ms. */
const POLL_MS = 400;

/** How long an answer to that is waited for, in ms. */
const ANSWER_MS = 5_000;

/**
 * Do something that may be refused, and say so where it is; what went wrong on a turn that is over interests nobody.
 * @param {(mine: number) => Promise<void>} work
 */
export async function attempt(work) {
  const mine = takeTurn();
  fail(null);
  note(null);
  $("progress").hidden = true;
  try {
    await work(mine);
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unanswered)) throw error;
    if (!isMyTurn(mine)) return;
    $("progress").hidden = true;
    fail(error instanceof Refused ? error.message : words.offline);
  }
}

/** What is being done, without for how long. */
let doing = "";
let since = 0;

function tick() {
  $("progress").querySelector(".figures").textContent = `${doing} · ${words.seconds.replace("{seconds}", String(Math.round((Date.now() - since) / 1000)))}`;
}
setInterval(() => $("progress").hidden || tick(), 1_000);

/** @param {any} run */
function follow(run) {
  const { progress } = run;
  const bar = $("progress").querySelector("progress");
  $("progress").hidden = false;
  $("cancel").hidden = !run.links.cancel;
  $("cancel").dataset.address = run.links.cancel ?? "";
  if (progress?.total) [bar.max, bar.value] = [progress.total, progress.done];
  else bar.removeAttribute("value");
  const what = progress ? (words.steps[progress.step] ?? progress.step) : words.states[run.state];
  const far = progress?.total ? ` ${figures.whole(progress.done)} / ${figures.whole(progress.total)}` : "";
  doing = what + far;
  tick();
}

/** A run once it is at its end, followed until then; null when another turn came. @param {string} address @param {number} mine */
async function ended(address, mine) {
  since = Date.now();
  for (let failures = 0; ; ) {
    try {
      // A service that is being started takes questions, and answers them later or never.
      const run = await asked(address, { signal: AbortSignal.timeout(ANSWER_MS) });
      if (!isMyTurn(mine)) return null;
      failures = 0;
      if (run.state !== "queued" && run.state !== "running") return run;
      follow(run);
      await pause(POLL_MS);
    } catch (error) {
      // A service that starts anew goes on with the run, and so does the page.
      if (!(error instanceof Unanswered) || !isMyTurn(mine)) throw error;
      doing = words.waiting;
      $("cancel").hidden = true;
      $("progress").hidden = false;
      tick();
      await pause(patience(failures++));
    }
    if (!isMyTurn(mine)) return null;
  }
}

/** A run that has an answer, waited for; null when another turn came, or when it has none, which is said. @param {string} address @param {number} mine */
async function answered(address, mine) {
  const run = await ended(address, mine).catch((error) => {
    // An address that was cut off, or is of another registry.
    throw error instanceof Refused ? new Refused(words.no_run) : error;
  });
  if (!run) return null;
  $("progress").hidden = true;
  if (run.state === "failed") throw new Refused([run.error.messages[locale], run.error.hints?.[locale]].filter(Boolean).join("\n"));
  if (run.state === "done") return run;
  note(words.states[run.state]);
  return null;
}

/**
 * Show a run, once it is done.
 * @param {string} id @param {number} mine the turn @param {{fresh?: boolean, keepEdits?: boolean}} [how] `fresh`: the view goes to it
 * @returns {Promise<boolean>} whether it is shown
 */
export async function show(id, mine, { fresh = false, keepEdits = false } = {}) {
  const address = `/api/v1/coverage/runs/${encodeURIComponent(id)}`;
  const run = await answered(address, mine);
  if (!run) return false;
  const [columns, zones] = await Promise.all([asked(`${address}/columns`), everything(`${address}/zones?limit=1000`), columnsNeedChart()]);
  if (!isMyTurn(mine)) return false;
  const before = keepEdits ? state.edits : new Map();
  replaceRun(run, columns, zones);
  unfold();
  tell("run");
  if (NARROW.matches) document.querySelector(".panels").scrollTop = $("answer").offsetTop;
  if (fresh && map && columns.points?.fid.length) fit(map, boundsOf(columns.points.lon, columns.points.lat));
  goOnWith(before);
  root.dataset.run = run.id;
  // Made ready before the first drag: the service reads the run's data once.
  if (mayTry) post("/api/v1/coverage/live", { run: run.id, edits: [] }).catch(() => undefined);
  return true;
}

/** Make room for an answer. */
function unfold() {
  $("answer").hidden = $("drawer").hidden = $("scenario").hidden = false;
  root.classList.add("answered");
}

// What is said of it ---------------------------------------------------------------------------------------------------

function describe() {
  const { run } = state;
  const { inputs, links, question, standard, totals } = run;
  $("standard-name").textContent = standard.name[words.language];
  $("synthetic").hidden = !totals.synthetic;
  const mark = /** @type {HTMLElement} */ (document.querySelector(".on-map"));
  mark.hidden = mark.dataset.synthetic !== "true" && !totals.synthetic;
  $("basis").textContent = [inputs.population.dataset, figures.day(inputs.population.as_of), ...new Set([inputs.population.licence, inputs.roads.licence])].filter(Boolean).join(" · ");
  $("downloads").replaceChildren(
    ...Object.entries(links.results).map(([format, address]) => element("a", { href: `${here(address)}${["docx", "png"].includes(format) ? `?lang=${locale}` : ""}`, textContent: words.formats[format] ?? format.toUpperCase(), className: "button" })),
  );
  for (const [name, value] of [
    ["standard", standard.key.replace(ADJUSTED, "")],
    ["zone", question.zone ?? ""],
    ["population", inputs.population.dataset],
  ]) {
    const choice = $(name);
    if (choice && [...choice.options].some((option) => option.value === value)) choice.value = value;
  }
  const isAdjusted = standard.key.endsWith(ADJUSTED);
  for (const [name, value] of [
    ["minutes", standard.minutes],
    ["speed", standard.speed_kmh],
  ]) {
    if ($(name)) $(name).value = isAdjusted ? (value ?? "") : "";
  }
  $("adjust").open = isAdjusted;
  about();
  recall(run);
}

/** Keep a run among the latest, to come back to. @param {any} run */
function recall({ id, question, standard, totals }) {
  if ($("runs").querySelector(`[href="#run=${id}"]`)) return;
  const zone = question.zone && ([...$("zone").options].find((option) => option.value === question.zone)?.text ?? question.zone);
  const told = [figures.percent(totals.share), zone].filter(Boolean).join(" · ");
  $("runs").prepend(element("li", {}, element("a", { href: `#run=${id}`, textContent: standard.name[words.language] }), element("span", { className: "about", textContent: told })));
  $("latest").hidden = false;
}

/** @type {{sums: number[], bars: number[]} | null} the run's people by class, and by minute */
let base = null;

function summed() {
  const { points } = state.columns;
  base = null;
  if (!points) return;
  base = { sums: CLASSES.map(() => 0), bars: histogram(points.minutes, points.demand, mostShown(state.run.standard.minutes)) };
  for (let at = 0; at < points.fid.length; at++) base.sums[classOf(points.state[at], points.minutes[at])] += points.demand[at];
}

/** The people by class with the edits: only what changes is counted anew. */
function sumsNow() {
  if (!base || !state.outlook) return base?.sums ?? null;
  const { points } = state.columns;
  const now = state.outlook.points;
  const sums = [...base.sums];
  now.fid.forEach((/** @type {number} */ fid, /** @type {number} */ changed) => {
    const at = state.positions.get(fid);
    sums[classOf(points.state[at], points.minutes[at])] -= points.demand[at];
    sums[classOf(now.state[changed], now.minutes[changed])] += points.demand[at];
  });
  return sums;
}

function numbers() {
  const { totals } = state.run;
  const shown = state.outlook ?? totals;
  const edits = state.outlook?.edits ?? [];
  const count = edits.reduce((/** @type {number} */ sum, /** @type {any} */ [, edit]) => sum + Number(edit.do === "add") - Number(edit.do === "close"), totals.facilities);
  $("share").textContent = figures.percent(shown.share);
  const facts = [
    [words.demand, totals.demand],
    [words.covered, shown.covered],
    [words.gap, shown.gap],
    [words.unreachable, shown.unreachable],
    [words.unsnapped, shown.unsnapped],
    [words.facilities, count],
  ];
  $("figures").replaceChildren(...facts.flatMap(([label, value]) => [element("dt", { textContent: label }), element("dd", { textContent: figures.whole(value) })]));
  legend(sumsNow());
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
      return [element("li", {}, mark, each.label, bar, element("b", { textContent: sums ? figures.whole(sums[at]) : "" }))];
    }),
    ...(state.outlook ? ["gained", "lost"] : []).map((name) => element("li", { className: "ring" }, element("i", { className: name }), words[name], element("span"), element("b", { textContent: figures.whole(state.outlook[name]) }))),
  );
}

/** Which marks of the legend are on the map: those of the run's kinds. */
function legendOfKinds() {
  $("legend-title").textContent = words.legend;
  $("legend").open = !NARROW.matches;
  for (const each of $("kinds").children) each.hidden = !state.run.standard.kinds.includes(each.dataset.kind);
}

// The chart ------------------------------------------------------------------------------------------------------------

/** @type {any} */
let library = null;
/** @type {any} */
let chart = null;

/** The library is read while the run is. */
async function columnsNeedChart() {
  library ??= (await import(root.dataset.uplot)).default;
}

function drawChart() {
  $("charts").hidden = !base;
  if (!base) return;
  chart ??= openChart($("chart"), library, words, locale);
  const { points } = state.columns;
  const { minutes } = state.run.standard;
  const bars = [...base.bars];
  const most = mostShown(minutes);
  const count = (/** @type {number | null} */ after, /** @type {number} */ people) => after === null || (bars[barOf(after, most)] += people);
  const now = state.outlook?.points;
  now?.fid.forEach((/** @type {number} */ fid, /** @type {number} */ changed) => {
    const at = state.positions.get(fid);
    count(points.minutes[at], -points.demand[at]);
    count(now.minutes[changed], points.demand[at]);
  });
  const all = state.run.totals.demand;
  chart.show(minutes, bars, curveOf(bars, all), now ? curveOf(base.bars, all) : null);
  $("chart-about").textContent = words.chart_about.replace("{minutes}", figures.given(minutes)).replace("{share}", $("share").textContent);
}

on("run", () => {
  $("of-run").hidden = true;
  summed();
  describe();
  legendOfKinds();
  numbers();
  drawChart();
});
on("outlook", () => {
  $("of-run").hidden = !state.outlook;
  numbers();
});
on("settled", drawChart);

// The question ---------------------------------------------------------------------------------------------------------

const ADJUSTED = "-adjusted";

/** What the chosen standard says, and what of it can be asked otherwise. */
function about() {
  const option = $("standard")?.selectedOptions[0];
  if (!option) return;
  $("standard-about").textContent = option.dataset.about;
  $("minutes").placeholder = option.dataset.minutes;
  $("speed").placeholder = option.dataset.speed;
  $("speed").disabled = !option.dataset.speed;
}
$("standard")?.addEventListener("change", () => {
  $("minutes").value = $("speed").value = "";
  about();
});
about();

/** The standard as the form asks it: by its key, or whole where its minutes or its speed are others. @param {FormData} form */
async function standardOf(form) {
  const key = form.get("standard");
  const [minutes, speed] = ["minutes", "speed"].map((name) => Number(form.get(name) || NaN));
  const { items } = Number.isNaN(minutes) && Number.isNaN(speed) ? { items: [] } : await asked("/api/v1/standards");
  const usual = items.find((/** @type {any} */ each) => each.key === key);
  if (!usual) return key;
  const now = { minutes: minutes || usual.minutes, speed_kmh: speed || usual.speed_kmh };
  const [zh, en] = ["分钟", "min"].map((unit) => `${figures.given(now.minutes)} ${unit}${speed ? ` ${figures.given(speed)} km/h` : ""}`);
  return { ...usual, ...now, key: key.slice(0, 64 - ADJUSTED.length) + ADJUSTED, name: { zh: `${usual.name.zh}（${zh}）`, en: `${usual.name.en} (${en})` }, verified: false };
}

$("order")?.addEventListener("submit", async (/** @type {any} */ event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const button = event.target.querySelector("button");
  button.disabled = true;
  await attempt(async (mine) => {
    const standard = await standardOf(form);
    const run = await post("/api/v1/coverage/runs", { standard, population: form.get("population"), ...(form.get("zone") ? { zone: form.get("zone") } : {}) });
    if (!isMyTurn(mine)) return;
    since = Date.now();
    follow(run);
    // Whoever reloads now follows the same run, and the one before is a step back.
    turnTo(run.id);
    // A scenario goes on with the new run.
    await show(run.id, mine, { fresh: state.edits.size === 0, keepEdits: true });
  });
  button.disabled = false;
});

$("cancel").addEventListener("click", async (/** @type {any} */ event) => {
  const button = event.target;
  button.disabled = true;
  try {
    // However far it has come by now.
    await post(here(button.dataset.address), {}, { "If-Match": "*" });
  } catch (error) {
    // It ended meanwhile: the page sees it with its next question.
    if (!(error instanceof Refused || error instanceof Unanswered)) throw error;
    if (error instanceof Unanswered) fail(words.offline);
  }
  button.disabled = false;
});
