// Asking for a week, and watching it being planned.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api.js";
import { Dialog } from "../dialog.js";
import { hours, html, isoDay, known, mondayOf, shortDay, t, weekOf, whole, word } from "../page.js";
import { Line } from "./charts.js";
import { board, complain, opened, openSchedule, openWeek, readVersions, tell, view, watched } from "./state.js";

/** @typedef {{id: number, name: string, name_en: string}} Town */
/**
 * @typedef {object} Progress
 * @property {number} id
 * @property {string} status
 * @property {string} stage
 * @property {number} placed_minutes
 * @property {number} due_minutes
 * @property {number | null} cost
 * @property {number} seconds
 * @property {boolean} stopping
 * @property {string | null} error
 */

const EFFORTS = /** @type {const} */ ([
  ["quick", 20],
  ["usual", 0], // the setting's
  ["thorough", 180],
]);
const WEEKS_AHEAD = 6;

/** This week and those after it. */
function weeks() {
  const monday = mondayOf(known.week ?? "");
  const found = Array.from({ length: WEEKS_AHEAD }, (_, i) => weekOf(isoDay(monday, 7 * i)));
  return found.includes(view.value.week) ? found : [view.value.week, ...found];
}

export function PlanDialog() {
  const [towns, setTowns] = useState(/** @type {Town[]} */ ([]));
  const [busy, setBusy] = useState(false);
  const close = () => (opened.value = "");
  useEffect(() => {
    call("GET", "/api/v1/towns?limit=200").then(({ data }) => setTowns(data.items), complain);
  }, []);
  const ask = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const seconds = Number(fields.get("seconds"));
    const town = Number(fields.get("town"));
    const note = String(fields.get("note")).trim();
    const week = String(fields.get("week"));
    const pins = fields.get("pins") === "on" ? board.value?.schedule.id : undefined;
    setBusy(true);
    try {
      const { data } = await call("POST", "/api/v1/schedules", {
        body: {
          week,
          ...(seconds ? { seconds } : {}),
          ...(town ? { town_ids: [town] } : {}),
          ...(note ? { note } : {}),
          ...(pins !== undefined && week === board.value?.schedule.week ? { parent_id: pins } : {}),
        },
      });
      close();
      if (week !== view.value.week) await openWeek(week);
      watched.value = data.id;
    } catch (error) {
      complain(error);
    } finally {
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${t("plan.title")} onClose=${close}>
    <form class="stack" onSubmit=${ask}>
      <label>${t("plan.week")}
        <select name="week">
          ${weeks().map((week) => {
            const monday = mondayOf(week);
            return html`<option value=${week} selected=${week === view.value.week}>${week} (${shortDay(monday)}–${shortDay(isoDay(monday, 6))})</option>`;
          })}
        </select>
      </label>
      <label>${t("plan.towns")}
        <select name="town">
          <option value="0">${t("plan.all_towns")}</option>
          ${towns.length > 1 && towns.map((town) => html`<option value=${town.id}>${document.documentElement.lang === "en" ? town.name_en : town.name}</option>`)}
        </select>
      </label>
      <fieldset>
        <legend>${t("plan.effort")}</legend>
        ${EFFORTS.map(
          ([name, seconds]) => html`<label class="choice"
            ><input type="radio" name="seconds" value=${seconds} checked=${name === "usual"} />
            ${t(`plan.${name}`, { n: seconds || (known.solve_seconds ?? 0) })}</label
          >`,
        )}
      </fieldset>
      ${board.value &&
      html`<label class="choice"><input type="checkbox" name="pins" checked /> ${t("plan.pins")}</label>`}
      <label>${t("plan.note")}<input name="note" maxlength="200" /></label>
      <footer>
        <button type="button" onClick=${close}>${t("cancel")}</button>
        <button class="main" disabled=${busy}>${busy ? t("wait") : t("plan.do")}</button>
      </footer>
    </form>
  <//>`;
}

/** What a computation does, until it is over. */
export function ProgressBar() {
  const id = watched.value;
  const [progress, setProgress] = useState(/** @type {Progress | null} */ (null));
  const [costs, setCosts] = useState(/** @type {number[]} */ ([]));
  useEffect(() => {
    setProgress(null);
    setCosts([]);
    if (id === null) return undefined;
    const events = new EventSource(`/api/v1/schedules/${id}/events`);
    const take = (/** @type {MessageEvent} */ event) => {
      const news = JSON.parse(event.data);
      setProgress(news);
      if (news.cost !== null) setCosts((before) => [...before.slice(-119), news.cost]);
    };
    events.addEventListener("progress", take);
    events.addEventListener("end", (event) => {
      events.close();
      void over(JSON.parse(event.data));
    });
    return () => events.close();
  }, [id]);
  if (id === null) return null;
  const stop = (/** @type {"best" | "none"} */ keep) => () => call("POST", `/api/v1/schedules/${id}/cancel?keep=${keep}`).catch(complain);
  const [placed, due] = [progress?.placed_minutes ?? 0, progress?.due_minutes ?? 0];
  return html`<section class="progress" aria-label=${t("progress.title")}>
    <strong role="status">${progress?.stopping ? t("progress.stopping") : word("stage", progress?.stage ?? "queued")}</strong>
    <progress max=${Math.max(due, 1)} value=${placed} aria-label=${t("progress.placed_of")}></progress>
    <span>${due > 0 ? t("progress.placed", { placed: hours(placed), due: hours(due) }) : ""}</span>
    ${progress?.cost !== null && progress?.cost !== undefined && html`<span>${t("progress.cost", { points: whole(progress.cost) })}<${Line} values=${costs} /></span>`}
    <span class="spacer"></span>
    <button type="button" disabled=${!placed || progress?.stopping} onClick=${stop("best")}>${t("progress.keep")}</button>
    <button type="button" class="quiet" onClick=${stop("none")}>${t("progress.drop")}</button>
  </section>`;
}

/** Plan everything again that isn't pinned, close to what is published. */
export async function planTheRest() {
  const id = board.value?.schedule.id;
  try {
    const { data } = await call("POST", `/api/v1/schedules/${id}/replan`, { body: { note: t("replan.note", { id: id ?? 0 }) } });
    watched.value = data.id;
    await readVersions();
  } catch (error) {
    complain(error);
  }
}

/** @param {Progress} last */
async function over(last) {
  watched.value = null;
  try {
    if (last.status === "draft" && opened.value) {
      // Whoever is about to publish what she looks at must not find another draft under her hand.
      const open = () => void openSchedule(last.id).catch(complain);
      tell({ text: t("progress.draft"), kind: "good", action: { label: t("drafts.open"), run: open } });
    } else if (last.status === "draft") {
      await openSchedule(last.id);
      tell({ text: t("progress.draft"), kind: "good" });
    } else if (last.status === "failed") {
      tell({ text: t("progress.failed", { why: last.error ?? "" }), kind: "bad" });
    } else {
      tell({ text: t("progress.cancelled"), kind: "good" });
    }
    await readVersions();
  } catch (error) {
    complain(error);
  }
}
