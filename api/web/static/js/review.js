// `/names/review`: how many places are ticked for a case, and all of the page ticked at once.

const form = document.getElementById("open-cases");
const all = document.getElementById("tick-all");
const said = document.getElementById("ticked");

/** Places that may be ticked: one that several findings are about has a box at each. @returns {HTMLInputElement[]} */
const boxes = () => [...form.elements].filter((each) => each.name === "places");

function tell() {
  const ticked = new Set(boxes().filter((each) => each.checked).map((each) => each.value));
  said.textContent = ticked.size ? said.dataset.said.replace("{count}", String(ticked.size)) : "";
}

if (form) {
  all.hidden = boxes().length < 2;
  all.addEventListener("click", () => {
    for (const each of boxes()) each.checked = true;
    tell();
  });
  document.addEventListener("change", tell);
  // A browser that comes back to the page has kept the ticks.
  addEventListener("pageshow", tell);
}
