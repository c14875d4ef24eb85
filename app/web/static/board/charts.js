// Small charts that say in words what they draw.
import { html } from "../page.js";

/** @typedef {{label: string, value: number, words: string, marked?: boolean}} Bar */

/** Bars one below the other; each is a line of text, too. @param {{bars: Bar[], most?: number}} props */
export function Bars({ bars, most }) {
  const longest = Math.max(most ?? 0, 1e-9, ...bars.map((bar) => Math.abs(bar.value)));
  return html`<ul class="bars">
    ${bars.map(
      (bar) => html`<li class=${bar.marked ? "marked" : ""}>
        <span class="label">${bar.label}</span>
        <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width=${(100 * Math.abs(bar.value)) / longest} height="10" rx="1" /></svg>
        <span class="value">${bar.words}</span>
      </li>`,
    )}
  </ul>`;
}

/**
 * How a measure is spread over people: from the least to the most, the middle half filled, the median marked.
 * @param {{deciles: number[], from?: number, to?: number}} props
 */
export function Spread({ deciles, from = 0, to }) {
  const end = Math.max(to ?? 0, deciles[10], from + 1);
  const x = (/** @type {number} */ value) => (120 * (Math.max(value, from) - from)) / (end - from);
  const box = (/** @type {number} */ a, /** @type {number} */ b, /** @type {string} */ name) =>
    html`<rect class=${name} x=${x(deciles[a])} width=${Math.max(x(deciles[b]) - x(deciles[a]), 1)} y=${name === "all" ? 8 : 4} height=${name === "all" ? 2 : 10} />`;
  return html`<svg class="spread" viewBox="-2 0 124 18" aria-hidden="true">
    <rect class="axis" x="0" y="8.5" width="120" height="1" />
    ${box(0, 10, "all")}${box(1, 9, "most")}<circle cx=${x(deciles[5])} cy="9" r="4" />
  </svg>`;
}

/** A small line of values as they come. @param {{values: number[], title?: string}} props */
export function Line({ values }) {
  if (values.length < 2) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const points = values.map((value, i) => `${(80 * i) / (values.length - 1)},${2 + (16 * (high - value)) / Math.max(high - low, 1e-9)}`);
  return html`<svg class="falling" viewBox="0 0 80 20" aria-hidden="true"><polyline points=${points.join(" ")} /></svg>`;
}
