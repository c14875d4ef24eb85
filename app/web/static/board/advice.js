// Why a visit has no place and what would give it one; why it has the one that it has, and who else could go.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api.js";
import { clock, html, isoDay, lang, listed, t, weekday } from "../page.js";
import { applyFix, busy, change, movedWords, moveTo, priced } from "./moving.js";
import { board, complain, mayChange } from "./state.js";

/** @typedef {import("./model.js").Visit} Visit */
/** @typedef {{zh: string, en: string}} Words */
/** @typedef {{visit_id: number, day: string, start_minute: number, caregiver_ids: number[]}} Stand */
/** @typedef {{id: string, words: Words, cost_change: Record<string, number>, exception: unknown, stands: Stand[]}} Fix */
/** @typedef {{caregiver_ids: number[], day: string, start_minute: number, cost_change: Record<string, number>}} Other */
/**
 * @typedef {object} Reasons
 * @property {Words | null} words
 * @property {{gate: string, caregivers: number, words: Words}[]} funnel
 * @property {Words | null} impossible_words
 * @property {Fix[]} fixes
 * @property {number[]} other_towns
 * @property {{could: number, next: Other[], kept_away: {caregiver_id: number, words: Words}[]} | null} why
 */

/** @param {{visit: Visit}} props */
export function Advice({ visit }) {
  const [reasons, setReasons] = useState(/** @type {Reasons | null} */ (null));
  const [opened, setOpened] = useState(false);
  const schedule = board.value?.schedule;
  const asked = opened || visit.day === null; // of a placed visit only who wants to know: it takes the service a moment
  useEffect(() => {
    setReasons(null);
    if (!asked) return undefined;
    const stop = new AbortController();
    call("GET", `/api/v1/schedules/${visit.schedule}/visits/${visit.id}/reasons`, { signal: stop.signal }).then(
      ({ data }) => setReasons(data),
      (error) => stop.signal.aborted || complain(error),
    );
    return () => stop.abort();
  }, [asked, visit.id, visit.day, schedule?.id, schedule?.version]);
  const waiting = html`<p class="soft" role="status">${t("wait")}</p>`;
  if (visit.day === null) return reasons ? html`<${NoPlace} visit=${visit} reasons=${reasons} />` : waiting;
  const toggled = (/** @type {any} */ event) => setOpened(event.currentTarget.open);
  return html`<details class="else" onToggle=${toggled}>
    <summary>${t("advice.why")}</summary>
    ${asked && (reasons ? html`<${Placed} visit=${visit} reasons=${reasons} />` : waiting)}
  </details>`;
}

/** @param {{visit: Visit, reasons: Reasons}} props */
function NoPlace({ visit, reasons }) {
  const most = Math.max(1, ...reasons.funnel.map((gate) => gate.caregivers));
  return html`<section class="why">
    <h3>${t("why.title")}</h3>
    <p><strong>${reasons.words?.[lang] ?? ""}</strong></p>
    ${reasons.impossible_words && html`<p>${reasons.impossible_words[lang]}</p>`}
    ${reasons.funnel.length > 0 &&
    html`<p class="soft">${t("why.funnel")}</p>
      <ol class="funnel">
        ${reasons.funnel.map(
          (gate) => html`<li><span class="bar" style=${{ width: `${(100 * gate.caregivers) / most}%` }}></span><span>${gate.words[lang]}</span><b>${gate.caregivers}</b></li>`,
        )}
      </ol>`}
    ${mayChange(visit) && html`<${Fixes} visit=${visit} fixes=${reasons.fixes} />`}
    ${reasons.other_towns.length > 0 && html`<p>${t("advice.other_towns")}</p>`}
  </section>`;
}

/** @param {{visit: Visit, fixes: Fix[]}} props */
function Fixes({ visit, fixes }) {
  if (!fixes.length) return html`<p class="soft">${t("advice.none")}</p>`;
  return html`<h3>${t("advice.fixes")}</h3>
    <ul class="fixes">
      ${fixes.map(
        (fix) => html`<li>
          <p>${fix.words[lang]}<br /><span class="soft">${priced(fix.cost_change)}</span></p>
          <button type="button" disabled=${busy.value} onClick=${() => applyFix(visit, fix, fix.words[lang])}>
            ${t(fix.exception ? "advice.apply_week" : "advice.apply")}
          </button>
        </li>`,
      )}
    </ul>`;
}

/** @param {{visit: Visit, reasons: Reasons}} props */
function Placed({ visit, reasons }) {
  const { why } = reasons;
  if (!why) return null;
  const names = (/** @type {number[]} */ ids) => listed(ids.map((id) => board.value?.caregiverOf.get(id)?.name ?? `#${id}`));
  return html`${why.kept_away.map((one) => html`<p>${names([one.caregiver_id])}${lang === "zh" ? "：" : ": "}${one.words[lang]}</p>`)}
    <p>${why.could ? t("advice.could", { n: why.could }) : t("advice.nobody")}</p>
    ${why.next.length > 0 && html`<h3>${t("advice.next")}</h3>`}
    <ul class="fixes">
      ${why.next.map(
        (other) => html`<li>
          <p>${names(other.caregiver_ids)} · ${weekday(other.day)} ${clock(other.start_minute)}<br /><span class="soft">${priced(other.cost_change)}</span></p>
          ${mayChange(visit) && html`<button type="button" disabled=${busy.value} onClick=${() => give(visit, other)}>${t("advice.take")}</button>`}
        </li>`,
      )}
    </ul>`;
}

/** @param {Visit} visit @param {Other} other */
function give(visit, other) {
  const monday = board.value?.schedule.monday ?? other.day;
  const day = [0, 1, 2, 3, 4, 5, 6].find((each) => isoDay(monday, each) === other.day) ?? 0;
  void change(visit, moveTo(visit, day, other.start_minute, other.caregiver_ids), movedWords(visit, day, other.start_minute, other.caregiver_ids));
}
