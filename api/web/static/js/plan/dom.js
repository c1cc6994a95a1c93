// The page's elements, and the words that its scripts say, which the service translates.

export const root = /** @type {HTMLElement} */ (document.querySelector(".plan"));

/** @type {any} */
export const words = JSON.parse(root.dataset.words);

/** @param {string} id @returns {any} */
export const $ = (id) => document.getElementById(id);

/** A phone: the panels are a sheet over the map. */
export const NARROW = matchMedia("(max-width: 760px)");

/** Whether whoever looks may try scenarios and ask for ways; else the service would refuse what the page asks. */
export const mayTry = root.dataset.tries === "yes";

/** @param {string} name @param {any} [about] @param {...(Node | string)} children @returns {any} */
export function element(name, about = {}, ...children) {
  const made = Object.assign(document.createElement(name), about);
  made.append(...children);
  return made;
}

/** What is there after signing in, with the way to it; or that it isn't for them. @param {string} after @param {string} not @returns {(Node | string)[]} */
export function instead(after, not) {
  if (root.dataset.tries !== "sign-in") return [not];
  const link = element("a", { href: "/sign-in", textContent: words.sign_in });
  // Whoever signs in comes back to this very view.
  link.dataset.back = "";
  return [link, after];
}

/** Say what isn't a fault: it stays until something else is done; null takes it away. @param {string | null} text */
export function note(text) {
  $("note").hidden = text === null;
  $("note").textContent = text ?? "";
}

/** Say what went wrong, where it stays until something goes right; null takes it away. @param {string | null} text a line for what, one for what to do */
export function fail(text) {
  $("failed").hidden = text === null;
  if (text !== null) [...$("failed").querySelectorAll("p")].forEach((line, at) => (line.textContent = text.split("\n")[at] ?? ""));
}
