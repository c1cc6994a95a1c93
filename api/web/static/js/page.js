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
  const compare = (a, b) => {
    if (!isNumber) return collator.compare(key(a), key(b));
    const [left, right] = [value(key(a)), value(key(b))];
    // What has no value comes last, whichever way the rest goes.
    if (Number.isNaN(left) || Number.isNaN(right)) return (Number.isNaN(left) - Number.isNaN(right)) * (rising ? 1 : -1);
    return left - right;
  };
  body.append(...[...body.rows].sort((a, b) => (rising ? compare(a, b) : compare(b, a))));
}

/** Move the focus along the records of the page. @param {number} step */
function go(step) {
  const links = [...document.querySelectorAll(".records > li")].map((record) => record.querySelector("a")).filter(Boolean);
  const at = links.indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement));
  links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const keys = {
    "/": () => /** @type {HTMLElement | null} */ (document.querySelector("[type=search]"))?.focus(),
    "?": () => /** @type {HTMLDialogElement} */ (document.getElementById("keys")).showModal(),
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

document.addEventListener("click", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const opens = target.closest("[data-opens]");
  if (opens) /** @type {HTMLDialogElement} */ (document.getElementById(opens.dataset.opens)).showModal();
  // Another language or other colours, of the same view.
  const preference = /** @type {HTMLAnchorElement | null} */ (target.closest(".preferences a"));
  if (preference) preference.hash = location.hash;
  const says = target.closest("[data-says]");
  if (says) toast(says.dataset.says);
  const head = target.closest("th[aria-sort]");
  if (head && target.closest("button")) sortBy(head.closest("table"), head.cellIndex);
});
