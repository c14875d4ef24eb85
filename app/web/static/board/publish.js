// The check-list before a week goes out, and what is done with it afterwards.
import { useState } from "preact/hooks";
import { call, Problem } from "../api.js";
import { Dialog } from "../dialog.js";
import { Icon } from "../icons.js";
import { hours, html, isoDay, lang, t, weekday, whole, word } from "../page.js";
import { forget, late } from "./moving.js";
import { board, complain, opened, openSchedule, readVersions, refusal, tell } from "./state.js";

/** @typedef {import("./model.js").Board} Board */

export function PublishDialog() {
  const [busy, setBusy] = useState(false);
  const shown = board.value;
  const close = () => (opened.value = "");
  if (!shown?.schedule.figures) return null;
  const { schedule } = shown;
  const { figures } = shown.schedule;
  const reasons = Object.entries(figures?.unallocated_by_reason ?? {}).sort((a, b) => b[1] - a[1]);
  const publish = async () => {
    setBusy(true);
    try {
      await call("POST", `/api/v1/schedules/${schedule.id}/publish?lang=${lang}`, { ifMatch: `"${schedule.version}"` });
      close();
      forget();
      await openSchedule(schedule.id);
      await readVersions();
      tell({ text: t("publish.done", { week: schedule.week }), kind: "good" });
    } catch (error) {
      refused(error, shown);
    } finally {
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${t("publish.title", { week: schedule.week })} onClose=${close}>
    <ul class="checks">
      <${Check} good=${figures?.violations === 0} words=${t("publish.violations", { n: figures?.violations ?? 0 })} />
      <${Check} good words=${t("publish.hours", { placed: hours(figures?.placed_minutes ?? 0), due: hours(figures?.due_minutes ?? 0) })} />
      <${Check} good=${!figures?.visits_unallocated} words=${t("publish.unallocated", { n: whole(figures?.visits_unallocated ?? 0) })}>
        ${reasons.length > 0 && html`<ul>${reasons.map(([code, n]) => html`<li>${word("reason", code)} × ${n}</li>`)}</ul>`}
      <//>
      <${Check} good words=${t("publish.replaces")} />
    </ul>
    <h3>${t("publish.print")}</h3>
    <ul class="plain"><${Sheets} path=${`/api/v1/schedules/${schedule.id}`} query=${`lang=${lang}`} /></ul>
    <footer>
      <button type="button" onClick=${close}>${t("cancel")}</button>
      <button type="button" class="main" disabled=${busy || (figures?.violations ?? 0) > 0} onClick=${publish}>${busy ? t("wait") : t("publish.do")}</button>
    </footer>
  <//>`;
}

/** @param {{good: boolean, words: string, children?: any}} props */
function Check({ good, words, children }) {
  return html`<li class=${good ? "good" : "look"}>
    <${Icon} name=${good ? "placed" : "warn"} /><div><span class="sr">${t(good ? "publish.fine" : "publish.look")}</span>${words}${children}</div>
  </li>`;
}

/** @param {unknown} error @param {Board} shown */
function refused(error, shown) {
  if (!(error instanceof Problem)) throw error;
  opened.value = "";
  if (error.status === 412) late.value = { edits: [], back: [], words: t("publish.do"), schedule: shown.schedule.id };
  else if (error.told.violations) {
    const lines = error.told.violations.map((rule) => {
      const elder = rule.visit_id === null ? "" : (shown.visits.get(rule.visit_id)?.elder.name ?? "");
      const day = rule.day === null ? "" : weekday(isoDay(shown.schedule.monday, rule.day));
      return [day, elder, rule.words].filter(Boolean).join(" · ");
    });
    refusal.value = { title: t("publish.refused"), lines };
  } else complain(error);
}

/** Pages to print: one a caregiver, one an elder. @param {{path: string, query: string}} props */
function Sheets({ path, query }) {
  return html`<li><a href=${`${path}/sheets?${query}`} target="_blank" rel="noopener">${t("export.sheets")}</a></li>
    <li><a href=${`${path}/sheets?${query}&each=elder`} target="_blank" rel="noopener">${t("export.elder_sheets")}</a></li>`;
}

/** CSV, XLSX and sheets of the shown version, in the shown town. @param {{town: number | null}} props */
export function TakeAway({ town }) {
  const id = board.value?.schedule.id;
  if (id === undefined) return null;
  const query = `lang=${lang}${town === null ? "" : `&town_id=${town}`}`;
  const path = `/api/v1/schedules/${id}`;
  return html`<details class="menu">
    <summary>${t("export.title")}</summary>
    <ul>
      <li><a href=${`${path}.csv?${query}`} download>CSV</a></li>
      <li><a href=${`${path}.xlsx?${query}`} download>Excel (XLSX)</a></li>
      <li><a href=${`${path}.csv?${query}&which=unallocated`} download>${t("export.unallocated")}</a></li>
      <${Sheets} path=${path} query=${query} />
    </ul>
  </details>`;
}
