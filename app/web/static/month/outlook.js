// Who cannot reach her hours of the month any more, why, and what would help; each week's load against capacity.
import { hours, html, lang, shortDay, t, whole } from "../page.js";
import { boardOf, outlook, readMore, townOf, view } from "./state.js";

/** @typedef {import("./state.js").WeekLoad} WeekLoad */
/** @typedef {import("./state.js").OutOfReach} OutOfReach */

const WIDTH = 72; // of a week, in the chart's own units
const HEIGHT = 120;

/** @param {{weeks: WeekLoad[]}} props */
function Weeks({ weeks }) {
  const most = Math.max(1, ...weeks.map((week) => Math.max(week.load_minutes, week.capacity_minutes)));
  const high = (/** @type {number} */ minutes) => (HEIGHT * minutes) / most;
  const told = (/** @type {WeekLoad} */ week) =>
    t("month.week", { from: shortDay(week.first_day), to: shortDay(week.last_day), load: hours(week.load_minutes), capacity: hours(week.capacity_minutes) });
  return html`<figure class="weeks">
    <figcaption>${t("month.weeks")}</figcaption>
    <svg viewBox=${`0 0 ${WIDTH * weeks.length} ${HEIGHT + 44}`} role="img" aria-label=${weeks.map(told).join("; ")}>
      ${weeks.map((week, i) => {
        const over = week.load_minutes > week.capacity_minutes;
        return html`<g transform=${`translate(${i * WIDTH} 0)`} class=${over ? "over-full" : ""}>
          <title>${told(week)}</title>
          <rect class="capacity" x="10" width="52" y=${6 + HEIGHT - high(week.capacity_minutes)} height=${high(week.capacity_minutes)} />
          <rect class="load" x="20" width="32" y=${6 + HEIGHT - high(week.load_minutes)} height=${high(week.load_minutes)} />
          <line x1="4" x2="68" y1=${6 + HEIGHT} y2=${6 + HEIGHT} />
          <text x="36" y=${HEIGHT + 22}>${[...new Set([shortDay(week.first_day), shortDay(week.last_day)])].join("–")}</text>
          <text x="36" y=${HEIGHT + 38} class="figures">${over ? "▲ " : ""}${whole(week.load_minutes / 60)}/${whole(week.capacity_minutes / 60)}</text>
        </g>`;
      })}
    </svg>
    <p class="key"><span><i class="load"></i>${t("month.load")}</span><span><i class="capacity"></i>${t("month.capacity")}</span><span>▲ ${t("month.over")}</span></p>
  </figure>`;
}

/** @param {{one: OutOfReach}} props */
function Row({ one }) {
  return html`<tr>
    <th scope="row"><a class="name" href=${`/roster?elder=${one.elder_id}`}>${one.elder_name}</a> <span class="soft">${one.elder_number}</span></th>
    <td>${townOf(one.town_id)}</td>
    <td class="bad">${hours(one.missing_minutes)}</td>
    <td>
      ${one.because.map((each) => html`<p><b>${t(each.proved ? "month.proved" : "month.likely")}</b> ${each[lang]}${each.contest === null ? "" : ` (${t("month.contest", { n: each.contest })})`}</p>`)}
      ${one.ledger_reasons.map((reason) => html`<p class="soft">${reason[lang]}</p>`)}
    </td>
    <td>${[...new Set(one.because.map((each) => each.would_help[lang]))].map((words) => html`<p>${words}</p>`)}</td>
    <td><a href=${boardOf(one.elder_id)} aria-label=${t("month.visits_of", { elder: one.elder_name })}>${t("month.visits")}</a></td>
  </tr>`;
}

export function Outlook() {
  const read = outlook.value;
  if (!read) return html`<section class="card"><h2>${t("month.outlook")}</h2><p class="soft" role="status">${t("month.computing")}</p></section>`;
  const narrowed = view.value.town !== null;
  return html`<section class="card">
    <h2>${t("month.outlook")}</h2>
    <div class="pair">
      <div class="said">
        <p class=${read.items.length ? "bad" : "good"}><strong>${read.statement[lang]}</strong></p>
        ${read.contests.length > 0 &&
        html`<h3>${t("month.contests")}</h3>
          ${narrowed && html`<p class="soft">${t("month.contests_wide")}</p>`}
          <ol class="contests">${read.contests.map((one) => html`<li value=${one.number}><b>${t(one.proved ? "month.proved" : "month.likely")}</b> ${one.words[lang]}</li>`)}</ol>`}
      </div>
      <${Weeks} weeks=${read.weeks} />
    </div>
    ${read.items.length > 0 &&
    html`<div class="scroll" tabindex="0" role="region" aria-label=${t("month.outlook")}>
      <table class="reach">
        <thead><tr>
          ${["elder", "town", "missing", "why", "help"].map((name) => html`<th scope="col">${t(name === "town" ? "filter.town" : `month.${name}`)}</th>`)}<th scope="col"><span class="sr">${t("month.visits")}</span></th>
        </tr></thead>
        <tbody>${read.items.map((one) => html`<${Row} key=${one.elder_id} one=${one} />`)}</tbody>
      </table>
    </div>`}
    ${read.next_after && html`<p><button type="button" onClick=${() => readMore("outlook")}>${t("month.more")}</button></p>`}
  </section>`;
}
