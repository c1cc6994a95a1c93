// What every page does by the keyboard and with its dialogs, tables and toasts. Pages work before this arrives.

/** Whether keys are being typed into something. @param {EventTarget | null} target */
const isTyping = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches("input, select, textarea"));

/**
 * Tell that something went well; it goes by itself, later than a slow reader needs. What went wrong belongs on the page.
 * @param {string} text
 */
export function toast(text) {
  const place = /** @type {HTMLElement} */ (document.querySelector(".toasts"));
  const shown = document.createElement("div");
  shown.className = "toast";
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "✕";
  close.setAttribute("aria-label", place.dataset.close ?? "");
  close.addEventListener("click", () => shown.remove());
  shown.append(Object.assign(document.createElement("span"), { textContent: text }), close);
  place.append(shown);
  setTimeout(() => shown.remove(), 4_000 + 120 * text.length);
}

/**
 * Put a table's rows in the order of one column; numbers by value, texts as the page's language orders them.
 * @param {HTMLTableElement} table @param {number} column
 */
export function sortBy(table, column) {
  const heads = [...table.tHead.rows[0].cells];
  const rising = heads[column].getAttribute("aria-sort") !== "ascending";
  heads.forEach((head, at) => head.hasAttribute("aria-sort") && head.setAttribute("aria-sort", at === column ? (rising ? "ascending" : "descending") : "none"));
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const isNumber = heads[column].classList.contains("number");
  /** @param {HTMLTableRowElement} row */
  const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  /** @param {string} text */
  const value = (text) => Number.parseFloat(text.replace(/[,%\s]/g, ""));
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => ({ row, key: isNumber ? value(key(row)) : key(row) }));
  const compare = (a, b) => {
    if (!isNumber) return collator.compare(a.key, b.key);
    // What has no value comes last, whichever way the rest goes.
    if (Number.isNaN(a.key) || Number.isNaN(b.key)) return (Number.isNaN(a.key) - Number.isNaN(b.key)) * (rising ? 1 : -1);
    return a.key - b.key;
  };
  const now = keyed.toSorted((a, b) => (rising ? compare(a, b) : compare(b, a)));
  // Rows that stand right already are left in peace: a long table is laid out anew by whatever moves in it.
  if (now.some((each, at) => each !== keyed[at])) body.append(...now.map((each) => each.row));
}

/**
 * What `j`, `k` and Enter go through: the first link or button that shows, of each row of what is marked with `data-rows` (a list, or a
 * table's body). Rows may come and go.
 */
const rows = () =>
  [...document.querySelectorAll("[data-rows] > :is(li, tr)")]
    .map((row) => [...row.querySelectorAll("a[href], button:not(:disabled)")].find((each) => each.checkVisibility()))
    .filter(Boolean);

/** Where `/` leads: the field that searches or narrows what the page shows. */
const find = () => [...document.querySelectorAll("[data-find]")].find((each) => each.checkVisibility());

/** Move the focus along the rows of the page; from elsewhere in a row it goes on from there. @param {number} step */
function go(step) {
  const links = rows();
  const row = document.activeElement.closest("[data-rows] > *");
  const at = links.findIndex((link) => link === document.activeElement || (row && row.contains(link)));
  links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
}

/** The keys that the page has something for. */
function help() {
  const has = { find: Boolean(find()), rows: rows().length > 0 };
  for (const term of document.querySelectorAll("#keys [data-key]")) {
    term.hidden = !has[term.dataset.key];
    term.nextElementSibling.hidden = term.hidden;
  }
  /** @type {HTMLDialogElement} */ (document.getElementById("keys")).showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const keys = {
    "/": () => find()?.focus(),
    "?": help,
    j: () => go(1),
    k: () => go(-1),
  };
  if (event.key in keys) {
    event.preventDefault();
    keys[event.key]();
  }
});

// Who never chose has the system's colours: only here is known which these are, and what the switch has to offer.
const theme = /** @type {HTMLAnchorElement | null} */ (document.getElementById("theme"));
if (theme && document.documentElement.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches) {
  const other = new URL(theme.href);
  other.searchParams.set("theme", "light");
  theme.href = other.href;
  theme.textContent = theme.dataset.light ?? "";
}

// What asks first asks in a dialog from now on, which sends the form's fields itself; the box to tick was for who has no scripts.
for (const form of document.querySelectorAll("form[data-asks]")) {
  const sure = form.querySelector(".sure");
  sure.hidden = true;
  sure.querySelector("input").required = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    /** @type {HTMLDialogElement} */ (document.getElementById(form.dataset.asks)).showModal();
  });
}

document.addEventListener("click", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const opens = target.closest("[data-opens]");
  if (opens) {
    // A link leads to a page that asks the same, for who has no scripts.
    event.preventDefault();
    /** @type {HTMLDialogElement} */ (document.getElementById(opens.dataset.opens)).showModal();
  }
  // Another language or other colours, of the same view.
  const preference = /** @type {HTMLAnchorElement | null} */ (target.closest(".preferences a"));
  if (preference) preference.hash = location.hash;
  // Whoever signs in comes back to where they were, all of it: the part behind # is known here alone.
  const back = /** @type {HTMLAnchorElement | null} */ (target.closest("a[data-back]"));
  if (back) {
    const there = new URL(back.href);
    there.searchParams.set("next", location.pathname + location.search + location.hash);
    back.href = there.href;
  }
  const says = target.closest("[data-says]");
  if (says) toast(says.dataset.says);
  const head = target.closest("th[aria-sort]");
  if (head && target.closest("button")) sortBy(head.closest("table"), head.cellIndex);
});
