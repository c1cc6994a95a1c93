// The search box: suggestions while one types, as an ARIA combobox with a list. Without this the form is an ordinary one.

const WAIT_MS = 120;
const MOST = 8;

/** @typedef {{code: string, name: string, change: string}} Lead where a former division leads to */
/** @typedef {{id: string, type: string, kind: string, name: string, label: string, matched: string, former: boolean, begins_on: string | null, name_kind: string | null, marked: [number, number] | null, code: string | null, status: string | null, position_quality: string, vintage: number | null, became: Lead[], heirs: {id: string, name: string}[]}} Hit */

/** Where a hit is looked at. @param {Hit} hit @param {string} asked */
export const addressOf = (hit, asked) => {
  if (hit.type !== "division") return `/${hit.type === "place" ? "places" : "facilities"}/${hit.id}`;
  return hit.former ? `/divisions/${hit.code}?vintage=${hit.vintage}` : `/?${new URLSearchParams({ q: asked, division: hit.code })}#facts`;
};

/**
 * @param {HTMLFormElement} form made by home.html
 * @param {(hit: Hit, asked: string) => void} choose what is done with the hit that somebody chose
 */
export function combobox(form, choose) {
  const input = form.querySelector("[type=search]");
  const list = form.querySelector("[role=listbox]");
  const said = form.querySelector("[role=status]");
  const words = JSON.parse(form.dataset.words);
  /** @type {Hit[]} */
  let hits = [];
  let at = -1;
  let asked = "";
  let timer = 0;
  /** @type {AbortController | null} */
  let asking = null;

  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id }))
    input.setAttribute(name, value);

  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  /** @param {number} index */
  const point = (index) => {
    at = index;
    [...list.children].forEach((option, each) => option.setAttribute("aria-selected", String(each === at)));
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  };

  /** @param {Hit} hit */
  const take = (hit) => {
    close();
    choose(hit, asked);
  };

  const show = () => {
    list.replaceChildren(...hits.map((hit, index) => optionOf(hit, index, words)));
    said.textContent = hits.length ? words.found.replace("{count}", String(hits.length)) : words.none;
    at = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = hits.length === 0;
    input.setAttribute("aria-expanded", String(hits.length > 0));
  };

  const ask = async () => {
    const text = input.value.trim();
    asking?.abort();
    if (!text) return close();
    asking = new AbortController();
    try {
      const answer = await fetch(`/api/v1/suggest?${new URLSearchParams({ q: text, limit: String(MOST) })}`, { signal: asking.signal });
      // Punctuation alone is refused; there is nothing to suggest yet.
      hits = answer.ok ? (await answer.json()).hits : [];
      asked = text;
      if (document.activeElement === input) show();
    } catch (error) {
      if (error.name === "AbortError") return;
      close();
      said.textContent = words.late;
    }
  };

  input.addEventListener("input", (event) => {
    // While an input method composes, what stands in the box is half a syllable, which is a reading too.
    clearTimeout(timer);
    timer = setTimeout(ask, event.isComposing ? WAIT_MS * 2 : WAIT_MS);
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = hits.length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return void (hits.length && asked === input.value.trim() ? show() : ask());
      const step = event.key === "ArrowDown" ? 1 : -1;
      point(at + step > last ? -1 : at + step < -1 ? last : at + step);
    } else if (event.key === "Enter" && !list.hidden && at >= 0) {
      event.preventDefault();
      take(hits[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });

  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the box
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(hits[[...list.children].indexOf(option)]);
  });
  input.addEventListener("blur", close);
  form.addEventListener("submit", close);
  // Who was quicker than the script isn't left waiting.
  if (document.activeElement === input && input.value !== input.defaultValue) ask();
}

/** A date as people write it. @param {string} date ``2026-12-01`` */
const asDay = (date) => new Date(`${date}T00:00:00Z`).toLocaleDateString(document.documentElement.lang.replace(/^en$/, "en-GB"), { timeZone: "UTC", dateStyle: "medium" });

/** @param {Hit} hit @param {number} index @param {Record<string, any>} words */
function optionOf(hit, index, words) {
  const option = document.createElement("li");
  option.id = `q-option-${index}`;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  const name = document.createElement("span");
  if (hit.marked) {
    // Positions count characters, and JavaScript's strings halves of some.
    const characters = [...hit.matched];
    const [begin, end] = hit.marked;
    const met = document.createElement("mark");
    met.textContent = characters.slice(begin, end).join("");
    name.append(characters.slice(0, begin).join(""), met, characters.slice(end).join(""));
  } else {
    name.textContent = hit.matched;
  }
  const about = document.createElement("span");
  about.className = "about";
  const kind = { division: words.levels, facility: words.kinds, place: words.classes }[hit.type]?.[hit.kind] ?? hit.kind;
  const named = hit.former || (hit.name_kind && hit.name_kind !== "standard") ? words.names[(hit.name_kind ?? "standard") === "standard" ? "former" : hit.name_kind] : "";
  const begins = hit.begins_on ? words.begins.replace("{date}", asDay(hit.begins_on)) : "";
  const present = hit.matched === hit.name ? "" : begins ? words.now.replace("{name}", hit.name) : `→ ${hit.name}`;
  const heirs = hit.heirs.length ? `→ ${hit.heirs.map((heir) => heir.name).join("、")}` : "";
  const status = hit.status && !words.usual.includes(hit.status) ? words.statuses[hit.status] : "";
  const synthetic = hit.type !== "division" && hit.position_quality === "synthetic" ? words.synthetic : "";
  const became = hit.type === "division" && hit.former ? (hit.became.length ? hit.became.map((lead) => `${words.changes[lead.change]} ${lead.name}`) : [words.unknown]) : [];
  about.textContent = [begins || (hit.heirs.length ? "" : named), present, ...became, kind, hit.label, [status, heirs].filter(Boolean).join(" "), synthetic].filter(Boolean).join(" · ");
  option.append(name, " ", about);
  return option;
}
