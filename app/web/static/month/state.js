// What the month's parts share: what is looked at, and what the service said of it.
import { signal } from "@preact/signals";
import { call, Problem } from "../api.js";
import { known, lang, t, weekOf } from "../page.js";

/** @typedef {{code: string, zh: string, en: string, elders: number | null}} Reason */
/** @typedef {{zh: string, en: string}} Words */
/**
 * @typedef {object} Minutes
 * @property {number} granted
 * @property {number} planned
 * @property {number} delivered
 * @property {number} excused
 * @property {number} missed
 * @property {number} remaining
 * @property {number} short
 * @typedef {Minutes & {elders: number, at_risk: number, reasons: Reason[]}} Totals
 * @typedef {Totals & {town_id: number, town_name: string, town_name_en: string}} TownTotals
 * @typedef {{totals: Totals, towns: TownTotals[], calendar_known: boolean}} Summary
 * @typedef {Minutes & {elder_id: number, elder_number: string, elder_name: string, town_id: number, at_risk: boolean, reasons: Reason[]}} Line
 * @typedef {{code: string, zh: string, en: string, proved: boolean, minutes: number, contest: number | null, would_help: Words}} Missing
 * @typedef {{elder_id: number, elder_number: string, elder_name: string, town_id: number, missing_minutes: number, proved: boolean, because: Missing[], ledger_reasons: Reason[]}} OutOfReach
 * @typedef {{week: string, first_day: string, last_day: string, load_minutes: number, capacity_minutes: number}} WeekLoad
 * @typedef {{number: number, proved: boolean, words: Words}} Contest
 * @typedef {{statement: Words, weeks: WeekLoad[], contests: Contest[], items: OutOfReach[], next_after: number | null, out_of_reach: number, likely_short: number}} Feasibility
 * @typedef {{items: Line[], next_after: number | null}} Ledger
 * @typedef {{month: string, town: number | null, risk: boolean, elder: number | null}} View
 */

const EACH = 100; // lines a page

/** @returns {View} */
function fromAddress() {
  const asked = new URLSearchParams(location.search);
  const number = (/** @type {string} */ name) => (/^\d{1,15}$/.test(asked.get(name) ?? "") ? Number(asked.get(name)) : null);
  const wanted = asked.get("month") ?? "";
  return {
    month: /^2[01]\d\d-(0[1-9]|1[0-2])$/.test(wanted) ? wanted : (known.today ?? "").slice(0, 7),
    town: number("town"),
    risk: asked.get("risk") === "1",
    elder: number("elder"),
  };
}

export const view = signal(fromAddress());
/** @type {import("@preact/signals").Signal<Summary | null>} */
export const summary = signal(null);
/** @type {import("@preact/signals").Signal<Ledger | null>} */
export const ledger = signal(null);
/** @type {import("@preact/signals").Signal<Feasibility | null>} */
export const outlook = signal(null);
export const failed = signal("");

let stop = new AbortController();

/** @param {Partial<View>} changes */
export function look(changes) {
  view.value = { ...view.value, ...changes };
  const { month: shown, town, risk, elder } = view.value;
  const asked = new URLSearchParams({ month: shown });
  if (town !== null) asked.set("town", String(town));
  if (risk) asked.set("risk", "1");
  if (elder !== null) asked.set("elder", String(elder));
  history.replaceState(null, "", `?${asked}`);
  const [elsewhere, otherMonth] = ["town" in changes, "month" in changes];
  if (otherMonth) summary.value = null;
  if (otherMonth || elsewhere) outlook.value = null;
  ledger.value = null;
  readAll();
}

/** Read what is not there. */
export function readAll() {
  stop.abort();
  stop = new AbortController();
  failed.value = "";
  const { month: shown, town, risk, elder } = view.value;
  const asked = `month=${shown}${town === null ? "" : `&town_id=${town}`}`;
  if (summary.value === null) read(`/api/v1/ledger/summary?month=${shown}`, (data) => (summary.value = data));
  if (ledger.value === null) {
    const which = elder === null ? (risk ? "&at_risk=true" : "") : `&elder_id=${elder}`;
    read(`/api/v1/ledger?${asked}${which}&limit=${EACH}`, (data) => (ledger.value = data));
  }
  if (outlook.value === null) read(`/api/v1/ledger/feasibility?${asked}&limit=${EACH}`, (data) => (outlook.value = data));
}

/** Read the next page of the ledger, or of those who can't reach their hours. @param {"ledger" | "outlook"} which */
export function readMore(which) {
  const { month: shown, town, risk } = view.value;
  const asked = `month=${shown}${town === null ? "" : `&town_id=${town}`}&limit=${EACH}`;
  const [before, path] = which === "ledger" ? [ledger, `/api/v1/ledger?${asked}${risk ? "&at_risk=true" : ""}`] : [outlook, `/api/v1/ledger/feasibility?${asked}`];
  const old = /** @type {any} */ (before.value);
  read(`${path}&after=${old.next_after}`, (data) => {
    before.value = { ...old, items: [...old.items, ...data.items], next_after: data.next_after };
  });
}

/** @param {string} path @param {(data: any) => void} take */
async function read(path, take) {
  const { signal: stopped } = stop;
  try {
    const { data } = await call("GET", path, { signal: stopped });
    if (!stopped.aborted) take(data);
  } catch (error) {
    if (stopped.aborted) return;
    if (!(error instanceof Problem)) throw error;
    failed.value = error.status === 0 ? t("month.connection") : error.sentence;
  }
}

/** The month so many months from the shown one. @param {number} by */
export function stepped(by) {
  const [year, number] = view.value.month.split("-").map(Number);
  const date = new Date(Date.UTC(year, number - 1 + by, 1));
  return date.toISOString().slice(0, 7);
}

/** `2026年11月` or `11/2026` @param {string} iso */
export function month(iso) {
  const [year, number] = iso.split("-").map(Number);
  return t("month.which", { year, month: number });
}

/** @param {{town_name: string, town_name_en: string}} town */
export const townName = (town) => (lang === "en" ? town.town_name_en : town.town_name);

/** @param {number} id */
export function townOf(id) {
  const town = summary.value?.towns.find((each) => each.town_id === id);
  return town ? townName(town) : "";
}

/** Where her visits are: the week board of this week if the month is this one, else of its first week. @param {number} elder */
export function boardOf(elder) {
  const today = known.today ?? "";
  const day = today.startsWith(view.value.month) ? today : `${view.value.month}-01`;
  return `/board?week=${weekOf(day)}&rows=elders&elder=${elder}`;
}
