// /plan: ask for a run, follow it, show its answer, and follow edits of facilities while they are dragged.
import { link, map, viewOf } from "./canvas.js";
import { $, NARROW, root } from "./dom.js";
import { inspectPoint } from "./inspector.js";
import { choose, setListView } from "./lists.js";
import "./pointer.js";
import { attempt, show } from "./run.js";
import { setEdits } from "./scenario.js";
import { isMyTurn, state } from "./state.js";

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
    if (!link.has("division")) return;
    await choose(link.get("division"), { reveal: true, go: !view });
    if (!isMyTurn(mine)) return;
  });

if (NARROW.matches) $("legend").open = false;
// Without a map there is no middle of it to put anything.
$("add").hidden = !map;
if (link().has("run")) open(link());
addEventListener("hashchange", () => link().has("run") && open(link()));
root.dataset.ready = "true";
