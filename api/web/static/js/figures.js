// How figures are written for people: one rule for pages, commands and reports (geo_registry/figures.py, docs/planner.md), which
// tests/golden/figures.json holds both to. What is rounded is the decimal that a number shows; a half goes away from zero.

const isEnglish = document.documentElement.lang.startsWith("en");

const NOTHING = "–";

/** @param {number} decimals @param {"decimal" | "percent"} [style] */
function formatter(decimals, style = "decimal") {
  const format = new Intl.NumberFormat("en", { style, minimumFractionDigits: decimals, maximumFractionDigits: decimals, signDisplay: "negative" });
  return (/** @type {number} */ value) => format.format(value).replace("-", "−");
}

const toWhole = formatter(0);
const toTenth = formatter(1);
const toPercent = formatter(1, "percent");

const date = new Intl.DateTimeFormat(isEnglish ? "en-GB" : "zh-CN", { day: "numeric", month: isEnglish ? "short" : "long", year: "numeric", timeZone: "UTC" });

/** People and other counts: `1,204`. @param {number | null} count */
export const whole = (count) => (count === null ? NOTHING : toWhole(count));

/** A change in people, with its sign: `+1,204`, `−310`; what rounds to nothing has none. @param {number | null} change */
export function signed(change) {
  const written = whole(change);
  return change !== null && change > 0 && written !== toWhole(0) ? `+${written}` : written;
}

/** A share from 0 to 1, with one decimal: `6.3%`; what is nearly none or nearly all isn't rounded to it. @param {number | null} share */
export function percent(share) {
  if (share === null) return NOTHING;
  const written = toPercent(share);
  if (share > 0 && written === toPercent(0)) return `${isEnglish ? "<" : "＜"}0.1%`;
  if (share < 1 && written === toPercent(1)) return `${isEnglish ? ">" : "＞"}99.9%`;
  return written;
}

/** Minutes that a way takes, with one decimal. @param {number | null} taken */
export const minutes = (taken) => (taken === null ? NOTHING : toTenth(taken));

/** A length in metres: whole ones, from a thousand on as kilometres with one decimal. @param {number | null} length */
export function metres(length) {
  if (length === null) return NOTHING;
  return Math.abs(length) < 999.5 ? `${toWhole(length)} m` : `${toTenth(length / 1000)} km`;
}

/** What somebody set, as it was set: `15`, `4.8`. @param {number | null} value */
export const given = (value) => (value === null ? NOTHING : String(value).replace("-", "−"));

/** A date as people write it. @param {string | null} day YYYY-MM-DD */
export const day = (day) => (day === null ? NOTHING : date.format(new Date(day)));
