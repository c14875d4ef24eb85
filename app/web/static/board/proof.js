// How far the shown week is from the best possible: read while it is being proved, and asked for again.
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { call, Problem } from "../api.js";
import { hours, html, known, lang, t, tenths } from "../page.js";
import { Line } from "./charts.js";
import { board, complain } from "./state.js";

/**
 * @typedef {object} Proof
 * @property {number} schedule_id
 * @property {"queued" | "proving" | "proved" | "failed" | "stopped"} state
 * @property {number | null} gap
 * @property {boolean} complete
 * @property {number} unserved_minutes
 * @property {number | null} least_unserved_minutes
 * @property {number} seconds
 * @property {number} seconds_asked
 * @property {{caregiver?: Record<string, number>, skill?: Record<string, number>, day?: Record<string, number>}} prices
 * @property {{zh: string, en: string}} words
 */

const EVERY = 2000; // milliseconds between two looks at a proof that is not over
const LONGER = 120; // seconds

/** @type {import("@preact/signals").Signal<Proof | null>} of the shown version; null: none, or not hers to see */
export const proof = signal(null);

const open = () => proof.value?.state === "queued" || proof.value?.state === "proving";

/** Read what is proved of a version. @param {number} id */
async function read(id) {
  try {
    const { data } = await call("GET", `/api/v1/schedules/${id}/proof`);
    if (board.value?.schedule.id === id) proof.value = data;
  } catch (error) {
    // Nobody has asked for one, or the version covers towns that are not hers: there is nothing to tell.
    if (!(error instanceof Problem) || ![0, 401, 403, 404].includes(error.status)) throw error;
    if (error.status === 403 || error.status === 404) proof.value = null;
  }
}

/** The gap of the shown version; an edit changes what it costs. @returns {number | null} */
export function gapNow() {
  const schedule = board.value?.schedule;
  if (!schedule) return null;
  return proof.value?.schedule_id === schedule.id ? proof.value.gap : schedule.gap;
}

/** Ask for a longer proof. */
export async function proveLonger() {
  const id = board.value?.schedule.id;
  if (id === undefined) return;
  try {
    proof.value = (await call("POST", `/api/v1/schedules/${id}/proof`, { body: { seconds: LONGER } })).data;
  } catch (error) {
    complain(error);
  }
}

const stop = () => {
  call("DELETE", `/api/v1/schedules/${board.value?.schedule.id}/proof`).then(({ data }) => (proof.value = data), complain);
};

/** The gap as it closes, while it is being proved. */
export function ProofStrip() {
  const schedule = board.value?.schedule;
  const [gaps, setGaps] = useState(/** @type {number[]} */ ([]));
  useEffect(() => {
    setGaps([]);
    if (!schedule) {
      proof.value = null;
      return undefined;
    }
    void read(schedule.id);
    const timer = setInterval(() => open() && void read(schedule.id), EVERY);
    return () => clearInterval(timer);
  }, [schedule?.id, schedule?.version]);
  const shown = proof.value;
  useEffect(() => {
    if (typeof shown?.gap === "number") setGaps((before) => [...before.slice(-119), /** @type {number} */ (shown.gap)]);
  }, [shown]);
  if (!shown || !open() || shown.schedule_id !== schedule?.id) return null;
  return html`<section class="progress proof" aria-label=${t("proof.title")}>
    <strong role="status">${t(shown.state === "queued" ? "proof.queued" : "proof.proving")}</strong>
    <span>${shown.words[lang]}<${Line} values=${gaps} /></span>
    <span class="spacer"></span>
    ${known.edits && html`<button type="button" class="quiet" onClick=${stop}>${t("proof.stop")}</button>`}
  </section>`;
}

/** What is proved, in sentences, and a longer proof for who wants to know more. */
export function ProofWords() {
  const shown = proof.value?.schedule_id === board.value?.schedule.id ? proof.value : null;
  const gap = gapNow();
  return html`<p><strong>${gap === null ? t("figure.gap.none") : t("proof.within", { share: tenths(gap * 100) })}</strong></p>
    ${shown && shown.least_unserved_minutes !== null && html`<p>${hoursWords(shown.unserved_minutes, shown.least_unserved_minutes)}</p>`}
    ${shown?.complete && html`<p>${t("proof.complete")}</p>`}
    ${open() && html`<p class="soft" role="status">${t(shown?.state === "queued" ? "proof.queued" : "proof.proving")}</p>`}
    ${known.edits && !open() && !shown?.complete && html`<p><button type="button" onClick=${proveLonger}>${t("proof.longer", { n: LONGER })}</button></p>`}`;
}

/** @param {number} left @param {number} least that any plan leaves */
function hoursWords(left, least) {
  if (left === 0) return t("proof.all_served");
  return left > least ? t("proof.more", { hours: hours(left - least) }) : t("proof.no_more");
}
