// `/names`: a point chosen on the map goes into the form's field, and what the field says stands on the map.

import { easing, openMap, token } from "./map.js";

/** Decimals of a degree: a metre. */
const DIGITS = 5;
/** As near as one chooses a street by. */
const NEAR_ZOOM = 14;

const around = document.getElementById("choosing");
const place = document.getElementById("map");
const field = document.getElementById("at");
const said = document.getElementById("chosen");

/** @returns {[number, number] | null} what the field says, in degrees */
function written() {
  const parts = field.value.split(/[,，]/).map((part) => (part.trim() ? Number(part) : NaN));
  const [lon, lat] = parts;
  return parts.length === 2 && Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null;
}

/** The library measures its place when it begins: it begins when the place is seen. */
function begin() {
  if (!around.open || !window.maplibregl || place.dataset.begun) return;
  place.dataset.begun = "true";
  const map = openMap(place);
  if (!map) return;
  const show = () => {
    const at = written();
    map.getSource("chosen")?.setData({ type: "FeatureCollection", features: at ? [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } }] : [] });
    return at;
  };
  map.on("load", () => {
    map.addSource("chosen", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({ id: "chosen", type: "circle", source: "chosen", paint: { "circle-radius": 9, "circle-color": token("accent"), "circle-stroke-color": token("surface"), "circle-stroke-width": 3 } });
    show();
  });
  map.getCanvas().style.cursor = "crosshair";
  map.on("click", ({ lngLat }) => {
    const { lng, lat } = lngLat.wrap();
    field.value = `${lng.toFixed(DIGITS)},${lat.toFixed(DIGITS)}`;
    said.textContent = said.dataset.said.replace("{at}", field.value);
    show();
  });
  field.addEventListener("input", show);
  field.addEventListener("change", () => {
    const at = show();
    if (at) map.easeTo({ center: at, duration: easing() });
  });
  const at = written();
  if (at) map.jumpTo({ center: at, zoom: NEAR_ZOOM });
}

around.addEventListener("toggle", begin);
begin();
