// Dragging a visit: what is under the hand, and what the service says of it.
import { clock, isoDay, t, weekday } from "../page.js";

/** @typedef {import("./model.js").Visit} Visit */
/** @typedef {import("./timeline.js").Timeline} Timeline */
/** @typedef {import("./timeline.js").Row} Row */
/** @typedef {import("./timeline.js").Place} Place */

const STEP = 15; // minutes to which a dragged visit snaps; 5 with the shift key
const DRAG_FROM = 5; // pixels
const HOLD = 350; // milliseconds a finger rests before it lifts a visit; one that moves before scrolls
const ASK_AFTER = 180; // milliseconds of rest over one place

/** One visit in the hand, from the first pixel to where it is let go. */
export class Drag {
  /**
   * @param {Timeline} board @param {Visit} visit @param {Row | null} from @param {HTMLElement} chip
   * @param {number} grip pixels from the chip's left edge @param {[number, number]} at @param {boolean} touch by a finger
   */
  constructor(board, visit, from, chip, grip, at, touch) {
    this.board = board;
    this.visit = visit;
    this.from = from;
    this.chip = chip;
    this.grip = grip;
    this.at = at;
    this.touch = touch;
    /** @type {HTMLElement | null} */
    this.ghost = null;
    /** @type {Place | null} */
    this.place = null;
    this.timer = 0;
    this.leaving = new AbortController();
  }

  begin() {
    const { signal } = this.leaving;
    addEventListener("pointermove", (event) => this.move(event), { signal });
    addEventListener("pointerup", (event) => this.drop(event), { signal });
    addEventListener("pointercancel", () => this.end(), { signal });
    addEventListener("keydown", (event) => event.key === "Escape" && this.end(), { signal, capture: true });
    if (!this.touch) return;
    addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
    // a finger that stops a rolling board can not be kept from scrolling it
    addEventListener("touchstart", (event) => event.cancelable || this.end(), { signal, passive: true });
    this.timer = window.setTimeout(() => {
      this.ghost = this.lift();
      this.carry(...this.at);
    }, HOLD);
  }

  /** @param {number} x @param {number} y */
  carry(x, y) {
    if (this.ghost) this.ghost.style.transform = `translate(${x - this.grip}px, ${y - 12}px)`;
  }

  /** @param {PointerEvent} event */
  move(event) {
    const far = Math.hypot(event.clientX - this.at[0], event.clientY - this.at[1]);
    if (!this.ghost && far < DRAG_FROM) return;
    if (!this.ghost && this.touch) return this.end();
    event.preventDefault();
    this.ghost ??= this.lift();
    this.carry(event.clientX, event.clientY);
    this.nudge(event);
    const tray = this.board.onTray(event.clientX, event.clientY);
    const place = tray ? null : this.board.placeAt(event.clientX - this.grip, event.clientY, event.shiftKey ? 5 : STEP);
    if (place?.row === this.place?.row && place?.day === this.place?.day && place?.start === this.place?.start) return;
    this.place = place;
    this.mark(place);
    clearTimeout(this.timer);
    this.tell(place ? this.words(place) : tray ? t("drag.leave_out") : "", "");
    if (place) this.timer = window.setTimeout(() => this.ask(place), ASK_AFTER);
  }

  lift() {
    const ghost = document.createElement("div");
    ghost.className = "ghost";
    const hint = document.createElement("p");
    hint.className = "hint";
    const chip = /** @type {HTMLElement} */ (this.chip.cloneNode(true));
    chip.style.left = chip.style.top = "0";
    chip.removeAttribute("data-visit");
    ghost.append(chip, hint);
    document.body.append(ghost);
    document.body.classList.add("dragging");
    this.chip.classList.add("lifted");
    return ghost;
  }

  /** Scroll where the hand comes near an edge. @param {PointerEvent} event */
  nudge(event) {
    const box = this.board.root.getBoundingClientRect();
    const top = box.top + this.board.head.offsetHeight;
    if (event.clientY > box.bottom - 36) this.board.root.scrollTop += 18;
    else if (event.clientY > top && event.clientY < top + 28) this.board.root.scrollTop -= 18;
  }

  /** @param {Place} place */
  words(place) {
    const iso = isoDay(this.board.monday, place.day);
    return `${weekday(iso)} ${clock(place.start)} · ${place.row.title}`;
  }

  /** @param {Place} place */
  async ask(place) {
    const answer = await this.board.handlers.onHover(this.visit, this.from, place);
    if (!answer || this.place !== place || !this.ghost) return;
    this.tell(`${this.words(place)}\n${answer.words}`, answer.allowed ? "yes" : "no");
  }

  /** @param {string} words @param {string} mood */
  tell(words, mood) {
    const hint = this.ghost?.querySelector(".hint");
    if (!hint) return;
    hint.textContent = words;
    hint.className = `hint ${mood}`;
  }

  /** @param {Place | null} place */
  mark(place) {
    for (const row of this.board.root.querySelectorAll(".tl-row.target")) row.classList.remove("target");
    if (place) this.board.drawn.get(this.board.rows.indexOf(place.row))?.classList.add("target");
  }

  /** @param {PointerEvent} event */
  drop(event) {
    const { ghost, place, visit, from } = this;
    const tray = ghost !== null && this.board.onTray(event.clientX, event.clientY);
    this.end();
    if (!ghost) return;
    this.board.dropped = true; // the click that follows is not meant for the chip under the hand
    setTimeout(() => (this.board.dropped = false), this.touch ? 60 : 0);
    if (tray && visit.day !== null) this.board.handlers.onLeaveOut(visit);
    else if (place) this.board.handlers.onDrop(visit, from ?? place.row, place);
  }

  end() {
    this.leaving.abort();
    clearTimeout(this.timer);
    this.ghost?.remove();
    document.body.classList.remove("dragging");
    this.chip.classList.remove("lifted");
    this.mark(null);
  }
}
