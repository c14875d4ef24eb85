// The week as rows on a line of time. Only the rows in sight are in the document: a city's 400 rows and 4,000
// visits are drawn as fast as a town's. It knows nothing of the service; what people do on it is handed on.
import { isoDay, shortDay, t, weekday } from "../page.js";
import { chipNode, LANE, layOut, perMinute, spoken, x } from "./chips.js";
import { Drag } from "./drag.js";

/** @typedef {import("./model.js").Visit} Visit */
/** @typedef {import("./model.js").Span} Span */
/** @typedef {import("./chips.js").Scale} Scale */
/**
 * @typedef {object} Row
 * @property {string} key
 * @property {"group" | "person"} kind
 * @property {string} title
 * @property {string} [sub]
 * @property {string} [hint] number and centre
 * @property {number} [share] of the contract that is used
 * @property {Visit[]} visits in order of time
 * @property {(visit: Visit) => string} [label]
 * @property {(visit: Visit) => number} [travel]
 * @property {Span[] | null} [atWork]
 * @property {Span[]} [leave]
 * @property {Span[]} [elsewhere]
 * @property {number} [caregiver] id
 * @property {number} [elder] id
 */
/** @typedef {{row: Row, day: number, start: number}} Place */
/**
 * @typedef {object} Handlers
 * @property {(visit: Visit) => void} onOpen
 * @property {(visit: Visit, from: Row, to: Place) => void} onDrop
 * @property {(visit: Visit) => void} onLeaveOut dropped onto the unallocated row
 * @property {(visit: Visit) => boolean} isBeside whether it is there to be seen, not to be changed
 * @property {(visit: Visit, from: Row | null, to: Place) => Promise<{allowed: boolean, words: string} | null>} onHover
 * @property {(row: Row, day: number | null) => void} onCaregiver her name, or a place without a visit on a day of hers
 * @property {(elder: number) => void} onElder her name
 */

const NAME_WIDTH = 188;
const GROUP_HEIGHT = 28;
const NARROWEST_DAY = 116;
const SPARE_ROWS = 4; // above and below what is in sight
const MEAL = /** @type {[number, number]} */ ([660, 810]); // 11:00 to 13:30
const UNALLOCATED_AT_MOST = 300;

/** @param {string} name @param {string} [className] @param {Record<string, string>} [attributes] */
function node(name, className = "", attributes = {}) {
  const made = document.createElement(name);
  if (className) made.className = className;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export class Timeline {
  /** @param {HTMLElement} root @param {Handlers} handlers @param {boolean} edits whether visits may be dragged */
  constructor(root, handlers, edits) {
    this.root = root;
    this.handlers = handlers;
    this.edits = edits;
    /** @type {Row[]} */
    this.rows = [];
    /** @type {Visit[]} */
    this.unallocated = [];
    /** @type {number[]} top of each row, and of the end */
    this.tops = [0];
    /** @type {{chips: import("./chips.js").Chip[], lanes: number}[]} */
    this.layouts = [];
    /** @type {Map<number, HTMLElement>} */
    this.drawn = new Map();
    /** @type {Scale} */
    this.scale = { hours: [420, 1140], dayWidth: 160, days: [0, 1, 2, 3, 4, 5, 6] };
    this.monday = "1970-01-05";
    /** @type {Set<number>} */
    this.closed = new Set();
    /** @type {number | null} */
    this.selected = null;
    this.active = ""; // "row key/visit id" of the chip that the tab key reaches
    this.waiting = false;
    this.dropped = false;

    this.head = node("div", "tl-head", { role: "rowgroup" });
    this.body = node("div", "tl-body", { role: "rowgroup" });
    this.lines = node("div", "tl-lines", { "aria-hidden": "true" });
    this.canvas = node("div", "tl-canvas", { role: "presentation" });
    this.canvas.append(this.head, this.body);
    root.classList.add("timeline");
    root.setAttribute("role", "grid");
    root.setAttribute("aria-label", t("board.week"));
    root.setAttribute("aria-colcount", "2");
    root.append(this.canvas);
    root.addEventListener("scroll", () => this.soon(), { passive: true });
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("keydown", (event) => this.pressed(event));
    root.addEventListener("focusin", (event) => this.focused(event));
    if (edits) root.addEventListener("pointerdown", (event) => this.grabbed(event));
    // A finger that carries a visit does not scroll; browsers ask for this listener before the finger is down.
    const held = (/** @type {TouchEvent} */ event) => document.body.classList.contains("dragging") && event.preventDefault();
    if (edits) root.addEventListener("touchmove", held, { passive: false });
    this.resizing = new ResizeObserver(() => this.measure());
    this.resizing.observe(root);
  }

  /**
   * @param {{rows: Row[], unallocated: Visit[], hours: [number, number], days: number[], monday: string, closed: Set<number>}} shown
   */
  show({ rows, unallocated, hours, days, monday, closed }) {
    this.rows = rows;
    this.unallocated = unallocated;
    this.monday = monday;
    this.closed = closed;
    this.scale = { ...this.scale, hours, days };
    this.measure(true);
  }

  close() {
    this.resizing.disconnect();
    this.root.replaceChildren();
  }

  /** Lay everything out for the width there is. @param {boolean} [anew] even if the width is the same */
  measure(anew = false) {
    const room = this.root.clientWidth - NAME_WIDTH;
    const dayWidth = Math.max(room / this.scale.days.length, NARROWEST_DAY);
    if (!anew && Math.abs(dayWidth - this.scale.dayWidth) < 0.5) return this.soon();
    this.scale = { ...this.scale, dayWidth };
    this.layouts = this.rows.map((row) =>
      layOut(row.visits, this.scale, row.label ?? ((visit) => visit.elder.name), row.travel ?? (() => 0)),
    );
    this.tops = [0];
    for (const [i, row] of this.rows.entries()) {
      const height = row.kind === "group" ? GROUP_HEIGHT : Math.max(this.layouts[i].lanes * LANE + 8, 50);
      this.tops.push(this.tops[i] + height);
    }
    const held = this.chipOf(document.activeElement);
    const width = NAME_WIDTH + dayWidth * this.scale.days.length;
    this.canvas.style.width = `${width}px`;
    this.body.style.height = `${this.tops.at(-1)}px`;
    this.root.setAttribute("aria-rowcount", String(this.rows.length + 2));
    this.drawHead();
    this.drawLines();
    this.body.replaceChildren(this.lines);
    this.drawn.clear();
    this.draw();
    if (held) this.focusOn(held.dataset.row_key ?? "", Number(held.dataset.visit), false);
  }

  soon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  // --- drawing ------------------------------------------------------------------------------------

  drawHead() {
    const hours = node("div", "tl-hours", { role: "row", "aria-rowindex": "1" });
    hours.append(node("div", "tl-name tl-corner", { role: "columnheader" }));
    hours.firstElementChild?.append(t("board.who"));
    const track = node("div", "tl-track", { role: "columnheader" });
    const [from, to] = this.scale.hours;
    const every = perMinute(this.scale) * 60 > 38 ? 1 : perMinute(this.scale) * 180 > 38 ? 3 : 6;
    for (const day of this.scale.days) {
      const iso = isoDay(this.monday, day);
      const label = node("div", `tl-day${this.closed.has(day) ? " closed" : ""}`);
      label.style.left = `${x(this.scale, day, from)}px`;
      label.style.width = `${this.scale.dayWidth}px`;
      const name = node("strong");
      name.textContent = `${weekday(iso)} ${shortDay(iso)}${this.closed.has(day) ? ` · ${t("board.closed")}` : ""}`;
      label.append(name);
      for (let hour = Math.ceil(from / 60 / every) * every; hour * 60 < to; hour += every) {
        const tick = node("span", "tl-tick");
        tick.textContent = String(hour);
        tick.style.left = `${x(this.scale, day, hour * 60) - x(this.scale, day, from)}px`;
        label.append(tick);
      }
      track.append(label);
    }
    hours.append(track);
    this.head.replaceChildren(hours, this.unallocatedRow());
  }

  unallocatedRow() {
    const row = node("div", "tl-unallocated", { role: "row", "aria-rowindex": "2" });
    const name = node("div", "tl-name", { role: "rowheader" });
    const title = node("strong");
    title.textContent = t("board.unallocated");
    const count = node("span", this.unallocated.length ? "count some" : "count");
    count.textContent = String(this.unallocated.length);
    name.append(title, count);
    const tray = node("div", "tl-tray", { role: "gridcell" });
    for (const visit of this.unallocated.slice(0, UNALLOCATED_AT_MOST)) {
      const chip = chipNode(visit, `${visit.elder.name} ${visit.minutes}′`, spoken(visit, ""));
      this.dress(chip, "unallocated", visit);
      tray.append(chip);
    }
    if (!this.unallocated.length) tray.append(t("board.all_placed"));
    if (this.unallocated.length > UNALLOCATED_AT_MOST) {
      tray.append(t("board.more", { n: this.unallocated.length - UNALLOCATED_AT_MOST }));
    }
    tray.style.width = `${this.root.clientWidth - NAME_WIDTH - 12}px`;
    row.append(name, tray);
    return row;
  }

  drawLines() {
    this.lines.style.left = `${NAME_WIDTH}px`;
    const found = [];
    for (const day of this.scale.days) {
      const line = node("div", `tl-line${this.closed.has(day) ? " closed" : ""}`);
      line.style.left = `${x(this.scale, day, this.scale.hours[0])}px`;
      line.style.width = `${this.scale.dayWidth}px`;
      const meal = node("div", "tl-meal");
      meal.style.left = `${x(this.scale, day, MEAL[0]) - x(this.scale, day, this.scale.hours[0])}px`;
      meal.style.width = `${(MEAL[1] - MEAL[0]) * perMinute(this.scale)}px`;
      line.append(meal);
      found.push(line);
    }
    this.lines.replaceChildren(...found);
  }

  /** The row at a height of the body. @param {number} y */
  rowAt(y) {
    let [low, high] = [0, this.rows.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tops[middle] <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  draw() {
    if (!this.rows.length) return;
    const top = this.root.scrollTop;
    const first = Math.max(this.rowAt(top) - SPARE_ROWS, 0);
    const last = Math.min(this.rowAt(top + this.root.clientHeight) + SPARE_ROWS, this.rows.length - 1);
    const kept = document.activeElement instanceof HTMLElement ? document.activeElement.closest(".tl-row") : null;
    for (const [i, element] of this.drawn) {
      if ((i < first || i > last) && element !== kept) {
        element.remove();
        this.drawn.delete(i);
      }
    }
    const fresh = document.createDocumentFragment();
    for (let i = first; i <= last; i++) {
      if (this.drawn.has(i)) continue;
      const element = this.rowNode(i);
      this.drawn.set(i, element);
      fresh.append(element);
    }
    this.body.append(fresh);
    if (!this.root.querySelector(".chip[tabindex='0']")) {
      const reachable = /** @type {HTMLElement | null} */ (this.root.querySelector(".chip"));
      if (reachable) reachable.tabIndex = 0; // the one before was narrowed away, or is out of sight
    }
  }

  /** @param {number} i */
  rowNode(i) {
    const row = this.rows[i];
    const element = node("div", `tl-row ${row.kind}`, { role: "row", "aria-rowindex": String(i + 3) });
    element.dataset.row = String(i);
    element.style.top = `${this.tops[i]}px`;
    element.style.height = `${this.tops[i + 1] - this.tops[i]}px`;
    const name = node("div", "tl-name", { role: "rowheader" });
    const title = node("strong");
    title.textContent = row.title;
    name.append(title);
    if (row.hint) name.title = row.hint;
    if (row.kind === "person") element.classList.toggle("elder", row.caregiver === undefined);
    if (row.sub) {
      const sub = node("span", "sub");
      sub.textContent = row.sub;
      name.append(sub);
    }
    if (row.share !== undefined) {
      const meter = node("span", row.share > 1 ? "meter over" : "meter", { "aria-hidden": "true" });
      const bar = node("span");
      bar.style.width = `${Math.min(row.share, 1) * 100}%`;
      meter.append(bar);
      name.append(meter);
    }
    element.append(name);
    if (row.kind === "person") element.append(this.trackNode(row, i));
    return element;
  }

  /** @param {Row} row @param {number} i */
  trackNode(row, i) {
    const track = node("div", "tl-track", { role: "gridcell" });
    this.spans(track, row.atWork === null ? this.scale.days.map((day) => [day, ...this.scale.hours]) : row.atWork, "work");
    this.spans(track, row.leave, "leave", t("board.leave"));
    this.spans(track, row.elsewhere, "elsewhere", t("board.elsewhere"));
    for (const chip of this.layouts[i].chips) {
      const { visit } = chip;
      const top = 4 + chip.lane * LANE;
      if (chip.travel > 0.5) {
        const way = node("span", "way", { "aria-hidden": "true" });
        way.style.cssText = `left:${chip.begins - chip.travel}px;width:${chip.travel}px;top:${top + LANE / 2 - 3}px`;
        track.append(way);
      }
      const button = chipNode(visit, chip.label, spoken(visit, weekday(isoDay(this.monday, visit.day ?? 0))));
      button.style.cssText = `left:${chip.left}px;width:${chip.width}px;top:${top}px`;
      const bar = node("i");
      bar.style.cssText = `left:${chip.begins - chip.left}px;width:${chip.true_width}px`;
      button.append(bar);
      this.dress(button, row.key, visit);
      track.append(button);
    }
    return track;
  }

  /** @param {HTMLElement} button @param {string} key @param {Visit} visit */
  dress(button, key, visit) {
    button.dataset.row_key = key;
    if (this.active === "" || this.active === `${key}/${visit.id}`) {
      this.active = `${key}/${visit.id}`;
      button.tabIndex = 0;
    }
    button.classList.toggle("selected", visit.id === this.selected);
    if (!this.handlers.isBeside(visit)) return;
    button.classList.add("beside");
    button.title = t("chip.beside", { chip: button.title, id: visit.schedule });
    button.setAttribute("aria-label", button.title);
  }

  /** @param {HTMLElement} track @param {any[] | undefined | null} spans @param {string} kind @param {string} [title] */
  spans(track, spans, kind, title) {
    const [from, to] = this.scale.hours;
    for (const [day, begins, ends] of spans ?? []) {
      if (!this.scale.days.includes(day)) continue;
      const [a, b] = [Math.max(begins, from), Math.min(ends, to)];
      if (a >= b) continue;
      const block = node("span", kind);
      block.style.left = `${x(this.scale, day, a)}px`;
      block.style.width = `${(b - a) * perMinute(this.scale)}px`;
      if (title) {
        block.title = title;
        block.textContent = title;
      }
      track.append(block);
    }
  }

  // --- what people do -----------------------------------------------------------------------------

  /** @param {number} id */
  visitOf(id) {
    for (const row of this.rows) {
      const found = row.visits.find((visit) => visit.id === id);
      if (found) return found;
    }
    return this.unallocated.find((visit) => visit.id === id);
  }

  /** @param {EventTarget | null} target */
  chipOf(target) {
    return target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest(".chip")) : null;
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    if (this.dropped) return;
    const visit = this.visitOf(Number(this.chipOf(event.target)?.dataset.visit));
    if (visit) this.handlers.onOpen(visit);
    else this.clickedRow(event);
  }

  /** @param {MouseEvent} event */
  clickedRow(event) {
    const element = event.target instanceof Element ? event.target.closest(".tl-row.person") : null;
    if (!(element instanceof HTMLElement)) return;
    const row = this.rows[Number(element.dataset.row)];
    const onName = event.target instanceof Element && event.target.closest(".tl-name") !== null;
    const day = onName ? null : (this.placeAt(event.clientX, event.clientY, 1)?.day ?? null);
    if (row?.caregiver !== undefined && (onName || day !== null)) this.handlers.onCaregiver(row, day);
    if (row?.elder !== undefined && onName) this.handlers.onElder(row.elder);
  }

  /** Mark a visit. @param {number | null} id */
  select(id) {
    this.selected = id;
    for (const chip of this.root.querySelectorAll(".chip")) {
      chip.classList.toggle("selected", id !== null && /** @type {HTMLElement} */ (chip).dataset.visit === String(id));
    }
  }

  /** @param {FocusEvent} event */
  focused(event) {
    const chip = this.chipOf(event.target);
    if (!chip) return;
    for (const other of this.root.querySelectorAll(".chip[tabindex='0']")) /** @type {HTMLElement} */ (other).tabIndex = -1;
    chip.tabIndex = 0;
    this.active = `${chip.dataset.row_key}/${chip.dataset.visit}`;
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const chip = this.chipOf(event.target);
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1, PageUp: -8, PageDown: 8, Home: 0, End: 0 }[event.key];
    if (!chip || step === undefined) return;
    event.preventDefault();
    const list = [...(chip.parentElement?.querySelectorAll(".chip") ?? [])];
    const place = list.indexOf(chip);
    if (event.key === "Home" || event.key === "End") {
      /** @type {HTMLElement} */ (list.at(event.key === "Home" ? 0 : -1)).focus();
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      /** @type {HTMLElement | undefined} */ (list[place + step])?.focus();
    } else {
      this.focusFrom(chip, step);
    }
  }

  /** Go to the visit nearest in time some rows away. @param {HTMLElement} chip @param {number} step */
  focusFrom(chip, step) {
    const here = chip.closest(".tl-row");
    let i = here instanceof HTMLElement ? Number(here.dataset.row) : -1;
    const direction = Math.sign(step);
    for (let left = Math.abs(step); left > 0; left--) {
      let next = i + direction;
      while (next >= 0 && next < this.rows.length && !this.layouts[next].chips.length) next += direction;
      if (next < 0 || next >= this.rows.length) break;
      i = next;
    }
    const chips = this.layouts[i]?.chips;
    if (!chips?.length) return;
    const left = chip.offsetLeft;
    const nearest = chips.reduce((a, b) => (Math.abs(b.left - left) < Math.abs(a.left - left) ? b : a));
    this.focusOn(this.rows[i].key, nearest.visit.id);
  }

  /** Put the focus on a visit of a row. @param {string} key @param {number} id @param {boolean} [bring] into sight */
  focusOn(key, id, bring = true) {
    const i = this.rows.findIndex((row) => row.key === key);
    if (i >= 0 && bring) this.reveal(i);
    const found = this.root.querySelector(`.chip[data-visit="${id}"][data-row_key="${key}"]`);
    /** @type {HTMLElement | null} */ (found)?.focus({ preventScroll: true });
  }

  /** Bring a visit into sight. @param {number} id */
  showVisit(id) {
    const i = this.layouts.findIndex((each) => each.chips.some((chip) => chip.visit.id === id));
    if (i >= 0) this.reveal(i);
  }

  /** @param {number} i */
  reveal(i) {
    const head = this.head.offsetHeight;
    const [top, bottom] = [this.tops[i], this.tops[i + 1]];
    if (top < this.root.scrollTop) this.root.scrollTop = Math.max(top - GROUP_HEIGHT, 0);
    else if (bottom > this.root.scrollTop + this.root.clientHeight - head) {
      this.root.scrollTop = bottom - this.root.clientHeight + head + 8;
    }
    this.draw();
  }

  // --- dragging -----------------------------------------------------------------------------------

  /** @param {PointerEvent} event */
  grabbed(event) {
    const chip = this.chipOf(event.target);
    const visit = this.visitOf(Number(chip?.dataset.visit));
    if (!chip || !visit || this.handlers.isBeside(visit) || event.button !== 0 || !event.isPrimary) return;
    const holder = chip.closest(".tl-row");
    const from = holder instanceof HTMLElement ? this.rows[Number(holder.dataset.row)] : null;
    const box = chip.getBoundingClientRect();
    const touch = event.pointerType === "touch";
    const drag = new Drag(this, visit, from, chip, event.clientX - box.left, [event.clientX, event.clientY], touch);
    drag.begin();
  }

  /** Where on the board a visit would stand whose chip begins at a point; null: not on a row.
   * @param {number} clientX @param {number} clientY @param {number} step @returns {Place | null} */
  placeAt(clientX, clientY, step) {
    const box = this.body.getBoundingClientRect();
    const shown = this.root.getBoundingClientRect();
    if (clientY < shown.top + this.head.offsetHeight || clientY > shown.bottom || clientX > shown.right) return null;
    const i = this.rowAt(clientY - box.top);
    const row = this.rows[i];
    if (!row || row.kind !== "person") return null;
    const along = (clientX - box.left - NAME_WIDTH) / this.scale.dayWidth;
    const place = Math.min(Math.max(Math.floor(along), 0), this.scale.days.length - 1);
    const [from, to] = this.scale.hours;
    const minute = from + Math.max(Math.min(along - place, 1), 0) * (to - from);
    return { row, day: this.scale.days[place], start: Math.round(minute / step) * step };
  }

  /** Whether a point is on the unallocated row. @param {number} clientX @param {number} clientY */
  onTray(clientX, clientY) {
    const under = document.elementFromPoint(clientX, clientY);
    return under instanceof Element && under.closest(".tl-unallocated") !== null;
  }
}
