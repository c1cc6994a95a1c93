// /plan: ask for a run, follow it, show its answer, and follow edits of facilities while they are dragged.
import { heard } from "./address.js";
import { link, map, viewOf } from "./canvas.js";
import { $, NARROW, root } from "./dom.js";
import { inspectFacility, inspectPoint } from "./inspector.js";
import { choose, setListView } from "./lists.js";
import "./pointer.js";
import { attempt, show } from "./run.js";
import { setEdits } from "./scenario.js";
import { state } from "./state.js";

/** Show what an address says. @param {URLSearchParams} link */
const open = (link) =>
  attempt(async (mine) => {
    if (link.get("run") !== state.run?.id && !(await show(link.get("run"), mine, { fresh: !link.has("at") }))) return;
    const view = viewOf(link.get("at"));
    if (view) map?.jumpTo(view);
    setListView(link);
    setEdits(link.get("edits") ?? "");
    const point = state.positions.get(Number(link.get("point")));
    if (link.has("point") && point !== undefined) inspectPoint(point);
    const facility = Number(link.get("facility"));
    if (state.facilityAt.has(facility)) inspectFacility(facility);
    const division = link.get("division");
    if (state.zones.some((zone) => zone.code === division)) await choose(division, { reveal: true, go: !view });
  });

if (NARROW.matches) $("legend").open = false;
// Without a map there is no middle of it to put anything.
$("add").hidden = !map;
if (link().has("run")) open(link());
// The address that came, not the one that is there by now: the page may have written its own over it in between.
addEventListener("hashchange", ({ newURL }) => {
  heard();
  const came = new URLSearchParams(new URL(newURL).hash.slice(1));
  if (came.has("run")) open(came);
});
root.dataset.ready = "true";
