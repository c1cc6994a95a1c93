// The map of every page: our own tiles and style, nothing from elsewhere; labels are drawn from the reader's fonts.
// A page has an element made by `map` in components.html and calls `openMap` with it.

/** @param {string} name */
export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export const locale = document.documentElement.lang;

// maplibre-gl 5.24 takes the left edge of a glyph's ink with the wrong sign (its library mended that in tiny-sdf 2.3): what
// begins far to the right, "（" for one, is cut off. It alone measures on canvases off the screen.
const offScreen = (globalThis.OffscreenCanvasRenderingContext2D ?? CanvasRenderingContext2D).prototype;
const measured = offScreen.measureText;
offScreen.measureText = function (text) {
  const { width, actualBoundingBoxAscent, actualBoundingBoxDescent, actualBoundingBoxLeft, actualBoundingBoxRight } = measured.call(this, text);
  return { width, actualBoundingBoxAscent, actualBoundingBoxDescent, actualBoundingBoxLeft: -actualBoundingBoxLeft, actualBoundingBoxRight };
};

/** The source line is HTML; a text in it is a text. @param {string} text */
const escaped = (text) => Object.assign(document.createElement("span"), { textContent: text }).innerHTML;

/** Say over the map what is wrong with it; the rest of the page goes on. @param {HTMLElement} place @param {string} text */
function say(place, text) {
  place.parentElement.querySelector(".map-loading")?.remove();
  if (place.parentElement.querySelector(".map-failed")) return;
  const note = Object.assign(document.createElement("p"), { className: "map-failed", textContent: text });
  note.setAttribute("role", "alert");
  place.after(note);
}

/**
 * The map in its place; null, and a word about it there, where the browser can't draw one.
 * @param {HTMLElement} place
 * @param {object} [options] of maplibregl.Map
 */
export function openMap(place, options = {}) {
  const words = JSON.parse(place.dataset.words);
  try {
    return openedMap(place, words, options);
  } catch (error) {
    console.warn(error);
    say(place, words.none);
    return null;
  }
}

// All that a map asks for is the registry's own. Styles and TileJSON name it by its public address (GEO_PUBLIC_URL), for
// every client; a page that was opened by another name (this machine's, say) may ask only where it came from.
/** @param {string} address */
function fromHere(address) {
  const { pathname, search } = new URL(address, location.href);
  return { url: `${location.origin}${pathname}${search}` };
}

/** @param {HTMLElement} place @param {Record<string, string>} words @param {object} options */
function openedMap(place, words, options) {
  maplibregl.setWorkerUrl(place.dataset.worker);
  const theme = getComputedStyle(document.documentElement).colorScheme === "dark" ? "dark" : "light";
  const bounds = place.dataset.bounds ? JSON.parse(place.dataset.bounds) : undefined;
  const map = new maplibregl.Map({
    container: place,
    style: `/tiles/style.json?theme=${theme}&lang=${locale}`,
    transformRequest: fromHere,
    ...(bounds ? { bounds, fitBoundsOptions: { padding: 16 } } : {}),
    localIdeographFontFamily: '"PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif',
    attributionControl: { compact: false, ...(words.approval ? { customAttribution: escaped(words.approval) } : {}) },
    locale: words,
    maxZoom: 18,
    // Names stand at once: fading draws the whole map six times more after every change.
    fadeDuration: 0,
    ...options,
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-left");
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 120 }), "bottom-left");
  const loading = Object.assign(document.createElement("p"), { className: "map-loading", textContent: words.loading });
  place.after(loading);
  map.once("load", () => loading.remove());
  // Once the style is there, a tile that is late or missing leaves a gap that the next move fills.
  const failed = () => map.isStyleLoaded() || say(place, words.failed);
  map.on("error", failed);
  map.once("load", () => map.off("error", failed));
  map.on("load", () => place.parentElement.querySelector(".map-failed")?.remove());
  // For whoever looks from outside: everything that was asked for is drawn.
  map.on("idle", () => (place.dataset.drawn = "true"));
  for (const begun of ["movestart", "dataloading"]) map.on(begun, () => (place.dataset.drawn = "false"));
  return map;
}

/** Milliseconds that the camera takes: none for those who asked for less motion. */
export const easing = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 400);
