// What every page knows: who looks at it, in which language, and how numbers and times are written.
import { html, render } from "htm/preact";

export { html, render };

/**
 * @typedef {object} Known
 * @property {"zh" | "en"} lang
 * @property {Record<string, string>} messages
 * @property {string} [role]
 * @property {boolean} [edits] whether she may change schedules
 * @property {boolean} [all_towns]
 * @property {number[]} [town_ids]
 * @property {string} [today]
 * @property {string} [week] this week
 * @property {number} [solve_seconds]
 * @property {string} [shown_week] the week that was asked for
 * @property {number | null} [schedule_id] the version that was asked for, else the newest of the week
 * @property {{address: string, datum: "wgs84" | "gcj02", credit: string}} [tiles] of the map
 * @property {{id: number, name: string}} [user] whose phone page it is
 * @property {boolean} [ended] the session before is over
 */

/** @type {Known} */
export const known = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("known")).textContent || "{}");
export const lang = known.lang;

/**
 * Return a text in the page's language, with `{name}` filled in.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const text = known.messages[key];
  if (text === undefined) throw new Error(`no message ${key}`);
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Return a text, or its key's last part where nobody has written one (codes that a newer service knows).
 * @param {string} prefix @param {string} code */
export function word(prefix, code) {
  return known.messages[`${prefix}.${code}`] ?? code;
}

/** @param {"zh" | "en"} chosen */
export function switchLanguage(chosen) {
  document.cookie = `jiuling_lang=${chosen}; path=/; max-age=31536000; samesite=lax`;
  location.reload();
}

/** Join names or items. @param {string[]} words */
export const listed = (words) => words.join(lang === "zh" ? "、" : ", ");

/** `570` → `09:30` @param {number} minute */
export function clock(minute) {
  const hours = Math.floor(minute / 60);
  return `${String(hours).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

// Written by hand: the browser's own `Intl` takes longer to load than the whole board to draw, and both languages
// write numbers alike. China has had one time, without summer time, since 1991.
const CHINA = 8 * 3_600_000;

/** `1,234.5`; no more than so many decimals. @param {number} n @param {number} decimals */
function grouped(n, decimals) {
  const [units, rest = ""] = Math.abs(n).toFixed(decimals).split(".");
  const decimal = rest.replace(/0+$/, "");
  const digits = units.replace(/\B(?=(\d{3})+$)/g, ",") + (decimal && `.${decimal}`);
  return n < 0 && /[1-9]/.test(digits) ? `-${digits}` : digits;
}

/** @param {number} n */
export const whole = (n) => grouped(n, 0);
/** Minutes as hours. @param {number} minutes */
export const hours = (minutes) => grouped(minutes / 60, 1);
/** @param {number} n */
export const tenths = (n) => grouped(n, 1);
/** @param {number} n */
export const percent = (n) => `${grouped(n * 100, 1)}%`;
/** @param {string} instant */
const inChina = (instant) => new Date(Date.parse(instant) + CHINA).toISOString();
/** `09:30` in China. @param {string} instant */
export const clockOf = (instant) => inChina(instant).slice(11, 16);
/** The day in China. @param {string} instant */
export const dayOf = (instant) => inChina(instant).slice(0, 10);
/** @param {string} instant */
export const moment = (instant) => `${shortDay(dayOf(instant))} ${clockOf(instant)}`;

/** A day of a week as `YYYY-MM-DD`. @param {string} monday @param {number} day */
export function isoDay(monday, day) {
  const date = new Date(`${monday}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + day);
  return date.toISOString().slice(0, 10);
}

/** `周一` or `Mon`. @param {string} iso */
export const weekday = (iso) => t(`weekday.${(new Date(`${iso}T00:00:00Z`).getUTCDay() + 6) % 7}`);
/** `11/25`, in English `25/11` @param {string} iso */
export function shortDay(iso) {
  const [month, day] = iso.slice(5).split("-").map(Number);
  return lang === "zh" ? `${month}/${day}` : `${day}/${month}`;
}

/** The Monday of an ISO week such as `2026-W48`. @param {string} week */
export function mondayOf(week) {
  const [year, number] = week.split("-W").map(Number);
  const fourth = new Date(Date.UTC(year, 0, 4)); // 4 January is always in week 1
  const day = (fourth.getUTCDay() + 6) % 7;
  return new Date(Date.UTC(year, 0, 4 - day + (number - 1) * 7)).toISOString().slice(0, 10);
}

/** The ISO week of a day. @param {string} iso */
export function weekOf(iso) {
  const thursday = new Date(`${iso}T00:00:00Z`);
  thursday.setUTCDate(thursday.getUTCDate() + 3 - ((thursday.getUTCDay() + 6) % 7));
  const year = thursday.getUTCFullYear();
  const number = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 86_400_000 / 7);
  return `${year}-W${String(number).padStart(2, "0")}`;
}
