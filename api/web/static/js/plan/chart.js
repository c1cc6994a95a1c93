// The chart of /plan: how many people have how many minutes to the nearest facility (bars), and their share so far (curve).
import { token } from "../map.js";

/** Minutes on the axis at least; a longer threshold has as much again beyond it. */
const LEAST_SHOWN = 60;

/** How far the axis goes, in whole tens of minutes. @param {number} threshold in minutes */
export const mostShown = (threshold) => Math.max(LEAST_SHOWN, Math.ceil((2 * threshold) / 10) * 10);

/** The bar that holds so many minutes: bar i has (i - 1, i], for thresholds are inclusive; the last one what is beyond. @param {number} minutes @param {number} most */
export const barOf = (minutes, most) => Math.min(most + 1, Math.max(1, Math.ceil(minutes)));

/** People by minute. @param {(number | null)[]} minutes null: no way, in no bar @param {number[]} people @param {number} most */
export function histogram(minutes, people, most) {
  const bars = new Array(most + 2).fill(0);
  people.forEach((count, at) => {
    if (minutes[at] !== null) bars[barOf(minutes[at], most)] += count;
  });
  return bars;
}

/** The share of all who have it within each minute; of those beyond the axis it says nothing. @param {number[]} bars @param {number} all */
export function curveOf(bars, all) {
  let sum = 0;
  return bars.map((count, at) => {
    sum += count;
    return all && at < bars.length - 1 ? sum / all : null;
  });
}

/** @param {HTMLElement} place @param {any} uPlot @param {any} words @param {string} language */
export function openChart(place, uPlot, words, language) {
  const people = new Intl.NumberFormat(language, { notation: "compact" });
  const percent = new Intl.NumberFormat(language, { style: "percent" });
  let threshold = 0;
  let most = LEAST_SHOWN;
  // The bar of those beyond the axis stands apart, in the middle of the last unit but a half.
  const beyond = () => most + 1.5;
  const axis = { stroke: () => token("text"), grid: { stroke: () => token("line"), width: 1 }, ticks: { stroke: () => token("line"), width: 1 }, font: `12px ${getComputedStyle(place).fontFamily}` };
  const splits = () => {
    const step = most / 6;
    return [...Array(6).keys()].map((at) => at * step).concat(beyond());
  };
  const chart = new uPlot(
    {
      width: place.clientWidth,
      height: place.clientHeight,
      cursor: { show: false },
      legend: { show: false },
      scales: { x: { time: false, range: () => [0, most + 2] }, people: { range: (/** @type {any} */ u, /** @type {number} */ low, /** @type {number} */ high) => [0, high * 1.05 || 1] }, share: { range: [0, 1] } },
      axes: [
        { ...axis, label: words.minutes_axis, labelSize: 20, size: 34, splits, values: (/** @type {any} */ u, /** @type {number[]} */ ticks) => ticks.map((tick) => (tick > most ? `>${most}` : String(Math.round(tick)))) },
        { ...axis, scale: "people", size: 52, values: (/** @type {any} */ u, /** @type {number[]} */ ticks) => ticks.map((tick) => people.format(tick)) },
        { ...axis, scale: "share", side: 1, size: 46, grid: { show: false }, values: (/** @type {any} */ u, /** @type {number[]} */ ticks) => ticks.map((tick) => percent.format(tick)) },
      ],
      series: [
        {},
        { scale: "people", paths: uPlot.paths.bars({ size: [1, Infinity], align: -1, gap: 1 }), fill: () => token("edge"), points: { show: false } },
        { scale: "share", stroke: () => token("accent"), width: 2, points: { show: false } },
        { scale: "share", stroke: () => token("text"), width: 2, dash: [5, 4], points: { show: false } },
      ],
      hooks: {
        draw: [
          (/** @type {any} */ u) => {
            const x = Math.round(u.valToPos(threshold, "x", true));
            const { ctx, bbox } = u;
            ctx.save();
            ctx.strokeStyle = token("bad");
            ctx.lineWidth = 2 * devicePixelRatio;
            ctx.beginPath();
            ctx.moveTo(x, bbox.top);
            ctx.lineTo(x, bbox.top + bbox.height);
            ctx.stroke();
            ctx.fillStyle = token("bad");
            ctx.font = `${12 * devicePixelRatio}px ${getComputedStyle(place).fontFamily}`;
            ctx.fillText(`${words.threshold} ${threshold}`, x + 4 * devicePixelRatio, bbox.top + 12 * devicePixelRatio);
            ctx.restore();
          },
        ],
      },
    },
    [[0], [0], [0], [null]],
    place,
  );
  new ResizeObserver(() => place.clientWidth && chart.setSize({ width: place.clientWidth, height: place.clientHeight })).observe(place);
  return {
    /**
     * @param {number} limit minutes @param {number[]} bars @param {(number | null)[]} curve
     * @param {(number | null)[] | null} before the curve of the run, beside that of a scenario
     */
    show(limit, bars, curve, before) {
      threshold = limit;
      most = bars.length - 2;
      const x = bars.map((_, at) => (at > most ? most + 2 : at));
      chart.setData([x, bars, curve, before ?? x.map(() => null)]);
    },
  };
}
