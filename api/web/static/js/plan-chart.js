// The chart of /plan: how many people have how many minutes to the nearest facility (bars), and their share so far (curve).
import { token } from "./map.js";

/** Minutes that the chart shows; who has it farther is in its last bar. */
const MOST = 60;

/**
 * @typedef {{minutes: (number | null)[], people: number[]}} Answers one entry a demand point; null: no way
 * @param {Answers} answers
 */
export function series({ minutes, people }) {
  const bars = new Array(MOST + 1).fill(0);
  let all = 0;
  people.forEach((count, at) => {
    all += count;
    // A bar holds (i - 1, i]: thresholds are inclusive.
    if (minutes[at] !== null) bars[Math.min(MOST, Math.max(1, Math.ceil(minutes[at])))] += count;
  });
  let sum = 0;
  const curve = bars.map((count) => (all ? ((sum += count), sum / all) : null));
  return { bars, curve };
}

/** @param {HTMLElement} place @param {any} uPlot @param {any} words @param {string} language */
export function openChart(place, uPlot, words, language) {
  const people = new Intl.NumberFormat(language, { notation: "compact" });
  const percent = new Intl.NumberFormat(language, { style: "percent" });
  let threshold = 0;
  const axis = { stroke: () => token("text"), grid: { stroke: () => token("line"), width: 1 }, ticks: { stroke: () => token("line"), width: 1 }, font: `12px ${getComputedStyle(place).fontFamily}` };
  const chart = new uPlot(
    {
      width: place.clientWidth,
      height: place.clientHeight,
      cursor: { show: false },
      legend: { show: false },
      scales: { x: { time: false, range: [0, MOST] }, people: { range: (/** @type {any} */ u, /** @type {number} */ low, /** @type {number} */ high) => [0, high * 1.05 || 1] }, share: { range: [0, 1] } },
      axes: [
        { ...axis, label: words.minutes_axis, labelSize: 20, size: 34, values: (/** @type {any} */ u, /** @type {number[]} */ ticks) => ticks.map((tick) => (tick === MOST ? `≥${MOST}` : String(tick))) },
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
    /** @param {number} limit minutes @param {Answers} run @param {Answers | null} scenario */
    show(limit, run, scenario) {
      threshold = limit;
      const shown = series(scenario ?? run);
      const before = series(run);
      const x = shown.bars.map((_, at) => at);
      chart.setData([x, shown.bars, shown.curve, scenario ? before.curve : x.map(() => null)]);
      return shown;
    },
  };
}
