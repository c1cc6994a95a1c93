// What people do with facilities on a map of the pages: point at one, open one, open a cluster.

import { easing } from "./map.js";

const MARKS = ["facilities-marks", "facilities-clusters"];

/**
 * Clusters open where they are clicked, facilities open their page, and the pointer says what it is on.
 * @param {maplibregl.Map} map
 * @param {HTMLElement} label shown beside the pointer
 * @param {string} [own] the id of the record that the page is about: it isn't opened again
 * @returns {() => void} ends it
 */
export function openFacilities(map, label, own) {
  const at = (point) => map.queryRenderedFeatures(point, { layers: MARKS.filter((layer) => map.getLayer(layer)) })[0];

  const click = (event) => {
    const found = at(event.point);
    if (!found) return;
    if (found.properties.count > 1) {
      map.easeTo({ center: found.geometry.coordinates, zoom: Math.min(map.getZoom() + 2, map.getMaxZoom()), duration: easing() });
    } else if (found.properties.id !== own) {
      location.assign(`/facilities/${found.properties.id}`);
    }
  };

  const move = (event) => {
    const found = at(event.point);
    map.getCanvas().style.cursor = found ? "pointer" : "";
    label.hidden = !found || found.properties.count > 1;
    if (label.hidden) return;
    label.textContent = found.properties.name;
    const width = map.getContainer().clientWidth;
    const left = event.point.x < width / 2;
    label.style.left = left ? `${event.point.x + 16}px` : "auto";
    label.style.right = left ? "auto" : `${width - event.point.x + 16}px`;
    label.style.top = `${event.point.y + 8}px`;
  };

  const leave = () => (label.hidden = true);

  const heard = { click, mousemove: move, mouseout: leave };
  for (const [what, work] of Object.entries(heard)) map.on(what, work);
  return () => {
    for (const [what, work] of Object.entries(heard)) map.off(what, work);
    label.hidden = true;
    label.removeAttribute("style");
  };
}
