// The map of every page: our own tiles and style, nothing from elsewhere; labels are drawn from the reader's fonts.
// A page has an element made by `map` in components.html and calls `openMap` with it.

/** @param {string} name */
export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export const locale = document.documentElement.lang;

/**
 * @param {HTMLElement} place
 * @param {object} [options] of maplibregl.Map
 */
export function openMap(place, options = {}) {
  maplibregl.setWorkerUrl(place.dataset.worker);
  const theme = getComputedStyle(document.documentElement).colorScheme === "dark" ? "dark" : "light";
  const bounds = place.dataset.bounds ? JSON.parse(place.dataset.bounds) : undefined;
  const map = new maplibregl.Map({
    container: place,
    style: `/tiles/style.json?theme=${theme}&lang=${locale}`,
    ...(bounds ? { bounds, fitBoundsOptions: { padding: 16 } } : {}),
    localIdeographFontFamily: '"PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif',
    attributionControl: { compact: true },
    locale: JSON.parse(place.dataset.words),
    maxZoom: 18,
    ...options,
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-left");
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 120 }), "bottom-left");
  // The library opens the credits over the map until somebody drags it; they are a click away.
  map.once("load", () => {
    const credits = place.querySelector(".maplibregl-ctrl-attrib");
    credits?.classList.remove("maplibregl-compact-show");
    credits?.removeAttribute("open");
  });
  // For whoever looks from outside: everything that was asked for is drawn.
  map.on("idle", () => (place.dataset.drawn = "true"));
  map.on("movestart", () => (place.dataset.drawn = "false"));
  return map;
}

/** Milliseconds that the camera takes: none for those who asked for less motion. */
export const easing = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 400);
