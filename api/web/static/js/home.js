// The first page: suggestions, the map, and one division's facts beside it, changed without leaving the page.

import { openFacilities } from "./atlas.js";
import { easing, openMap, token } from "./map.js";
import { addressOf, combobox } from "./search.js";

const place = document.getElementById("map");
const CLOSEST = { padding: 24, maxZoom: 14 };
const OUTLINE = "chosen-division";

/** @type {maplibregl.Map | null} */
let map = null;

const facts = () => document.getElementById("facts");

/** Draw round the division whose facts are shown. */
function outline() {
  const code = facts()?.dataset.code ?? "";
  map.setFilter(OUTLINE, ["all", ["==", ["geometry-type"], "Polygon"], ["==", ["get", "code"], code]]);
}

/** The page's address without what only says how it is shown. @param {string} code */
function addressFor(code) {
  const wanted = new URLSearchParams(location.search);
  wanted.set("division", code);
  return `/?${wanted}`;
}

let newest = 0;
/** The address whose facts are shown. */
let shown = location.pathname + location.search;

/** Say that the service can't be reached; what is shown stays. */
function offline() {
  const words = JSON.parse(document.getElementById("search").dataset.words);
  document.querySelector("#facts .wrong")?.remove();
  const line = Object.assign(document.createElement("p"), { className: "wrong", textContent: words.offline });
  line.setAttribute("role", "alert");
  facts().prepend(line);
}

/**
 * Show a division's facts and go there on the map; the address says which, so it can be sent to somebody.
 * @param {string} address of the first page with that division
 * @param {{push?: boolean, focus?: boolean}} [how]
 */
async function show(address, { push = true, focus = true } = {}) {
  const mine = ++newest;
  let answer, page;
  try {
    answer = await fetch(address, { headers: { Accept: "text/html" } });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    if (mine === newest) offline();
    return;
  }
  // Whoever has asked on meanwhile wants the newer answer.
  if (mine !== newest) return;
  shown = address;
  const fresh = page.getElementById("facts");
  // What can't be shown here (a division that is gone) has a page of its own.
  if (!answer.ok || !fresh || !facts()) return location.assign(address);
  facts().replaceWith(document.adoptNode(fresh));
  // Their links lead to this same page in the other language or colours.
  document.querySelector(".preferences").replaceWith(document.adoptNode(page.querySelector(".preferences")));
  document.title = page.title;
  if (push) history.pushState(null, "", address);
  if (map) {
    outline();
    if (fresh.dataset.bounds) map.fitBounds(JSON.parse(fresh.dataset.bounds), { ...CLOSEST, duration: easing() });
  }
  if (focus) {
    document.getElementById("facts-title").focus({ preventScroll: true });
    if (matchMedia("(max-width: 900px)").matches) (place ?? fresh).scrollIntoView({ block: "start" });
  }
}

if (place && window.maplibregl) map = openMap(place, { fitBoundsOptions: CLOSEST });
if (map) {
  openFacilities(map, document.getElementById("under-pointer"));
  map.on("load", () => {
    map.addLayer(
      {
        id: OUTLINE,
        type: "line",
        source: "base",
        "source-layer": "divisions",
        filter: ["boolean", false],
        paint: { "line-color": token("accent"), "line-width": 3, "line-opacity": 0.85 },
      },
      "divisions-points",
    );
    outline();
  });
}

combobox(document.getElementById("search"), (hit, asked) => {
  if (hit.type !== "division" || hit.former || !facts()) return location.assign(addressOf(hit, asked));
  document.getElementById("q").value = hit.name;
  show(`/?${new URLSearchParams({ q: asked, division: hit.code })}`);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-division]");
  if (!link || !facts() || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(addressFor(link.dataset.division));
});

addEventListener("popstate", () => {
  const address = location.pathname + location.search;
  // A jump within the page (to its content, to the facts) is no other division.
  if (address !== shown) show(address, { push: false, focus: false });
});
