// The panels: tabs over the tables, and on a phone a sheet of three heights, by its handle or drawn up and down.
import { map } from "./canvas.js";
import { $, NARROW, root } from "./dom.js";
import { tell } from "./state.js";

const HEIGHTS = ["low", "half", "full"];

/** @param {string} height */
function setHeight(height) {
  root.dataset.height = height;
  map?.resize();
}

/** Let the map be seen: something on it is to be looked at. */
export function uncover() {
  if (NARROW.matches && root.dataset.height === "full") setHeight("half");
}

/** How far a finger goes before it draws the sheet, in px. */
const DRAWN_PX = 30;

$("handle").addEventListener("click", () => setHeight(HEIGHTS[(HEIGHTS.indexOf(root.dataset.height) + 1) % HEIGHTS.length]));
$("handle").addEventListener("pointerdown", (/** @type {PointerEvent} */ down) => {
  const lift = (/** @type {PointerEvent} */ up) => {
    const moved = down.clientY - up.clientY;
    if (Math.abs(moved) < DRAWN_PX) return;
    const at = HEIGHTS.indexOf(root.dataset.height) + Math.sign(moved);
    setHeight(HEIGHTS[Math.min(Math.max(at, 0), HEIGHTS.length - 1)]);
    // Where it ends on the handle, a click follows, which would go one further.
    const click = (/** @type {Event} */ event) => event.stopImmediatePropagation();
    addEventListener("click", click, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", click, { capture: true }));
  };
  document.addEventListener("pointerup", lift, { once: true });
});

const tabs = [...document.querySelectorAll("[role=tab]")];

/** @param {string} id of a tab */
export function turnTo(id) {
  for (const tab of tabs) {
    const isChosen = tab.id === id;
    tab.setAttribute("aria-selected", String(isChosen));
    /** @type {HTMLElement} */ (tab).tabIndex = isChosen ? 0 : -1;
    $(tab.getAttribute("aria-controls")).hidden = !isChosen;
  }
  for (const part of document.querySelectorAll(".of-zones")) /** @type {HTMLElement} */ (part).hidden = id !== "zones-tab";
  tell("view");
}

for (const tab of tabs) {
  tab.addEventListener("click", () => turnTo(tab.id));
  tab.addEventListener("keydown", (/** @type {any} */ event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = /** @type {HTMLElement} */ (tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]);
    turnTo(next.id);
    next.focus();
  });
}
