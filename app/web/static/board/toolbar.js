// What stands above the week: which week and version, what of it is shown, and what can be done.
import { Icon } from "../icons.js";
import { hours, html, isoDay, known, lang, listed, mondayOf, percent, shortDay, t, tenths, weekday, weekOf, whole } from "../page.js";
import { conflictsOf, covered } from "./model.js";
import { done, redo, undo, undone } from "./moving.js";
import { planTheRest } from "./plan.js";
import { gapNow } from "./proof.js";
import { TakeAway } from "./publish.js";
import { Finder } from "./finder.js";
import { happened, mayRepair } from "./repair.js";
import { board, complain, GENDERS, look, mayEdit, ONLY, opened, openWeek, SKILLS, view, watched } from "./state.js";

/** @typedef {import("./model.js").Board} Board */

const FEW_TOWNS = 3; // that are told by name

/** @param {number} weeks */
const step = (weeks) => () => {
  openWeek(weekOf(isoDay(mondayOf(view.value.week), 7 * weeks))).catch(complain);
};

export function TopBar() {
  const { week } = view.value;
  const monday = mondayOf(week);
  const schedule = board.value?.schedule;
  return html`<header class="top">
    <h1 class="sr">${t("nav.board")}</h1>
    <nav class="weeks" aria-label=${t("weeks")}>
      <button type="button" class="quiet" aria-label=${t("week.before")} onClick=${step(-1)}><${Icon} name="left" /></button>
      <span class="week"><b>${week}</b> ${shortDay(monday)}–${shortDay(isoDay(monday, 6))}</span>
      <button type="button" class="quiet" aria-label=${t("week.after")} onClick=${step(1)}><${Icon} name="right" /></button>
    </nav>
    ${schedule && html`<span class=${`badge ${schedule.status}`}>#${schedule.id} ${t(`status.${schedule.status}`)}</span>`}
    <${Scope} />
    <button type="button" class="quiet" onClick=${() => (opened.value = "drafts")}>${t("drafts.button")}</button>
    <span class="spacer"></span>
    ${mayEdit.value &&
    html`<span class="pair">
      <button type="button" class="quiet" aria-label=${t("undo")} title=${t("undo")} disabled=${!done.value.length} onClick=${undo}><${Icon} name="undo" /></button>
      <button type="button" class="quiet" aria-label=${t("redo")} title=${t("redo")} disabled=${!undone.value.length} onClick=${redo}><${Icon} name="redo" /></button>
    </span>`}
    <${TakeAway} town=${view.value.town} />
    ${known.edits && html`<button type="button" disabled=${watched.value !== null} onClick=${() => (opened.value = "plan")}>${t("plan.button")}</button>`}
    ${mayEdit.value && html`<button type="button" class="main" onClick=${() => (opened.value = "publish")}>${t("publish.button")}</button>`}
  </header>`;
}

/** The towns of the shown version, if the board shows others beside them. */
function Scope() {
  const shown = board.value;
  const beside = shown && [...shown.visits.values()].some((visit) => visit.schedule !== shown.schedule.id);
  if (!beside) return null;
  const towns = covered(shown).flatMap((id) => shown.towns.get(id) ?? []);
  const names = listed(towns.map((town) => (lang === "en" ? town.name_en : town.name)));
  const words = towns.length > FEW_TOWNS ? t("board.scope", { n: towns.length }) : names;
  return html`<span class="scope soft" title=${t("board.scope.what", { towns: names })}>${words}</span>`;
}

/** The week in figures. */
export function Figures() {
  const schedule = board.value?.schedule;
  const figures = schedule?.figures;
  if (!schedule || !figures) return null;
  const share = figures.due_minutes ? figures.placed_minutes / figures.due_minutes : 1;
  const gap = gapNow();
  return html`<div class="summary"><dl class="figures">
    <div><dt>${t("figure.placed")}</dt><dd>${hours(figures.placed_minutes)} <small>/ ${hours(figures.due_minutes)} (${percent(share)})</small></dd></div>
    <div class=${figures.visits_unallocated ? "look" : ""}><dt>${t("figure.unallocated")}</dt><dd>${whole(figures.visits_unallocated)}</dd></div>
    <div><dt>${t("figure.usual")}</dt><dd>${figures.usual_share === null ? "–" : percent(figures.usual_share)}</dd></div>
    <div><dt>${t("figure.kilometres")}</dt><dd>${whole(figures.kilometres)}</dd></div>
    <div class=${figures.violations ? "look" : ""}><dt>${t("figure.violations")}</dt><dd>${whole(figures.violations)}</dd></div>
    ${gap !== null && html`<div><dt>${t("figure.gap")}</dt><dd>${t("figure.gap.is", { share: tenths(gap * 100) })}</dd></div>`}
  </dl><${Deeds} /></div>`;
}

/** What can be done with the week as a whole. */
function Deeds() {
  const pinned = [...(board.value?.visits.values() ?? [])].filter((visit) => visit.pinned && visit.schedule === board.value?.schedule.id).length;
  const rest = t("replan.what", { n: pinned });
  return html`<div class="deeds">
    ${mayRepair(board.value) && html`<button type="button" onClick=${() => (happened.value = {})}>${t("repair.button")}</button>`}
    ${mayEdit.value && html`<button type="button" title=${rest} disabled=${watched.value !== null} onClick=${planTheRest}>${t("replan.button")}</button>`}
    <button type="button" onClick=${() => (opened.value = "understand")}>${t("understand.button")}</button>
  </div>`;
}

export function Filters() {
  const shown = board.value;
  const { town, centre, zoom, day, rows, only, gender, skill } = view.value;
  const centres = shown ? [...shown.centres.values()].filter((each) => town === null || each.town === town) : [];
  const chosen = (/** @type {any} */ event) => Number(event.target.value) || null;
  return html`<div class="filters" role="search" aria-label=${t("filters")}>
    <${Finder} />
    <label><span class="sr">${t("filter.town")}</span>
      <select onChange=${(/** @type {any} */ event) => look({ town: chosen(event), centre: null })}>
        <option value="">${t("filter.all_towns")}</option>
        ${shown && [...shown.towns.values()].map((each) => html`<option value=${each.id} selected=${each.id === town}>${lang === "en" ? each.name_en : each.name}</option>`)}
      </select>
    </label>
    <label><span class="sr">${t("filter.centre")}</span>
      <select class="centre" onChange=${(/** @type {any} */ event) => look({ centre: chosen(event) })}>
        <option value="">${t("filter.all_centres")}</option>
        ${centres.map((each) => html`<option value=${each.id} selected=${each.id === centre}>${each.name}</option>`)}
      </select>
    </label>
    <label><span class="sr">${t("filter.only")}</span>
      <select onChange=${(/** @type {any} */ event) => look({ only: event.target.value })}>
        ${ONLY.map((each) => html`<option value=${each} selected=${each === only}>${t(`filter.only.${each || "all"}`)}${each === "conflict" && shown ? ` (${conflictsOf(shown).size})` : ""}</option>`)}
      </select>
    </label>
    <label><span class="sr">${t("filter.gender")}</span>
      <select onChange=${(/** @type {any} */ event) => look({ gender: event.target.value })}>
        ${GENDERS.map((each) => html`<option value=${each} selected=${each === gender}>${t(`filter.gender.${each || "all"}`)}</option>`)}
      </select>
    </label>
    <label><span class="sr">${t("filter.skill")}</span>
      <select onChange=${(/** @type {any} */ event) => look({ skill: event.target.value })}>
        ${SKILLS.map((each) => html`<option value=${each} selected=${each === skill}>${t(`filter.skill.${each || "all"}`)}</option>`)}
      </select>
    </label>
    <div class="switch" role="group" aria-label=${t("rows")}>
      ${/** @type {const} */ (["caregivers", "elders", "map"]).map(
        (each) => html`<button type="button" aria-pressed=${rows === each} onClick=${() => look({ rows: each })}>${t(`rows.${each}`)}</button>`,
      )}
    </div>
    <span class="spacer"></span>
    <div class="switch" role="group" aria-label=${t("zoom")}>
      <button type="button" aria-pressed=${zoom === "week"} onClick=${() => look({ zoom: "week" })}>${t("zoom.week")}</button>
      ${[0, 1, 2, 3, 4, 5, 6].map((each) => {
        const iso = isoDay(shown?.schedule.monday ?? mondayOf(view.value.week), each);
        const name = `${weekday(iso)} ${shortDay(iso)}`;
        return html`<button type="button" aria-pressed=${zoom === "day" && day === each} aria-label=${name} title=${name} onClick=${() => look({ zoom: "day", day: each })}>${lang === "zh" ? weekday(iso).slice(-1) : weekday(iso)}</button>`;
      })}
    </div>
  </div>`;
}
