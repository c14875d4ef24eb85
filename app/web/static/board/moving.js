// Changing a draft by hand: asked of the service first, undone by the opposite change.
import { signal } from "@preact/signals";
import { call, Problem } from "../api.js";
import { clock, isoDay, lang, listed, t, tenths, weekday, word } from "../page.js";
import { withVisits } from "./model.js";
import { board, complain, openSchedule, refusal, tell } from "./state.js";

/** @typedef {import("./model.js").Visit} Visit */
/** @typedef {{visit_id: number, day: string, start: number, caregiver_ids: number[]}} Move */
/** @typedef {{move?: Move, pin?: {visit_id: number}, unpin?: {visit_id: number}, unallocate?: {visit_id: number}}} Edit */
/**
 * What was done, and what undoes it. `agreed`: the visit for which something was agreed beside the roster, which is
 * taken back with it; such a step isn't done again by itself.
 * @typedef {{edits: Edit[], back: Edit[], words: string, schedule: number, agreed?: number}} Step
 */
/** @typedef {{allowed: boolean, lines: string[], change: Record<string, number>}} Verdict */

/** @type {import("@preact/signals").Signal<Step[]>} */
export const done = signal([]);
/** @type {import("@preact/signals").Signal<Step[]>} */
export const undone = signal([]);
/** @type {import("@preact/signals").Signal<Step | null>} a change that came too late: somebody else was first */
export const late = signal(null);
export const busy = signal(false);

const shown = () => {
  if (!board.value) throw new Error("no board is open");
  return board.value;
};

/** @param {Visit} visit @param {number} day @param {number} start @param {number[]} caregiverIds @returns {Edit[]} */
export function moveTo(visit, day, start, caregiverIds) {
  const at = { visit_id: visit.id, day: isoDay(shown().schedule.monday, day), start, caregiver_ids: caregiverIds };
  // What was left out by hand is pinned so; to place it means to take that back.
  return visit.day === null && visit.pinned ? [{ unpin: { visit_id: visit.id } }, { move: at }] : [{ move: at }];
}

/** Who makes a visit that is taken from one row and put on another. @param {Visit} visit @param {number | undefined} from @param {number | undefined} to */
export function makers(visit, from, to) {
  const ids = visit.caregivers.map((each) => each.id);
  if (to === undefined || ids.includes(to)) return ids;
  return from !== undefined && ids.includes(from) ? ids.map((id) => (id === from ? to : id)) : [to];
}

/** Return what brings a visit back to where it stands now. @param {Visit} visit @param {Edit[]} edits @returns {Edit[]} */
function opposite(visit, edits) {
  const which = { visit_id: visit.id };
  if (edits.every((edit) => edit.pin || edit.unpin)) return edits.map((edit) => (edit.pin ? { unpin: which } : { pin: which }));
  if (visit.day === null || visit.start === null) {
    return visit.pinned ? [{ unallocate: which }] : [{ unallocate: which }, { unpin: which }];
  }
  const back = moveTo({ ...visit, pinned: false }, visit.day, visit.start, visit.caregivers.map((each) => each.id));
  if (!edits.some((edit) => edit.unallocate)) return back;
  return [{ unpin: which }, ...back, ...(visit.pinned ? [{ pin: which }] : [])];
}

/** Ask what a change would break and cost; nothing is changed. @param {Edit[]} edits @param {AbortSignal} [stop] @returns {Promise<Verdict>} */
export async function judged(edits, stop) {
  const { schedule } = shown();
  const path = `/api/v1/schedules/${schedule.id}/edits?dry_run=true&lang=${lang}`;
  const { data } = await call("POST", path, { body: { edits }, ifMatch: `"${schedule.version}"`, signal: stop });
  return { allowed: data.allowed, lines: data.violations.map(told), change: data.cost_change };
}

/** @param {{words: string, caregiver_id: number | null, visit_id: number | null, day: number | null}} rule */
function told(rule) {
  const { caregiverOf, visits, schedule } = shown();
  const who = rule.caregiver_id === null ? "" : (caregiverOf.get(rule.caregiver_id)?.name ?? "");
  const elder = rule.visit_id === null ? "" : (visits.get(rule.visit_id)?.elder.name ?? "");
  const day = rule.day === null ? "" : weekday(isoDay(schedule.monday, rule.day));
  const where = [day, who, elder].filter(Boolean).join(" · ");
  return where ? `${where}${lang === "zh" ? "：" : ": "}${rule.words}` : rule.words;
}

/** What a change costs, in words: the total, and the goals that it touches. @param {Record<string, number>} change */
export function priced(change) {
  const goals = Object.entries(change).filter(([goal, points]) => goal !== "total" && Math.abs(points) >= 0.05);
  const parts = goals.map(([goal, points]) => `${word("goal", goal)} ${signed(points)}`);
  const total = t("cost.change", { points: signed(change.total ?? 0) });
  return parts.length ? `${total} (${parts.join(lang === "zh" ? "，" : ", ")})` : total;
}

/** @param {number} points */
const signed = (points) => `${points > 0 ? "+" : ""}${tenths(points)}`;

/** Change the draft; the words say what is done. @param {Visit} visit @param {Edit[]} edits @param {string} words */
export async function change(visit, edits, words) {
  const step = { edits, back: opposite(visit, edits), words, schedule: shown().schedule.id };
  if (!(await send(step, edits))) return false;
  done.value = [...done.value, step];
  undone.value = [];
  return true;
}

export async function undo() {
  const step = done.value.at(-1);
  if (!step || busy.value || !(await send(step, step.back, t("undone", { what: step.words })))) return;
  done.value = done.value.slice(0, -1);
  if (step.agreed === undefined) undone.value = [...undone.value, step];
  else await takeBack(step.agreed);
}

/** Take back what was agreed for a visit that has no place any more. @param {number} visit */
async function takeBack(visit) {
  const { schedule } = shown();
  try {
    await call("DELETE", `/api/v1/schedules/${schedule.id}/visits/${visit}/exceptions`, { ifMatch: `"${schedule.version}"` });
    const { data } = await call("GET", `/api/v1/schedules/${schedule.id}`);
    board.value = { ...shown(), schedule: data };
  } catch (error) {
    complain(error);
  }
}

export async function redo() {
  const step = undone.value.at(-1);
  if (!step || busy.value || !(await send(step, step.edits))) return;
  undone.value = undone.value.slice(0, -1);
  done.value = [...done.value, step];
}

/** Another version is shown: what was done on the one before is not undone here. */
export function forget() {
  done.value = [];
  undone.value = [];
}

/** @param {Step} step @param {Edit[]} edits @param {string} [words] @returns {Promise<boolean>} */
async function send(step, edits, words = step.words) {
  const { schedule } = shown();
  busy.value = true;
  try {
    const path = `/api/v1/schedules/${schedule.id}/edits?lang=${lang}`;
    const { data } = await call("POST", path, { body: { edits }, ifMatch: `"${schedule.version}"` });
    await takeOver(edits, data.version);
    const action = words === step.words ? { label: t("undo"), run: undo } : undefined;
    tell({ text: `${words} · ${priced(data.cost_change)}`, kind: "good", action });
    return true;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 412) late.value = { ...step, edits };
    else if (error.told.violations) refusal.value = { title: t("refused.title"), lines: error.told.violations.map(told) };
    else complain(error, { label: t("again"), run: () => void send(step, edits, words) });
    return false;
  } finally {
    busy.value = false;
  }
}

/**
 * Take one of the ways out that the service has found; it may move other visits too.
 * @param {Visit} visit @param {import("./advice.js").Fix} fix @param {string} words
 */
export async function applyFix(visit, fix, words) {
  const { schedule, visits } = shown();
  const moved = fix.stands.flatMap((stand) => visits.get(stand.visit_id) ?? []);
  /** @type {Edit[]} */
  const edits = fix.stands.map((stand) => ({ move: { visit_id: stand.visit_id, day: stand.day, start: stand.start_minute, caregiver_ids: stand.caregiver_ids } }));
  const back = moved.flatMap((each) => opposite(each, edits)); // the visit itself comes first and makes room
  const agreed = fix.exception ? { agreed: visit.id } : {};
  /** @type {Step} */
  const step = { edits, back, words: t("advice.applied", { what: words }), schedule: schedule.id, ...agreed };
  busy.value = true;
  try {
    const body = { fix_id: fix.id, ...(fix.exception ? { apply_to: "this_week" } : {}) };
    const path = `/api/v1/schedules/${schedule.id}/visits/${visit.id}/fixes?lang=${lang}`;
    const { data } = await call("POST", path, { body, ifMatch: `"${schedule.version}"` });
    await openSchedule(schedule.id);
    done.value = [...done.value, step];
    undone.value = [];
    tell({ text: `${step.words} · ${priced(data.cost_change)}`, kind: "good", action: { label: t("undo"), run: undo } });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 412) late.value = { edits: [], back: [], words, schedule: schedule.id };
    else complain(error);
  } finally {
    busy.value = false;
  }
}

/** Read again what a change has touched: its elders, and the caregivers before and after. @param {Edit[]} edits @param {number} version */
async function takeOver(edits, version) {
  const before = shown();
  const ids = edits.map((edit) => (edit.move ?? edit.pin ?? edit.unpin ?? edit.unallocate)?.visit_id ?? 0);
  const visits = ids.flatMap((id) => before.visits.get(id) ?? []);
  const elders = new Set(visits.map((visit) => visit.elder.id));
  const caregivers = new Set(visits.flatMap((visit) => visit.caregivers.map((each) => each.id)));
  for (const edit of edits) for (const id of edit.move?.caregiver_ids ?? []) caregivers.add(id);
  const path = `/api/v1/schedules/${before.schedule.id}`;
  const [schedule, ...lists] = await Promise.all([
    call("GET", path),
    ...[...elders].map((id) => call("GET", `${path}/visits?limit=500&elder_id=${id}`)),
    ...[...caregivers].map((id) => call("GET", `${path}/visits?limit=500&caregiver_id=${id}`)),
  ]);
  const fresh = withVisits(before, lists.flatMap((list) => list.data.items));
  board.value = { ...fresh, schedule: { ...schedule.data, version } };
}

/** After somebody else was first: read theirs, then try one's own again, or not. @param {boolean} again */
export async function settle(again) {
  const step = late.value;
  if (!step) return;
  try {
    await openSchedule(step.schedule);
    late.value = null;
    forget();
    const visit = shown().visits.get(Object.values(step.edits[0])[0]?.visit_id ?? 0);
    if (again && visit) await change(visit, step.edits, step.words);
  } catch (error) {
    complain(error);
  }
}

/** @param {Visit} visit @param {number} day @param {number} start @param {number[]} caregiverIds */
export function movedWords(visit, day, start, caregiverIds) {
  const { caregiverOf, schedule } = shown();
  const who = listed(caregiverIds.map((id) => caregiverOf.get(id)?.name ?? ""));
  return t("moved", { elder: visit.elder.name, day: weekday(isoDay(schedule.monday, day)), time: clock(start), who });
}
