// What the board's parts share.
import { computed, signal } from "@preact/signals";
import { call } from "../api.js";
import { known } from "../page.js";
import { decode } from "./model.js";

export { complain, tell, toast } from "../toast.js";

/** @typedef {import("./model.js").Board} Board */
/** @typedef {import("./model.js").Schedule} Schedule */
/**
 * What the address bar keeps; people are told by their number in the database, never by name.
 * @typedef {object} View
 * @property {string} week
 * @property {number | null} schedule
 * @property {number | null} town
 * @property {number | null} centre
 * @property {number | null} caregiver
 * @property {number | null} elder
 * @property {"week" | "day"} zoom
 * @property {number} day
 * @property {"caregivers" | "elders" | "map"} rows
 * @property {"" | "placed" | "unallocated" | "pinned" | "two" | "conflict"} only
 * @property {"" | "female" | "male"} gender of those in rows
 * @property {"" | "care" | "bathing" | "nursing" | "dementia"} skill of the caregiver
 */

const NUMBERS = /** @type {const} */ (["schedule", "town", "centre", "caregiver", "elder"]);

export const ONLY = /** @type {const} */ (["", "placed", "unallocated", "pinned", "two", "conflict"]);
export const GENDERS = /** @type {const} */ (["", "female", "male"]);
export const SKILLS = /** @type {const} */ (["", "care", "bathing", "nursing", "dementia"]);
const ROWS = /** @type {const} */ (["caregivers", "elders", "map"]);

/** What an address asks for, if it is one of those that there are; else the first. @template {string} Name @param {string | null} asked @param {readonly Name[]} names @returns {Name} */
const one = (asked, names) => names.find((name) => name === asked) ?? names[0];

/** @returns {View} */
function fromAddress() {
  const asked = new URLSearchParams(location.search);
  const number = (/** @type {string} */ name) => (/^\d{1,15}$/.test(asked.get(name) ?? "") ? Number(asked.get(name)) : null);
  const today = Math.round((Date.parse(known.today ?? "") - Date.parse(mondayBefore(known.today ?? ""))) / 86_400_000);
  return {
    week: known.shown_week ?? known.week ?? "",
    schedule: known.schedule_id ?? null,
    town: number("town"),
    centre: number("centre"),
    caregiver: number("caregiver"),
    elder: number("elder"),
    zoom: asked.get("zoom") === "day" ? "day" : "week",
    day: Math.min(number("day") ?? today, 6) || 0,
    rows: one(asked.get("rows"), ROWS),
    only: one(asked.get("only"), ONLY),
    gender: one(asked.get("gender"), GENDERS),
    skill: one(asked.get("skill"), SKILLS),
  };
}

/** @param {string} iso */
function mondayBefore(iso) {
  const date = new Date(`${iso}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

export const view = signal(fromAddress());
/** @type {import("@preact/signals").Signal<Board | null>} */
export const board = signal(null);
/** @type {import("@preact/signals").Signal<Schedule[]>} the versions of the shown week, the newest first */
export const versions = signal([]);
export const loading = signal(true);
/** @type {import("@preact/signals").Signal<number | null>} id of the visit whose panel is open */
export const selected = signal(null);
/** @type {import("@preact/signals").Signal<"" | "plan" | "drafts" | "publish" | "understand">} */
export const opened = signal("");
/** @type {import("@preact/signals").Signal<number | null>} the computation that is watched */
export const watched = signal(null);
/** @type {import("@preact/signals").Signal<{title: string, lines: string[]} | null>} */
export const refusal = signal(null);

export const mayEdit = computed(() => known.edits === true && board.value?.schedule.status === "draft");

/** Whether a visit can be changed: of the shown draft, not of what is published beside it. @param {import("./model.js").Visit} visit */
export const mayChange = (visit) => mayEdit.value && visit.schedule === board.value?.schedule.id;

/** Change the view, and the address with it. @param {Partial<View>} changes */
export function look(changes) {
  view.value = { ...view.value, ...changes };
  const shown = new URLSearchParams();
  shown.set("week", view.value.week);
  for (const name of NUMBERS) {
    const value = view.value[name];
    if (value !== null) shown.set(name, String(value));
  }
  if (view.value.zoom === "day") {
    shown.set("zoom", "day");
    shown.set("day", String(view.value.day));
  }
  if (view.value.rows !== "caregivers") shown.set("rows", view.value.rows);
  for (const name of /** @type {const} */ (["only", "gender", "skill"])) {
    if (view.value[name]) shown.set(name, view.value[name]);
  }
  history.replaceState(null, "", `?${shown}`);
}

/** Read the versions of the shown week, the newest first. */
export async function readVersions() {
  const { week } = view.value;
  const found = [];
  let after = 0;
  do {
    const { data } = await call("GET", `/api/v1/schedules?week=${week}&limit=200&after=${after}`);
    found.push(...data.items);
    after = data.next_after ?? 0;
  } while (after);
  if (view.value.week !== week) return;
  versions.value = found.reverse();
  const running = found.find((each) => each.status === "queued" || each.status === "planning");
  if (running && watched.value === null) watched.value = running.id;
}

/** Show a version. @param {number} id */
export async function openSchedule(id) {
  loading.value = true;
  try {
    const { data } = await call("GET", `/api/v1/schedules/${id}/board`);
    board.value = decode(data);
    look({ schedule: id, week: data.schedule.week });
  } finally {
    loading.value = false;
  }
}

/** Go to a week: to its newest version if that is a draft, else to what holds in most towns. @param {string} week */
export async function openWeek(week) {
  selected.value = null;
  board.value = null;
  versions.value = [];
  watched.value = null;
  look({ week, schedule: null });
  loading.value = true;
  try {
    await readVersions();
  } finally {
    loading.value = false;
  }
  const [newest, ...others] = versions.value.filter((each) => each.status === "draft" || each.status === "published");
  if (!newest || view.value.week !== week) return;
  const holding = others.reduce((most, each) => (each.holds_in.length > most.holds_in.length ? each : most), newest);
  await openSchedule((newest.status === "draft" ? newest : holding).id);
}
