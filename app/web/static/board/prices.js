// What each goal of the shown week costs the others, in minutes and kilometres: asked for, watched, and told.
import { useEffect, useState } from "preact/hooks";
import { call, Problem } from "../api.js";
import { html, isoDay, known, lang, t, tenths, weekday, word } from "../page.js";
import { Bars } from "./charts.js";
import { proof } from "./proof.js";
import { complain, SKILLS } from "./state.js";

/** @typedef {import("./model.js").Board} Board */
/**
 * @typedef {object} Prices
 * @property {"queued" | "pricing" | "priced" | "failed"} state
 * @property {boolean | null} current
 * @property {number} goals_asked
 * @property {{goal: string, travel_minutes: number, without: {usual_share: number | null}, words: {zh: string, en: string}}[]} goals
 */

const EVERY = 2000; // milliseconds between two looks at a pricing that is not over
const MOST = 5;

/** @param {Prices | null} prices */
const isOpen = (prices) => prices?.state === "queued" || prices?.state === "pricing";

/** @param {{shown: Board}} props */
export function GoalPrices({ shown }) {
  const { id, version } = shown.schedule;
  const [prices, setPrices] = useState(/** @type {Prices | null} */ (null));
  const path = `/api/v1/schedules/${id}/prices`;
  const read = async () => {
    try {
      setPrices((await call("GET", path)).data);
    } catch (error) {
      // Nobody has asked, or the version covers towns that are not hers; a lost connection is tried again.
      if (!(error instanceof Problem) || ![0, 401, 403, 404].includes(error.status)) throw error;
      if (error.status === 403 || error.status === 404) setPrices(null);
    }
  };
  useEffect(() => void read(), [id, version]);
  const open = isOpen(prices);
  useEffect(() => {
    if (!open) return undefined;
    const timer = setInterval(read, EVERY);
    return () => clearInterval(timer);
  }, [open, path]);
  const send = (/** @type {"POST" | "DELETE"} */ method) => () => {
    call(method, path, method === "POST" ? { body: {} } : {}).then(({ data }) => setPrices(data), complain);
  };
  if (!prices && !known.edits) return null;
  return html`<section>
    <h3>${t("prices.title")}</h3>
    <p class="soft">${t("prices.what")}</p>
    <div role="status">
      ${prices?.state === "queued" && html`<p>${t("prices.queued")}</p>`}
      ${prices?.state === "pricing" && html`<p>${t("prices.pricing", { n: prices.goals.length, of: prices.goals_asked })}</p>`}
      ${prices?.state === "failed" && html`<p class="bad">${t("prices.failed")}</p>`}
      ${prices?.state === "priced" && prices.goals.length < prices.goals_asked && html`<p>${t("prices.some", { n: prices.goals.length, of: prices.goals_asked })}</p>`}
      ${prices?.current === false && html`<p class="state warn">${t("prices.older")}</p>`}
    </div>
    ${prices && prices.goals.length > 0 && html`<ul class="told">${prices.goals.map((each) => html`<li key=${each.goal}>${each.words[lang]}</li>`)}</ul>`}
    ${known.edits &&
    html`<p>
      ${open
        ? html`<button type="button" class="quiet" onClick=${send("DELETE")}>${t("prices.stop")}</button>`
        : html`<button type="button" onClick=${send("POST")}>${t(prices ? "prices.again" : "prices.ask")}</button>`}
    </p>`}
  </section>`;
}

/** Where one more hour would save most, as the proof prices it: which skill in which town, which day, who. @param {{shown: Board}} props */
export function OneHour({ shown }) {
  const prices = proof.value?.schedule_id === shown.schedule.id ? proof.value.prices : {};
  const hours = Object.entries(prices.caregiver ?? {}).flatMap(([id, points]) => {
    const caregiver = shown.caregiverOf.get(Number(id));
    return caregiver ? [{ caregiver, points }] : [];
  });
  const days = Object.entries(prices.day ?? {}).map(([day, points]) => ({ label: weekday(isoDay(shown.schedule.monday, Number(day))), value: points, words: tenths(points) }));
  const people = hours.map(({ caregiver, points }) => ({ label: caregiver.name, value: points, words: tenths(points) }));
  const groups = [
    { title: t("understand.hour.skills"), bars: dearest(bySkillAndTown(shown, hours)) },
    { title: t("understand.hour.days"), bars: dearest(days) },
    { title: t("understand.hour.people"), bars: dearest(people) },
  ].filter((group) => group.bars.length > 0);
  if (!hours.length && !days.length) return null;
  const most = Math.max(...groups.flatMap((group) => group.bars.map((bar) => bar.value)));
  return html`<section>
    <h3>${t("understand.hour")}</h3>
    ${!groups.length && html`<p>${t("understand.hour.none")}</p>`}
    ${groups.map((group) => html`<h4>${group.title}</h4><${Bars} bars=${group.bars} most=${most} />`)}
    <p class="soft">${t("understand.hour.what")}</p>
  </section>`;
}

/** @param {import("./charts.js").Bar[]} bars */
const dearest = (bars) =>
  bars
    .filter((bar) => bar.value >= 0.05)
    .sort((a, b) => b.value - a.value)
    .slice(0, MOST);

/**
 * An hour more of one with a skill in a town is worth what it is worth on the average of those who are there.
 * @param {Board} shown @param {{caregiver: import("./model.js").Caregiver, points: number}[]} hours
 */
function bySkillAndTown(shown, hours) {
  const bars = [];
  for (const skill of SKILLS.filter(Boolean))
    for (const town of shown.towns.values()) {
      const here = hours.filter(({ caregiver }) => caregiver.town === town.id && caregiver.skills.includes(skill));
      const points = here.reduce((sum, each) => sum + each.points, 0) / here.length;
      if (here.length) bars.push({ label: t("understand.hour.of", { skill: word("skill", skill), town: lang === "en" ? town.name_en : town.name }), value: points, words: tenths(points) });
    }
  return bars;
}
