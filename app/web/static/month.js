// The month: what each elder was granted and has got of it, who is at risk, why, and what to do.
import { sessionEnded } from "./api.js";
import { Icon } from "./icons.js";
import { Ledger } from "./month/ledger.js";
import { Outlook } from "./month/outlook.js";
import { failed, look, month, readAll, stepped, summary, townName, view } from "./month/state.js";
import { hours, html, known, lang, render, t, whole } from "./page.js";
import { SignInDialog } from "./signing-in.js";

/** @typedef {import("./month/state.js").Totals} Totals */

const MINUTES = /** @type {const} */ (["granted", "planned", "delivered", "excused", "remaining", "short"]);

function Top() {
  const shown = view.value;
  const towns = summary.value?.towns ?? [];
  const asked = new URLSearchParams({ month: shown.month, lang });
  if (shown.town !== null) asked.set("town_id", String(shown.town));
  if (shown.risk) asked.set("at_risk", "true");
  return html`<header class="head">
    <h1>${t("month.title")}</h1>
    <nav class="months" aria-label=${t("month.months")}>
      <button type="button" class="quiet" aria-label=${t("month.before")} onClick=${() => look({ month: stepped(-1) })}><${Icon} name="left" /></button>
      <b class="which">${month(shown.month)}</b>
      <button type="button" class="quiet" aria-label=${t("month.after")} onClick=${() => look({ month: stepped(1) })}><${Icon} name="right" /></button>
    </nav>
    <label class="beside">${t("filter.town")}
      <select onChange=${(/** @type {any} */ event) => look({ town: Number(event.target.value) || null })}>
        <option value="">${t(known.all_towns ? "filter.all_towns" : "month.my_towns")}</option>
        ${towns.map((town) => html`<option value=${town.town_id} selected=${town.town_id === shown.town}>${townName(town)}</option>`)}
      </select>
    </label>
    <span class="spacer"></span>
    <a class="button" download href=${`/api/v1/ledger.csv?${asked}`}>${t("month.csv")}</a>
  </header>`;
}

/** The sums of what is shown. */
function Sums() {
  const read = summary.value;
  if (!read) return html`<p class="soft" role="status">${t("wait")}</p>`;
  const of = view.value.town === null ? read.totals : read.towns.find((town) => town.town_id === view.value.town);
  if (!of) return null;
  return html`<dl class="sums">
      <div><dt>${t("month.elders")}</dt><dd>${whole(of.elders)}</dd></div>
      ${MINUTES.map((name) => html`<div class=${name === "short" && of.short ? "look" : ""}><dt>${t(`month.${name}`)}</dt><dd>${hours(of[name])} <small>${t("month.hours")}</small></dd></div>`)}
      <div class=${of.at_risk ? "look" : ""}><dt>${t("month.at_risk")}</dt><dd>${whole(of.at_risk)}</dd></div>
    </dl>
    ${!read.calendar_known && html`<p class="note">${t("month.calendar")}</p>`}`;
}

/** Town by town; a town is shown alone by its button. */
function Towns() {
  const towns = summary.value?.towns ?? [];
  if (towns.length < 2 || view.value.town !== null) return null;
  return html`<section class="card">
    <h2>${t("month.towns")}</h2>
    <div class="scroll" tabindex="0" role="region" aria-label=${t("month.towns")}>
      <table>
        <thead><tr>
          <th scope="col">${t("filter.town")}</th><th scope="col" class="number">${t("month.elders")}</th>
          ${MINUTES.map((name) => html`<th scope="col" class="number">${t(`month.${name}`)}</th>`)}<th scope="col" class="number">${t("month.at_risk")}</th>
        </tr></thead>
        <tbody>
          ${towns.map(
            (town) => html`<tr key=${town.town_id}>
              <th scope="row"><button type="button" class="link" onClick=${() => look({ town: town.town_id })}>${townName(town)}</button></th>
              <td class="number">${whole(town.elders)}</td>
              ${MINUTES.map((name) => html`<td class="number">${hours(town[name])}</td>`)}
              <td class=${town.at_risk ? "number bad" : "number"}>${whole(town.at_risk)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function MonthPage() {
  return html`<main>
    <${Top} />
    <div role="alert">
      ${failed.value && html`<p class="note wrong">${failed.value} <button type="button" onClick=${readAll}>${t("again")}</button></p>`}
    </div>
    <${Sums} />
    <${Outlook} />
    <${Towns} />
    <${Ledger} />
    ${sessionEnded.value && html`<${SignInDialog} onDone=${readAll} />`}
  </main>`;
}

readAll();
render(html`<${MonthPage} />`, /** @type {HTMLElement} */ (document.getElementById("page")));
