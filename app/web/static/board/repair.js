// Something happened to a published week: a sick call, a hospital stay, a cancelled, late or added visit. The service says
// what the repair with the fewest changes would do; it becomes a draft, or nothing at all.
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { call, Problem } from "../api.js";
import { Dialog } from "../dialog.js";
import { Icon } from "../icons.js";
import { clock, hours, html, isoDay, known, lang, listed, shortDay, t, weekday, word } from "../page.js";
import { Bars } from "./charts.js";
import { versionIn, versionsOf, versionToRepair } from "./model.js";
import { forget } from "./moving.js";
import { board, complain, openSchedule, readVersions, tell } from "./state.js";

/** @typedef {import("./model.js").Board} Board */
/** @typedef {import("./model.js").Visit} Visit */
/** @typedef {{day: string, start_minute: number, caregiver_ids: number[]}} Place */
/** @typedef {{elder_id: number, hit: boolean, before: Place | null, after: Place | null, reason: string | null, words: string}} Repaired */
/**
 * @typedef {object} Answer
 * @property {number | null} draft_id
 * @property {number} visits_hit
 * @property {number} minutes_hit
 * @property {number} minutes_covered
 * @property {number} minutes_unserved
 * @property {number} minutes_beyond_cover
 * @property {number} elders_changed
 * @property {boolean} proved_fewest
 * @property {Record<string, number>} points
 * @property {{at_most: number, elders_changed: number, unserved_minutes: number, points: number}[]} curve
 * @property {Repaired[]} changes
 * @property {number[]} leave_ids
 * @property {number | null} stay_id
 */
/** @typedef {{id: number, name: string, number: string, town?: number, town_id?: number}} Person `town`: of one on the board; `town_id`: of one who was read by herself */
/** @typedef {{caregiver?: number, visit?: number, day?: number, elder?: Person}} About whom or what it is about; `elder`: who gets one more visit; none: to be chosen */
/** @typedef {"sick" | "leave" | "elder_away" | "visit_cancelled" | "late" | "added_visit"} Kind */

/** @type {import("@preact/signals").Signal<About | null>} */
export const happened = signal(null);

const DAYS = [0, 1, 2, 3, 4, 5, 6];
const AT_MOST = [0, 1, 2, 3, 4, 5];

/** Whether the shown week can be put right: published, not over, and hers to change. @param {Board | null} shown */
export function mayRepair(shown) {
  const { schedule } = shown ?? {};
  return known.edits === true && schedule?.status === "published" && isoDay(schedule.monday, 6) >= (known.today ?? "");
}

/** Today if it is of the week, else its Monday. @param {string} monday */
const today = (monday) => DAYS.find((day) => isoDay(monday, day) === known.today) ?? 0;

export function RepairDialog() {
  const [answer, setAnswer] = useState(/** what was asked, and whether it is written into the roster whatever changes @type {{data: Answer, body: any, writes: boolean} | null} */ (null));
  const [busy, setBusy] = useState(false);
  const [typed, setTyped] = useState(/** @type {Record<string, any> | null} */ (null));
  const [refused, setRefused] = useState(/** @type {Problem | null} */ (null));
  const [shown, about] = [board.value, happened.value];
  if (!shown || !about) return null;
  const close = () => (happened.value = null);
  const path = (/** @type {any} */ body) => `/api/v1/schedules/${versionFor(shown, about, body.happened)}/repairs?lang=${lang}`;
  const ask = async (/** @type {any} */ body, /** @type {boolean} */ writes) => {
    setBusy(true);
    setRefused(null);
    try {
      setAnswer({ data: (await call("POST", `${path(body)}&dry_run=true`, { body })).data, body, writes });
    } catch (error) {
      if (about.elder && error instanceof Problem) setRefused(error);
      else complain(error);
    } finally {
      setBusy(false);
    }
  };
  const apply = async () => {
    if (!answer) return;
    setBusy(true);
    try {
      const { data } = await call("POST", path(answer.body), { body: answer.body });
      close();
      if (data.draft_id === null) return tell({ text: t(data.leave_ids.length ? "repair.only_leave" : data.stay_id === null ? "repair.nothing" : "repair.only_stay"), kind: "good" });
      forget();
      await openSchedule(data.draft_id);
      await readVersions();
      tell({ text: t("repair.drafted", { id: data.draft_id }), kind: "good" });
    } catch (error) {
      complain(error);
    } finally {
      setBusy(false);
    }
  };
  const add = (/** @type {any} */ what, /** @type {number} */ atMost, /** @type {Record<string, any>} */ values) => {
    setTyped(values);
    const body = { happened: what, at_most: atMost, note: `${t("repair.kind.added_visit")} ${about.elder?.number}` };
    void ask(body, false);
  };
  return html`<${Dialog} title=${t("repair.title", { week: shown.schedule.week })} onClose=${close} wide=${answer !== null}>
    ${answer
      ? html`<${Diff} shown=${shown} answer=${answer.data} added=${about.elder} />
          <${Elsewhere} shown=${shown} asked=${answer.body.happened} />
          <footer>
            <button type="button" onClick=${close}>${t("repair.discard")}</button>
            <button type="button" onClick=${() => setAnswer(null)}>${t("repair.back")}</button>
            <button type="button" class="main" disabled=${busy || !(answer.data.changes.length || answer.writes)} onClick=${apply}>${busy ? t("wait") : t(answer.data.changes.length ? "repair.apply" : "repair.record")}</button>
          </footer>`
      : about.elder
        ? html`<${Adding} shown=${shown} elder=${about.elder} before=${typed} refused=${refused} busy=${busy} atMost=${html`<${AtMost} />`} onAsk=${add} onClose=${close} />`
        : html`<${Form} shown=${shown} about=${about} busy=${busy} onAsk=${ask} onClose=${close} />`}
  <//>`;
}

/** The days of a week that a disruption is about. @param {Board} shown @param {any} asked @returns {[number, number]} */
function daysOf(shown, asked) {
  const { monday } = shown.schedule;
  const place = (/** @type {string | undefined} */ iso, /** @type {number} */ otherwise) => DAYS.find((day) => isoDay(monday, day) === iso) ?? otherwise;
  return [place(asked.from_day, 0), place(asked.until_day, 6)];
}

/** Which version is put right: a week may have one in these towns, another in those. @param {Board} shown @param {About} about @param {any} asked */
function versionFor(shown, about, asked) {
  if (about.elder) return versionIn(shown, about.elder.town ?? about.elder.town_id);
  if (about.visit !== undefined) return shown.visits.get(about.visit)?.schedule ?? shown.schedule.id;
  return versionToRepair(shown, asked.caregiver_id, ...daysOf(shown, asked));
}

/** What of hers another version plans: it is put right there. @param {{shown: Board, asked: any}} props */
function Elsewhere({ shown, asked }) {
  if (asked.caregiver_id === undefined) return null;
  const [, ...others] = versionsOf(shown, asked.caregiver_id, ...daysOf(shown, asked));
  return others.map(([id, n]) => html`<p class="note">${t("repair.elsewhere", { n, id })}</p>`);
}

/** @param {{shown: Board, about: About, busy: boolean, onAsk: (body: any, writes: boolean) => void, onClose: () => void}} props */
function Form({ shown, about, busy, onAsk, onClose }) {
  const visit = about.visit === undefined ? undefined : shown.visits.get(about.visit);
  const { monday } = shown.schedule;
  const first = about.day ?? visit?.day ?? today(monday);
  /** @type {Kind[]} */
  const kinds = !visit ? ["sick", "leave"] : visit.day === null ? ["elder_away"] : ["late", "visit_cancelled", "elder_away"];
  const [kind, setKind] = useState(kinds[0]);
  const [from, setFrom] = useState(first);
  const last = about.caregiver !== undefined && about.day === undefined ? 6 : from; // her row: the rest of the week
  const days = kind === "sick" || kind === "elder_away";
  const ask = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const until = Math.max(from, Number(fields.get("until")));
    const caregiver = about.caregiver ?? Number(fields.get("caregiver"));
    const span = days ? { from_day: isoDay(monday, from), until_day: isoDay(monday, until) } : {};
    const who = visit ? (kind === "elder_away" ? { elder_id: visit.elder.id } : { visit_id: visit.id }) : { caregiver_id: caregiver };
    const stays = kind === "elder_away" && fields.get("roster") === "on";
    const late = kind === "late" ? { minutes: Number(fields.get("minutes")) } : {};
    const body = { happened: { kind, ...who, ...span, ...late, ...(stays ? { stay: "hospital" } : {}) }, at_most: Number(fields.get("at_most")), note: noteOf(shown, kind, visit, caregiver) };
    onAsk(body, kind === "sick" || stays);
  };
  return html`<form class="stack" onSubmit=${ask}>
    ${visit && html`<p><strong>${visit.elder.name}</strong> ${visit.elder.number}${visit.day === null ? "" : ` · ${placed(shown, placeOf(shown, visit))}`}</p>`}
    ${!visit &&
    html`<label>${t("visit.caregivers")}
      <select name="caregiver" disabled=${about.caregiver !== undefined} required>
        ${shown.caregivers.filter((each) => each.atWork !== null).map((each) => html`<option value=${each.id} selected=${each.id === about.caregiver}>${each.name} ${each.number}</option>`)}
      </select>
    </label>`}
    <fieldset>
      <legend>${t("repair.what")}</legend>
      ${kinds.map(
        (each) => html`<label class="choice"><input type="radio" name="kind" value=${each} checked=${each === kind} onChange=${() => setKind(each)} /> ${t(`repair.kind.${each}`)}</label>`,
      )}
    </fieldset>
    ${kind === "leave" && html`<p class="note">${t("repair.leave.note")}</p>`}
    ${days &&
    html`<div class="fields">
      <label>${t("repair.from")}<${Days} name="from" monday=${monday} value=${from} onChange=${setFrom} /></label>
      <label>${t("repair.until")}<${Days} name="until" monday=${monday} value=${last} least=${from} /></label>
    </div>
    ${kind === "sick" ? html`<p class="note">${t("repair.roster.sick")}</p>` : html`<label class="choice"><input type="checkbox" name="roster" checked /> ${t("repair.roster.elder_away")}</label>`}`}
    ${kind === "late" && html`<label>${t("repair.minutes")}<input name="minutes" type="number" min="1" max="720" step="1" value="30" required /></label>`}
    <${AtMost} />
    <footer>
      <button type="button" onClick=${onClose}>${t("cancel")}</button>
      <button class="main" disabled=${busy}>${busy ? t("wait") : t("repair.try")}</button>
    </footer>
  </form>`;
}

/** The form's parts are fetched when somebody wants it. @param {any} props */
function Adding(props) {
  const [parts, setParts] = useState(/** @type {{AddForm: any} | null} */ (null));
  useEffect(() => {
    import("../adding/form.js").then((module) => setParts({ AddForm: module.AddForm }), () => complain(new Problem(0, { type: "connection", title: "", detail: "" })));
  }, []);
  return parts ? html`<${parts.AddForm} ...${props} />` : html`<p role="status">${t("wait")}</p>`;
}

/** How many others may be changed for it. */
function AtMost() {
  return html`<label>${t("repair.at_most")}
    <select name="at_most">${AT_MOST.map((n) => html`<option value=${n} selected=${n === 3}>${n}</option>`)}</select>
  </label>`;
}

/** @param {{name: string, monday: string, value: number, least?: number, onChange?: (day: number) => void}} props */
function Days({ name, monday, value, least = 0, onChange }) {
  return html`<select name=${name} onChange=${(/** @type {any} */ event) => onChange?.(Number(event.target.value))}>
    ${DAYS.filter((day) => day >= least).map((day) => html`<option value=${day} selected=${day === value}>${weekday(isoDay(monday, day))} ${shortDay(isoDay(monday, day))}</option>`)}
  </select>`;
}

/** What the draft is called among the versions: a number, no name. @param {Board} shown @param {Kind} kind @param {Visit | undefined} visit @param {number} caregiver */
function noteOf(shown, kind, visit, caregiver) {
  return `${t(`repair.kind.${kind}`)} ${visit ? visit.elder.number : (shown.caregiverOf.get(caregiver)?.number ?? "")}`.trim();
}

/** @param {{shown: Board, answer: Answer, added?: Person}} props */
function Diff({ shown, answer, added }) {
  const hit = answer.changes.filter((each) => each.hit);
  const others = answer.changes.filter((each) => !each.hit);
  const uncovered = answer.minutes_unserved;
  if (!answer.changes.length) return html`<p role="status">${t("repair.nothing")}</p>`;
  return html`<div class="stack" role="status">
    ${!added && html`<p>${t("repair.sum", { visits: answer.visits_hit, hit: hours(answer.minutes_hit), covered: hours(answer.minutes_covered) })}</p>`}
    <p class=${uncovered ? "state warn" : "state good"}>
      <${Icon} name=${uncovered ? "warn" : "placed"} /> ${outcome(answer, added)}
    </p>
    <p>${t("repair.others", { n: answer.elders_changed })} ${t(answer.proved_fewest ? "repair.proved" : "repair.not_proved")}</p>
    <div class="scroll diff" tabindex="0" role="region" aria-label=${t("repair.changes")}>
      <${Changes} shown=${shown} title=${t(added ? "adding.changes" : "repair.changes.hit")} changes=${hit} added=${added} />
      <${Changes} shown=${shown} title=${t("repair.changes.others")} changes=${others} />
    </div>
    <${Curve} steps=${answer.curve} chosen=${answer.elders_changed} />
  </div>`;
}

/** @param {Answer} answer @param {Person | undefined} added */
function outcome(answer, added) {
  const uncovered = answer.minutes_unserved;
  if (added) return t(uncovered ? "adding.unplaced" : "adding.placed", { elder: added.name });
  return uncovered ? t("repair.uncovered", { hours: hours(uncovered), beyond: hours(answer.minutes_beyond_cover) }) : t("repair.covered");
}

/** @param {{shown: Board, title: string, changes: Repaired[], added?: Person}} props */
function Changes({ shown, title, changes, added }) {
  if (!changes.length) return null;
  return html`<table class="versions">
    <caption>${title}</caption>
    <thead><tr><th scope="col">${t("rows.elders")}</th><th scope="col">${t("repair.before")}</th><th scope="col">${t("repair.after")}</th><th scope="col">${t("repair.words")}</th></tr></thead>
    <tbody>
      ${changes.map(
        (each) => html`<tr>
          <th scope="row">${(added?.id === each.elder_id ? added : shown.elderOf.get(each.elder_id))?.name ?? `#${each.elder_id}`}</th>
          <td>${each.before ? placed(shown, each.before) : "–"}</td>
          <td>${each.after ? placed(shown, each.after) : html`<span class="state warn"><${Icon} name="warn" /> ${t("state.warn")}</span>`}</td>
          <td>${each.words}${each.after || !each.reason ? "" : html`<br /><span class="soft">${word("reason", each.reason)}</span>`}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/** What more changes would bring. @param {{steps: Answer["curve"], chosen: number}} props */
function Curve({ steps, chosen }) {
  if (steps.length < 2) return null;
  const bars = steps.map((step) => ({
    label: t("repair.curve.at", { n: step.at_most }),
    value: step.unserved_minutes,
    words: t("repair.curve.hours", { hours: hours(step.unserved_minutes) }),
    marked: step.elders_changed === chosen && step.at_most >= chosen,
  }));
  return html`<figure class="curve"><figcaption>${t("repair.curve")}</figcaption><${Bars} bars=${bars} /></figure>`;
}

/** @param {Board} shown @param {Visit} visit @returns {Place} */
function placeOf(shown, visit) {
  return { day: isoDay(shown.schedule.monday, visit.day ?? 0), start_minute: visit.start ?? 0, caregiver_ids: visit.caregivers.map((each) => each.id) };
}

/** @param {Board} shown @param {Place} place */
function placed(shown, place) {
  const who = listed(place.caregiver_ids.map((id) => shown.caregiverOf.get(id)?.name ?? `#${id}`));
  return `${weekday(place.day)} ${clock(place.start_minute)} · ${who}`;
}
