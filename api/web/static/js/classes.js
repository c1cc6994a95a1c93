// How minutes are told apart: the same classes, colours and words on the map, in the legend and in the chart.
import { token } from "./map.js";

/** Upper ends, inclusive. */
export const MINUTES = [5, 10, 15, 20, 30, Infinity];

const NAMES = ["minutes-5", "minutes-10", "minutes-15", "minutes-20", "minutes-30", "minutes-more"];

/** Who isn't covered comes last, however near. */
export const UNCOVERED = MINUTES.length;

/** Whom a class holds, and not who else has it nearer. @param {number} at */
const band = (at) => (at === 0 ? `≤ ${MINUTES[0]}` : MINUTES[at] === Infinity ? `> ${MINUTES[at - 1]}` : `${MINUTES[at - 1]}–${MINUTES[at]}`);

/** @param {string} uncovered its word @returns {{colour: string, label: string}[]} */
export const classes = (uncovered) => [
  ...NAMES.map((name, at) => ({ colour: token(name), label: band(at) })),
  { colour: token("uncovered"), label: uncovered },
];

/** @param {string} state @param {number | null} minutes */
export const classOf = (state, minutes) => (state === "covered" ? MINUTES.findIndex((end) => minutes <= end) : UNCOVERED);
