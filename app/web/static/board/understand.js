// The week understood: hours, continuity, fairness, kilometres, what each goal costs, and how far from the best.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api.js";
import { Dialog } from "../dialog.js";
import { Icon } from "../icons.js";
import { hours, html, percent, t, whole, word } from "../page.js";
import { Bars, Spread } from "./charts.js";
import { GoalPrices, OneHour } from "./prices.js";
import { ProofWords } from "./proof.js";
import { board, complain, look, opened } from "./state.js";

/** @typedef {import("./model.js").Board} Board */
/** @typedef {{people: number, mean: number, deciles: number[]}} Spreading */
/** @typedef {{month: string, elders: Record<string, any>, caregivers: Record<string, any>}} Fairness */

/** measure → whether it is a percentage, to what its line goes */
const ELDERS = /** @type {const} */ (["served_percent", "month_percent", "usual_percent", "wished_percent", "minutes_behind"]);
const CAREGIVERS = /** @type {const} */ (["load_percent", "travel_minutes", "weekend_days"]);

export function UnderstandDialog() {
  const shown = board.value;
  const [fairness, setFairness] = useState(/** @type {Fairness | null} */ (null));
  const id = shown?.schedule.id;
  useEffect(() => {
    setFairness(null);
    call("GET", `/api/v1/schedules/${id}/fairness`).then(({ data }) => setFairness(data), complain);
  }, [id, shown?.schedule.version]);
  if (!shown?.schedule.figures) return null;
  const close = () => (opened.value = "");
  return html`<${Dialog} title=${t("understand.title", { week: shown.schedule.week })} onClose=${close} wide>
    <div class="insights">
      <${Hours} figures=${shown.schedule.figures} />
      <section><h3>${t("figure.gap")}</h3><${ProofWords} /></section>
      <${Goals} cost=${shown.schedule.cost} />
      <${GoalPrices} shown=${shown} />
      <${Fair} title=${t("understand.elders")} measures=${ELDERS} of=${fairness?.elders} />
      <${Fair} title=${t("understand.caregivers")} measures=${CAREGIVERS} of=${fairness?.caregivers} />
      <${OneHour} shown=${shown} />
      <${Short} shown=${shown} fairness=${fairness} />
    </div>
    <footer><button type="button" class="main" onClick=${close}>${t("close")}</button></footer>
  <//>`;
}

/** @param {{figures: import("./model.js").Figures}} props */
function Hours({ figures }) {
  const reasons = Object.entries(figures.unallocated_by_reason).sort((a, b) => b[1] - a[1]);
  const bars = [
    { label: t("understand.due"), value: figures.due_minutes, words: t("understand.hours", { n: hours(figures.due_minutes) }) },
    { label: t("understand.placed"), value: figures.placed_minutes, words: t("understand.hours", { n: hours(figures.placed_minutes) }), marked: true },
  ];
  return html`<section>
    <h3>${t("figure.placed")}</h3>
    <${Bars} bars=${bars} />
    <p>${t("understand.usual", { share: figures.usual_share === null ? "–" : percent(figures.usual_share) })} ${t("understand.kilometres", { n: whole(figures.kilometres) })}</p>
    ${reasons.length > 0 && html`<p class="soft">${t("board.unallocated")}</p><${Bars} bars=${reasons.map(([code, n]) => ({ label: word("reason", code), value: n, words: whole(n) }))} />`}
  </section>`;
}

/** @param {{title: string, measures: readonly string[], of: Record<string, Spreading | null> | undefined}} props */
function Fair({ title, measures, of }) {
  return html`<section>
    <h3>${title}</h3>
    ${!of && html`<p class="soft" role="status">${t("wait")}</p>`}
    ${of &&
    html`<table class="spreads">
      <thead><tr><th scope="col">${t("understand.measure")}</th><th scope="col">${t("understand.spread")}</th><th scope="col">${t("understand.middle")}</th><th scope="col">${t("understand.range")}</th></tr></thead>
      <tbody>
        ${measures.map((name) => {
          const spread = of[name];
          const unit = name.endsWith("percent") ? "%" : "";
          return html`<tr>
            <th scope="row">${t(`measure.${name}`)}</th>
            <td>${spread && html`<${Spread} deciles=${spread.deciles} to=${unit ? 100 : 1} />`}</td>
            <td>${spread ? `${whole(spread.deciles[5])}${unit}` : "–"}</td>
            <td>${spread && spread.deciles[0] !== spread.deciles[10] ? `${whole(spread.deciles[0])}–${whole(spread.deciles[10])}${unit}` : "–"}</td>
          </tr>`;
        })}
      </tbody>
    </table>`}
  </section>`;
}

/** What the week pays for each goal, in points: one point is a minute on the way. @param {{cost: Record<string, number>}} props */
function Goals({ cost }) {
  const goals = Object.entries(cost).filter(([goal]) => goal !== "total");
  if (!goals.length) return null;
  const bars = goals.sort((a, b) => b[1] - a[1]).map(([goal, points]) => ({ label: word("goal", goal), value: points, words: whole(points) }));
  return html`<section>
    <h3>${t("understand.goals")}</h3>
    <${Bars} bars=${bars} />
    <p class="soft">${t("understand.goals.what", { total: whole(cost.total ?? 0) })}</p>
  </section>`;
}

/** Who has a visit without a place; who was short last month, too. @param {{shown: Board, fairness: Fairness | null}} props */
function Short({ shown, fairness }) {
  const [before, setBefore] = useState(/** @type {Set<number>} */ (new Set()));
  const without = [...new Set([...shown.visits.values()].filter((visit) => visit.day === null).map((visit) => visit.elder))];
  const [year, month] = (fairness?.month ?? "").split("-").map(Number);
  useEffect(() => {
    if (!fairness?.elders.short_again) return;
    const last = month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, "0")}`;
    shortIn(last).then(setBefore, complain);
  }, [fairness]);
  const again = without.filter((elder) => before.has(elder.id));
  const once = without.filter((elder) => !before.has(elder.id));
  const open = (/** @type {number} */ elder) => () => {
    opened.value = "";
    look({ elder, caregiver: null, rows: "elders" });
  };
  const names = (/** @type {typeof without} */ elders) =>
    html`<p class="names">${elders.map((each) => html`<button type="button" class="link" onClick=${open(each.id)}>${each.name}</button> `)}</p>`;
  return html`<section>
    <h3>${t("figure.elders_short")}</h3>
    ${!without.length && html`<p class="state good"><${Icon} name="placed" /> ${t("understand.short.none")}</p>`}
    ${fairness && html`<p>${t("understand.short.before", { n: fairness.elders.short_before, again: fairness.elders.short_again })}</p>`}
    ${again.length > 0 && html`<p class="state warn"><${Icon} name="warn" /> ${t("understand.short.twice")}</p>${names(again)}`}
    ${once.length > 0 && html`<p>${t("understand.short.once")}</p>${names(once)}`}
  </section>`;
}

/** Elders whose month ended with hours that were not delivered. @param {string} month @returns {Promise<Set<number>>} */
async function shortIn(month) {
  const found = new Set();
  let after = 0;
  do {
    const { data } = await call("GET", `/api/v1/ledger?month=${month}&limit=500&after=${after}`);
    for (const line of data.items) if (line.remaining > 0) found.add(line.elder_id);
    after = data.next_after ?? 0;
  } while (after);
  return found;
}
