// Small pictures beside words; drawn, not typed, so that every machine shows the same.
import { html } from "./page.js";

/** @type {Record<string, string>} */
const PATHS = {
  placed: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm3.4 4.9-4 4.6a.8.8 0 0 1-1.2 0L4.5 9.2l1.1-1.1 1.2 1.2 3.4-3.9z",
  pinned: "M8 1a3.5 3.5 0 0 0-3.5 3.5V7H4a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1V8a1 1 0 0 0-1-1h-.5V4.5A3.5 3.5 0 0 0 8 1zm-2 6V4.5a2 2 0 1 1 4 0V7z",
  warn: "M8 1.2 15.4 14.5H.6zM7.2 6v4.3h1.6V6zm0 5.5V13h1.6v-1.5z",
  two: "M5.2 2.5a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6zm5.8 0a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6zM.8 13.5c0-3 1.9-5 4.4-5 1.2 0 2.2.4 2.9 1.2.8-.8 1.8-1.2 2.9-1.2 2.5 0 4.2 2 4.2 5z",
  undo: "M6.5 2.5 2 7l4.5 4.5V9c3.5 0 5.5 1 7.5 4-.5-4.5-3-8-7.5-8z",
  redo: "M9.5 2.5 14 7l-4.5 4.5V9C6 9 4 10 2 13c.5-4.5 3-8 7.5-8z",
  left: "M10.5 2 4.5 8l6 6 1.2-1.2L7 8l4.7-4.8z",
  right: "M5.5 2 4.3 3.2 9 8l-4.7 4.8L5.5 14l6-6z",
  close: "m3.2 2 4.8 4.8L12.8 2 14 3.2 9.2 8l4.8 4.8-1.2 1.2L8 9.2 3.2 14 2 12.8 6.8 8 2 3.2z",
  search: "M6.7 1.5a5.2 5.2 0 1 0 3.1 9.4l3.6 3.6 1.1-1.1-3.6-3.6a5.2 5.2 0 0 0-4.2-8.3zm0 1.6a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.2z",
};

/** @param {{name: string}} props */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
}

/** @type {Map<string, Element>} */
const drawn = new Map();

/** The same for parts of a page that are drawn by hand. @param {string} name */
export function iconNode(name) {
  const made = drawn.get(name) ?? iconOf(name);
  drawn.set(name, made);
  return made.cloneNode(true);
}

/** @param {string} name */
function iconOf(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
