// What was clicked: a demand point (who lives there, which facility, how far, by which road) or a facility.
import * as figures from "../figures.js";
import { easing } from "../map.js";
import { Refused, Unanswered, asked, post } from "./api.js";
import { map } from "./canvas.js";
import { $, element, fail, instead, mayTry, words } from "./dom.js";
import { choose } from "./lists.js";
import { centre, change, keep, listed, onName, put } from "./scenario.js";
import { uncover } from "./sheet.js";
import { above, answerOf, on, placeOf, state, tell } from "./state.js";

export const isInspecting = () => !$("inspector").hidden;

/** @param {string} title @param {[string, string | Node][]} facts @param {HTMLElement[]} [actions] */
function inspect(title, facts, actions = []) {
  const close = element("button", { type: "button", className: "close", textContent: "✕", ariaLabel: words.close });
  close.addEventListener("click", closeInspector);
  const list = element("dl", { className: "facts" });
  list.append(...facts.flatMap(fact));
  $("inspector").replaceChildren(close, element("h2", { textContent: title }), list, ...(actions.length ? [element("div", { className: "actions" }, ...actions)] : []));
  $("inspector").hidden = false;
  uncover();
  return list;
}

/** @param {[string, string | Node]} fact */
const fact = ([label, value]) => [element("dt", { textContent: label }), element("dd", {}, value)];

export function closeInspector() {
  $("inspector").hidden = true;
  look({});
}

/** Look at a point or a facility, and forget what was looked at before. @param {{point?: number, facility?: number}} at */
function look({ point = null, facility = null }) {
  Object.assign(state, { point, facility, way: null });
  tell("way");
}

// A demand point -------------------------------------------------------------------------------------------------------

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

/** A facility as a point's answer names it. @param {number | null} fid -1 is the facility of the first edit, -2 of the second */
function nearestName(fid) {
  if (fid === null) return "–";
  const [at, edit] = fid < 0 ? state.outlook.edits[-fid - 1] : [fid, null];
  return edit?.do === "add" ? words.added : state.columns.facilities.name[state.facilityAt.get(at)];
}

/** The box that holds a point and next to nothing else, in degrees. */
const SPAN = 1e-6;

let questions = 0;

/** @param {number} at its place in the run's columns */
export async function inspectPoint(at) {
  const { points } = state.columns;
  const fid = points.fid[at];
  const mine = ++questions;
  const answer = answerOf(at);
  const title = divisionPath(points.division[at]) || points.source_id[at];
  const list = inspect(title, [
    [words.point, points.source_id[at]],
    [words.group.replace("{group}", groupName(state.run.standard.demand)), figures.whole(points.demand[at])],
    [words.state, words.point_states[answer.state]],
    [words.minutes, figures.minutes(answer.minutes)],
    [words.nearest, nearestName(answer.facility)],
  ]);
  look({ point: fid });
  const zone = points.division[at] && above(points.division[at], $("level").value);
  if (zone) choose(zone.code, { reveal: true });
  const { run, edits } = state;
  const box = [points.lon[at] - SPAN, points.lat[at] - SPAN, points.lon[at] + SPAN, points.lat[at] + SPAN].map((each) => each.toFixed(7)).join(",");
  try {
    const [way, there] = await Promise.all([
      mayTry ? post("/api/v1/coverage/live/way", { run: run.id, edits: listed(edits), point: fid }) : null,
      asked(`/api/v1/population?dataset=${encodeURIComponent(run.inputs.population.dataset)}&bbox=${box}`),
    ]);
    // The answer to an older question, or to one about a run or edits of before.
    if (mine !== questions || state.point !== fid || run !== state.run) return;
    list.append(...[...livesFacts(there.items.find((/** @type {any} */ each) => each.fid === fid)), ...wayFacts(way)].flatMap(fact));
    state.way = way?.geometry ?? null;
    tell("way");
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unanswered)) throw error;
    if (mine === questions) fail(error instanceof Refused ? error.message : words.offline);
  }
}

/** Who lives there, by group. @param {any} point of the population @returns {[string, Node][]} */
function livesFacts(point) {
  const groups = Object.entries(point?.counts ?? {})
    .filter(([group]) => !group.includes(":"))
    .sort(([one], [other]) => Number(other === "all") - Number(one === "all") || one.localeCompare(other, "en", { numeric: true }))
    .map(([group, count]) => element("li", { textContent: `${groupName(group)} ${figures.whole(count)}` }));
  return [[words.lives, element("ul", { className: "groups" }, ...groups)]];
}

/** A stretch that is shorter isn't told, in metres. */
const SHORTEST_M = 0.5;

/** How far, and by which roads. @param {any} way null for who may not ask @returns {[string, string | Node][]} */
function wayFacts(way) {
  if (!way) return [[words.way, element("span", {}, ...instead(words.way_after, words.no_way))]];
  /** @type {{name: string | null, metres: number}[]} */
  const roads = [];
  for (const { name, highway, metres } of way.roads) {
    if (highway === null || metres < SHORTEST_M) continue;
    // Roads without a name tell nothing apart.
    if (roads.at(-1)?.name === name) roads.at(-1).metres += metres;
    else roads.push({ name, metres });
  }
  const items = roads.map((road) => element("li", { textContent: `${road.name ?? words.unnamed_road} ${figures.metres(road.metres)}` }));
  return [[words.way, figures.metres(way.metres)], ...(items.length ? [/** @type {[string, Node]} */ ([words.by_road, element("ol", { className: "roads" }, ...items)])] : [])];
}

// A facility -----------------------------------------------------------------------------------------------------------

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

/** @param {number} fid @param {{go?: boolean}} [how] `go`: the map goes there */
export function inspectFacility(fid, { go = false } = {}) {
  // One that isn't there yet has another number in every address.
  look(fid > 0 ? { facility: fid } : {});
  const { facilities } = state.columns;
  const at = state.facilityAt.get(fid);
  const here = map && mayTry ? [action(words.move_here, () => put(fid, centre()))] : [];
  if (at === undefined) {
    inspect(words.added, [], [...here, action(words.remove, () => change(fid, null))]);
    return;
  }
  if (go && map) {
    const { lon, lat } = placeOf(fid);
    map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 13), duration: easing() });
  }
  const edit = state.edits.get(fid);
  inspect(
    facilities.name[at],
    [
      [words.kind, words.kinds[facilities.kind[at]]],
      [words.nearest_for, figures.whole(facilities.nearest_for[at])],
      [words.within_reach, figures.whole(facilities.within_reach[at])],
      ...(facilities.snapped[at] ? [] : [/** @type {[string, string]} */ ([words.state, words.off_road])]),
      ...(state.edits.size ? [/** @type {[string, string]} */ (["", words.before_edits])] : []),
      ["", element("a", { href: `/facilities/${facilities.id[at]}`, textContent: words.record })],
    ],
    !mayTry ? [] : [
      ...(edit?.do === "close" ? [] : [...here, action(words.close_facility, () => change(fid, { do: "close", facility: fid }))]),
      ...(edit ? [action(words.put_back, () => change(fid, null))] : []),
    ],
  );
}

onName(inspectFacility);
on("run", () => ($("inspector").hidden = true));
// What was said of a point is asked again once the edits rest.
on("settled", () => {
  if (state.point !== null) inspectPoint(state.positions.get(state.point));
});
