// A caregiver's own page, for her phone: big, plain, and there without a network for what was read before.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call, Problem, sessionEnded, signOut } from "./api.js";
import { note, others, pending, send } from "./my/pending.js";
import { clockOf, dayOf, html, isoDay, known, lang, moment, mondayOf, render, shortDay, switchLanguage, t, weekday, weekOf, word } from "./page.js";
import { SignInForm } from "./signing-in.js";

/** @typedef {{day: string, start: string, minutes: number}} Slot */
/**
 * @typedef {object} Mine
 * @property {string} visit_key
 * @property {string} day
 * @property {string} starts_at
 * @property {string} ends_at
 * @property {number} minutes
 * @property {number} travel_minutes
 * @property {string} elder_name
 * @property {string | null} elder_phone
 * @property {string} town
 * @property {string} address
 * @property {string | null} way_in
 * @property {number} latitude
 * @property {number} longitude
 * @property {string[]} items
 * @property {string | null} note
 * @property {{name: string, phone: string | null}[]} companions
 * @property {string} state
 * @property {string | null} checked_in_at
 * @typedef {{visit_key: string, kind: "added" | "removed" | "changed", before: Slot | null, after: Slot | null}} Change
 * @typedef {{visits: Mine[], changes: Change[]}} Pulled
 */

const TABS = /** @type {const} */ (["today", "week", "changes", "me"]);
const KEPT = "jiuling-my-visits";
const SINCE_DAYS = 7;
const ME = known.user ? known.user.id : 0;

/** @type {import("@preact/signals").Signal<typeof TABS[number]>} */
const tab = signal("today");
/** @type {import("@preact/signals").Signal<Pulled | null>} */
const pulled = signal(null);
const readAt = signal("");
const offline = signal(false);
const calendar = signal(""); // its secret address, shown this once
const said = signal("");

/** The page may be an older one, opened without a network. */
const dayNow = () => dayOf(new Date().toISOString());
const monday = mondayOf(known.week ?? weekOf(dayNow()));

let leaving = false; // whoever signs out leaves nothing on the phone, also not of a reading under way

/** Read this week and the next; without a network show what was read last. */
async function pull() {
  await send((one, problem) => (said.value = t("my.not_taken", { elder: one.elder, time: clockOf(one.at), why: problem.sentence })));
  const since = new Date(Date.now() - SINCE_DAYS * 86_400_000).toISOString();
  const path = `/api/v1/me/visits?from=${monday}&to=${isoDay(monday, 13)}&since=${encodeURIComponent(since)}`;
  try {
    const { data } = await call("GET", path);
    pulled.value = data;
    readAt.value = new Date().toISOString();
    offline.value = false;
    if (!leaving) localStorage.setItem(KEPT, JSON.stringify({ at: readAt.value, data, by: ME }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status !== 0) {
      said.value = error.sentence;
      return;
    }
    offline.value = true;
    const kept = JSON.parse(localStorage.getItem(KEPT) || "null");
    if (kept && kept.by === ME) {
      readAt.value = kept.at;
      pulled.value = kept.data;
    }
  }
}

const time = clockOf;

/** @param {{visit: Mine}} props */
function VisitCard({ visit }) {
  const act = (/** @type {"in" | "out"} */ which) => () => {
    said.value = "";
    note(visit.visit_key, which, visit.elder_name); // kept before it is sent: nothing of it can be lost
    void pull();
  };
  const waiting = pending.value.filter((one) => one.key === visit.visit_key);
  const came = waiting.find((one) => one.which === "in");
  const left = waiting.find((one) => one.which === "out");
  const since = visit.checked_in_at || (came && came.at);
  const open = visit.state === "planned" && !left;
  const map = `https://uri.amap.com/marker?position=${visit.longitude},${visit.latitude}&coordinate=wgs84&callnative=1`;
  return html`<li class=${`visit ${visit.state}`}>
    <p class="when"><b>${time(visit.starts_at)}–${time(visit.ends_at)}</b> <span class="soft">${t("my.travel", { n: visit.travel_minutes })}</span></p>
    <h3>${visit.elder_name}</h3>
    ${visit.items.length > 0 &&
    html`<h4>${t("my.to_do")}</h4>
      <ul class="items">${visit.items.map((item) => html`<li>${word("item", item)}</li>`)}</ul>`}
    <p><a href=${map} target="_blank" rel="noopener noreferrer">${visit.town} ${visit.address}</a></p>
    ${visit.way_in && html`<p><b>${t("my.way_in")}</b> ${visit.way_in}</p>`}
    ${visit.note && html`<p>${visit.note}</p>`}
    ${visit.companions.map((other) => html`<p><b>${t("my.with")}</b> ${other.name} ${other.phone && html`<a href=${`tel:${other.phone}`}>${other.phone}</a>`}</p>`)}
    <p class="buttons">
      <a class="button" href=${map} target="_blank" rel="noopener noreferrer">${t("my.map")}</a>
      ${visit.elder_phone && html`<a class="button" href=${`tel:${visit.elder_phone}`}>${t("my.call")}</a>`}
      ${open && visit.day === dayNow() && !since && html`<button type="button" class="main" onClick=${act("in")}>${t("my.arrive")}</button>`}
      ${open && since && html`<button type="button" class="main" onClick=${act("out")}>${t("my.leave")}</button>`}
    </p>
    ${visit.state === "delivered" && html`<p class="done">✓ ${t("my.delivered")}</p>`}
    ${visit.state === "planned" && since && html`<p class="soft">${t("my.since", { time: time(since) })}</p>`}
    ${waiting.map((one) => html`<p class="note" role="status">${t(`my.waiting_${one.which}`, { time: time(one.at) })}</p>`)}
  </li>`;
}

/** @param {{visits: Mine[]}} props */
function Day({ visits }) {
  if (!visits.length) return html`<p class="none">${t("my.none")}</p>`;
  return html`<ul class="visits">${visits.map((visit) => html`<${VisitCard} key=${visit.visit_key} visit=${visit} />`)}</ul>`;
}

function Today() {
  const day = dayNow();
  const visits = pulled.value?.visits.filter((visit) => visit.day === day) ?? [];
  const next = visits.length ? undefined : pulled.value?.visits.find((visit) => visit.day > day);
  return html`<h2>${t("my.today")} · ${weekday(day)} ${shortDay(day)}</h2>
    <${Day} visits=${visits} />
    ${next && html`<p class="none">${t("my.next", { when: `${weekday(next.day)} ${shortDay(next.day)} ${time(next.starts_at)}`, who: next.elder_name })}</p>`}`;
}

function Week() {
  const days = Array.from({ length: 14 }, (_, i) => isoDay(monday, i));
  const busy = days.filter((day) => pulled.value?.visits.some((visit) => visit.day === day));
  if (!busy.length) return html`<h2>${t("my.week")}</h2><p class="none">${t("my.none")}</p>`;
  return busy.map(
    (day) => html`<section key=${day}>
      <h2>${weekday(day)} ${shortDay(day)}</h2>
      <${Day} visits=${pulled.value?.visits.filter((visit) => visit.day === day) ?? []} />
    </section>`,
  );
}

/** @param {Slot} slot */
const slotWords = (slot) => `${weekday(slot.day)} ${shortDay(slot.day)} ${slot.start}`;

/** What changed of days that are not over. */
const changesAhead = () => (pulled.value?.changes ?? []).filter((one) => [one.before, one.after].some((slot) => slot && slot.day >= dayNow()));

function Changes() {
  const names = new Map(pulled.value?.visits.map((visit) => [visit.visit_key, visit.elder_name]));
  const changes = changesAhead();
  return html`<h2>${t("my.changes")}</h2>
    ${!changes.length && html`<p class="none">${t("my.no_changes")}</p>`}
    <ul class="visits">
      ${changes.map(
        (one) => html`<li class="visit" key=${one.visit_key}>
          <p><b>${t(`my.${one.kind}`)}</b> ${names.get(one.visit_key) ?? ""} ${one.after ? slotWords(one.after) : ""}</p>
          ${one.before && html`<p class="soft">${t("my.then", { what: slotWords(one.before) })}</p>`}
        </li>`,
      )}
    </ul>`;
}

function Me() {
  const other = lang === "zh" ? "en" : "zh";
  const leave = async () => {
    if (pending.value.length) {
      said.value = t("my.send_first", { n: pending.value.length });
      return;
    }
    leaving = true;
    localStorage.removeItem(KEPT);
    await signOut().catch((/** @type {Problem} */ problem) => (said.value = problem.sentence));
  };
  const subscribe = async () => {
    try {
      const { data } = await call("POST", "/api/v1/me/calendar");
      calendar.value = new URL(data.url, location.href).href;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      said.value = error.sentence;
    }
  };
  return html`<h2>${t("my.me")}</h2>
    <p>${t("my.calendar_what")}</p>
    ${calendar.value && html`<p class="note" role="status">${t("my.calendar_made")} <a href=${calendar.value.replace(/^http/, "webcal")}>${calendar.value}</a></p>`}
    <p class="buttons"><button type="button" onClick=${subscribe}>${t("my.calendar")}</button></p>
    <p class="buttons">
      <button type="button" lang=${other === "zh" ? "zh-CN" : "en"} onClick=${() => switchLanguage(other)}>${t("language.other")}</button>
      <button type="button" onClick=${leave}>${t("sign-out")}</button>
    </p>`;
}

/** Her page goes on; somebody else gets one of her own. @param {{user_id: number}} signedIn */
function goOn({ user_id }) {
  if (user_id === ME) void pull();
  else location.reload();
}

function MyPage() {
  useEffect(() => {
    void pull();
    const again = () => void pull();
    addEventListener("online", again);
    return () => removeEventListener("online", again);
  }, []);
  if (sessionEnded.value) {
    return html`<main><h1>${t("session.again")}</h1><p>${t("session.kept")}</p><${SignInForm} onDone=${goOn} /></main>`;
  }
  const ahead = changesAhead().length;
  const shown = { today: Today, week: Week, changes: Changes, me: Me }[tab.value];
  return html`<main>
      <h1 class="sr">${t("title.my")}</h1>
      ${offline.value && html`<p class="note" role="status">${t("my.offline", { time: readAt.value ? moment(readAt.value) : "–" })}</p>`}
      <p class="wrong" role="alert">${said.value}</p>
      ${Array.from(others.value, ([who, n]) => html`<p class="note" role="status" key=${who}>${t("my.others_wait", { who, n })}</p>`)}
      ${pulled.value ? html`<${shown} />` : html`<p class="none">${t("wait")}</p>`}
    </main>
    <nav class="tabs" aria-label=${t("title.my")}>
      ${TABS.map(
        (name) => html`<button type="button" aria-pressed=${tab.value === name} onClick=${() => (tab.value = name)}>
          ${t(`my.${name}`)}${name === "changes" && ahead ? html` <span class="count">${ahead}</span>` : ""}
        </button>`,
      )}
    </nav>`;
}

if ("serviceWorker" in navigator) void navigator.serviceWorker.register("/my-worker.js", { scope: "/my" });
render(html`<${MyPage} />`, /** @type {HTMLElement} */ (document.getElementById("page")));
