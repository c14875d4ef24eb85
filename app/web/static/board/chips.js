// Where the chips of a row stand, and what they are made of.
import { iconNode } from "../icons.js";
import { clock, listed, t } from "../page.js";

/** @typedef {import("./model.js").Visit} Visit */
/**
 * How minutes become pixels.
 * @typedef {object} Scale
 * @property {[number, number]} hours minutes of the day that are drawn
 * @property {number} dayWidth pixels
 * @property {number[]} days those that are drawn
 */
/** @typedef {{visit: Visit, label: string, begins: number, left: number, width: number, true_width: number, lane: number, travel: number}} Chip `begins`: its time; a chip at the end of the week stands before it, to be read whole */

export const LANE = 22; // pixels
const NARROWEST = 62; // three Chinese characters and a picture

/** @param {Scale} scale @param {number} day @param {number} minute */
export function x(scale, day, minute) {
  const [from, to] = scale.hours;
  const place = scale.days.indexOf(day);
  return (place + (minute - from) / (to - from)) * scale.dayWidth;
}

/** @param {Scale} scale */
export const perMinute = (scale) => scale.dayWidth / (scale.hours[1] - scale.hours[0]);

/**
 * Return the chips of a row, each in the first lane in which it covers no other.
 * @param {Visit[]} visits in order of time
 * @param {Scale} scale
 * @param {(visit: Visit) => string} label
 * @param {(visit: Visit) => number} travel minutes
 */
export function layOut(visits, scale, label, travel) {
  /** @type {number[]} */
  const ends = [];
  /** @type {Chip[]} */
  const chips = [];
  for (const visit of visits) {
    if (visit.day === null || visit.start === null || !scale.days.includes(visit.day)) continue;
    const begins = x(scale, visit.day, visit.start);
    const true_width = visit.minutes * perMinute(scale);
    const width = Math.max(true_width, NARROWEST);
    const left = Math.max(0, Math.min(begins, scale.days.length * scale.dayWidth - width));
    let lane = ends.findIndex((end) => end <= left + 0.5);
    if (lane < 0) lane = ends.length;
    ends[lane] = left + width + 1;
    chips.push({ visit, label: label(visit), begins, left, width, true_width, lane, travel: travel(visit) * perMinute(scale) });
  }
  return { chips, lanes: Math.max(ends.length, 1) };
}

/** Of several, the one that matters most to who corrects. @param {Visit} visit */
export function look(visit) {
  if (visit.day === null) return "warn";
  if (visit.pinned) return "pinned";
  return visit.hands === 2 ? "two" : "placed";
}

/** @param {Visit} visit @param {string} day */
export function spoken(visit, day) {
  const who = listed(visit.caregivers.map((each) => each.name));
  const state = t(`state.${look(visit)}`);
  if (visit.start === null) return t("chip.unallocated", { elder: visit.elder.name, minutes: visit.minutes, state });
  const time = `${clock(visit.start)}–${clock(visit.start + visit.minutes)}`;
  return t("chip.placed", { elder: visit.elder.name, day, time, who, state });
}

/** @param {Visit} visit @param {string} label @param {string} spokenText */
export function chipNode(visit, label, spokenText) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `chip ${look(visit)}`;
  button.dataset.visit = String(visit.id);
  button.tabIndex = -1;
  button.title = spokenText;
  button.setAttribute("aria-label", spokenText);
  const text = document.createElement("span");
  text.textContent = label;
  button.append(iconNode(look(visit)), text);
  return button;
}
