// One visit: what it is, why it has no place, and everything that can be done with it, by keyboard too.
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../icons.js";
import { clock, html, isoDay, listed, shortDay, t, weekday, word } from "../page.js";
import { Advice } from "./advice.js";
import { look as lookOf } from "./chips.js";
import { busy, change, judged, movedWords, moveTo, priced } from "./moving.js";
import { happened, mayRepair } from "./repair.js";
import { board, complain, look, mayChange, mayEdit, openSchedule, selected } from "./state.js";

/** @typedef {import("./model.js").Visit} Visit */
/** @typedef {import("./model.js").Board} Board */
/** @typedef {{day: number, time: string, who: number[]}} Wish */

export function Panel() {
  const shown = board.value;
  const visit = selected.value === null ? undefined : shown?.visits.get(selected.value);
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => element.current?.scrollIntoView({ block: "nearest" }), [visit?.id]); // on a small screen it is above the week
  if (!shown || !visit) return null;
  const close = () => {
    const id = visit.id;
    selected.value = null;
    /** @type {HTMLElement | null} */ (document.querySelector(`.chip[data-visit="${id}"]`))?.focus();
  };
  return html`<aside ref=${element} class="panel" aria-label=${t("panel.title")} onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Escape" && close()}>
    <header>
      <h2>${visit.elder.name} <span class="soft">${visit.elder.number}</span></h2>
      <button type="button" class="quiet" aria-label=${t("close")} onClick=${close}><${Icon} name="close" /></button>
    </header>
    <${Facts} shown=${shown} visit=${visit} />
    <${Advice} key=${`advice-${visit.id}`} visit=${visit} />
    ${mayChange(visit) && html`<${MoveForm} key=${`${visit.id}/${visit.day}/${visit.start}`} shown=${shown} visit=${visit} />`}
    ${mayChange(visit) && html`<${Pins} visit=${visit} />`}
    ${mayRepair(shown) && html`<${Happenings} visit=${visit} />`}
    ${mayEdit.value && !mayChange(visit) && html`<${Beside} visit=${visit} />`}
    ${!mayEdit.value && html`<p class="soft">${t(shown.schedule.status === "draft" ? "panel.reading" : "panel.not_draft")}</p>`}
    <p>
      <button type="button" class="link" onClick=${() => look({ elder: visit.elder.id, caregiver: null })}>
        ${t("panel.all_of_elder", { elder: visit.elder.name })}
      </button> · <a href=${`/roster?elder=${visit.elder.id}`}>${t("panel.record", { elder: visit.elder.name })}</a>
    </p>
  </aside>`;
}

/** @param {{shown: Board, visit: Visit}} props */
function Facts({ shown, visit }) {
  const town = shown.towns.get(visit.elder.town);
  const centre = visit.elder.centre === null ? "" : (shown.centres.get(visit.elder.centre)?.name ?? "");
  const iso = visit.day === null ? "" : isoDay(shown.schedule.monday, visit.day);
  const time = visit.start === null ? "" : `${clock(visit.start)}–${clock(visit.start + visit.minutes)}`;
  return html`<p class=${`state ${lookOf(visit)}`}><${Icon} name=${lookOf(visit)} /> ${t(`state.${lookOf(visit)}`)}</p>
    <dl>
      <dt>${t("visit.time")}</dt>
      <dd>${visit.day === null ? t("visit.no_time") : `${weekday(iso)} ${shortDay(iso)} ${time}`} (${t("minutes", { n: visit.minutes })})</dd>
      <dt>${t("visit.caregivers")}</dt>
      <dd>${visit.caregivers.length ? listed(visit.caregivers.map((each) => `${each.name} ${each.number}`)) : "–"}${visit.hands === 2 ? ` · ${t("visit.two")}` : ""}</dd>
      ${visit.travel.length > 0 && html`<dt>${t("visit.travel")}</dt><dd>${listed(visit.travel.map((n) => t("minutes", { n })))}</dd>`}
      <dt>${t("visit.items")}</dt>
      <dd>${listed(visit.items.map((item) => word("item", item))) || "–"}</dd>
      <dt>${t("visit.place")}</dt>
      <dd>${town ? placeName(town) : ""}${centre ? ` · ${centre}` : ""}</dd>
    </dl>`;
}

/** @param {import("./model.js").Town} town */
const placeName = (town) => (document.documentElement.lang === "en" ? town.name_en : town.name);

/** Another day, time or caregiver; the verdict comes while one chooses. @param {{shown: Board, visit: Visit}} props */
function MoveForm({ shown, visit }) {
  const [wish, setWish] = useState(
    /** @type {Wish} */ ({
      day: visit.day ?? 0,
      time: clock(visit.start ?? 540),
      who: Array.from({ length: visit.hands }, (_, i) => visit.caregivers[i]?.id ?? 0),
    }),
  );
  const [verdict, setVerdict] = useState(/** @type {import("./moving.js").Verdict | null} */ (null));
  const said = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => (verdict ? said.current?.scrollIntoView({ block: "nearest" }) : undefined), [verdict]);
  const start = Number(wish.time.slice(0, 2)) * 60 + Number(wish.time.slice(3, 5));
  const complete = wish.who.every((id) => id > 0) && new Set(wish.who).size === wish.who.length && /^([01]\d|2[0-3]):[0-5]\d$/.test(wish.time);
  const same = visit.day === wish.day && visit.start === start && visit.caregivers.every((each, i) => each.id === wish.who[i]);
  useEffect(() => {
    setVerdict(null);
    if (!complete || same) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      judged(moveTo(visit, wish.day, start, wish.who), stop.signal).then(setVerdict, (error) => stop.signal.aborted || complain(error));
    }, 250);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [wish, shown.schedule.version]);
  const apply = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    await change(visit, moveTo(visit, wish.day, start, wish.who), movedWords(visit, wish.day, start, wish.who));
  };
  return html`<form class="move" onSubmit=${apply}>
    <h3>${visit.day === null ? t("move.place") : t("move.title")}</h3>
    <div class="fields">
      <label>${t("move.day")}
        <select name="day" value=${wish.day} onChange=${(/** @type {any} */ event) => setWish({ ...wish, day: Number(event.target.value) })}>
          ${[0, 1, 2, 3, 4, 5, 6].map((day) => {
            const iso = isoDay(shown.schedule.monday, day);
            return html`<option value=${day} selected=${day === wish.day}>${weekday(iso)} ${shortDay(iso)}${shown.closed.has(day) ? ` ${t("board.closed")}` : ""}</option>`;
          })}
        </select>
      </label>
      <label>${t("move.time")}
        <input name="time" inputmode="numeric" required pattern=${"([01][0-9]|2[0-3]):[0-5][0-9]"} placeholder="09:30" maxlength="5" autocomplete="off" value=${wish.time} onInput=${(/** @type {any} */ event) => setWish({ ...wish, time: event.target.value })} />
      </label>
    </div>
    ${wish.who.map(
      (id, i) => html`<label>${t("move.who")}${wish.who.length > 1 ? ` ${i + 1}` : ""}
        <select name=${`who${i}`} onChange=${(/** @type {any} */ event) => setWish({ ...wish, who: wish.who.with(i, Number(event.target.value)) })}>
          <option value="0" selected=${id === 0}>${t("move.choose")}</option>
          ${choices(shown, visit).map(
            (group) => html`<optgroup label=${group.label}>
              ${group.people.map((each) => html`<option value=${each.id} selected=${each.id === id}>${each.name} ${each.number}</option>`)}
            </optgroup>`,
          )}
        </select>
      </label>`,
    )}
    <div class="verdict" role="status" ref=${said}>${verdict && html`<${Said} verdict=${verdict} />`}</div>
    <button class="main" disabled=${!complete || same || busy.value || verdict?.allowed === false}>${t("move.do")}</button>
  </form>`;
}

/** @param {{verdict: import("./moving.js").Verdict}} props */
function Said({ verdict }) {
  if (verdict.allowed) return html`<p class="good"><${Icon} name="placed" /> ${t("verdict.allowed")} ${priced(verdict.change)}</p>`;
  return html`<p class="bad"><${Icon} name="warn" /> ${t("verdict.refused")}</p>
    <ul>${verdict.lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}

/** Caregivers of the elder's own town first. @param {Board} shown @param {Visit} visit */
function choices(shown, visit) {
  const groups = [...shown.towns.values()].map((town) => ({
    label: placeName(town),
    own: town.id === visit.elder.town,
    people: shown.caregivers.filter((each) => each.town === town.id),
  }));
  return groups.filter((group) => group.people.length).sort((a, b) => Number(b.own) - Number(a.own));
}

/** A visit that is published, in a town that the shown draft doesn't cover. @param {{visit: Visit}} props */
function Beside({ visit }) {
  const open = () => openSchedule(visit.schedule).catch(complain);
  return html`<p class="soft">${t("panel.beside", { id: visit.schedule })}</p>
    <p class="buttons"><button type="button" onClick=${open}>${t("panel.open", { id: visit.schedule })}</button></p>`;
}

/** What may happen to a visit of a published week. @param {{visit: Visit}} props */
function Happenings({ visit }) {
  const day = visit.day ?? undefined;
  return html`<p class="buttons">
    ${visit.caregivers.map(
      (each) => html`<button type="button" onClick=${() => (happened.value = { caregiver: each.id, day })}>${t("repair.of_caregiver", { name: each.name })}</button>`,
    )}
    <button type="button" onClick=${() => (happened.value = { visit: visit.id })}>${t("repair.of_visit")}</button>
    <button type="button" onClick=${() => (happened.value = { elder: visit.elder })}>${t("adding.button")}</button>
  </p>`;
}

/** @param {{visit: Visit}} props */
function Pins({ visit }) {
  const which = { visit_id: visit.id };
  const elder = visit.elder.name;
  const act = (/** @type {import("./moving.js").Edit} */ edit, /** @type {string} */ key) => () => change(visit, [edit], t(key, { elder }));
  return html`<p class="buttons">
    ${visit.pinned
      ? html`<button type="button" disabled=${busy.value} onClick=${act({ unpin: which }, "unpinned")}><${Icon} name="pinned" /> ${t("unpin")}</button>`
      : html`<button type="button" disabled=${busy.value} onClick=${act({ pin: which }, "pinned")}><${Icon} name="pinned" /> ${t("pin")}</button>`}
    ${visit.day !== null &&
    html`<button type="button" disabled=${busy.value} onClick=${act({ unallocate: which }, "left_out")}><${Icon} name="warn" /> ${t("leave_out")}</button>`}
  </p>`;
}
