// The ledger elder by elder: what was granted, what became of it, and why it may not be reached.
import { useEffect, useState } from "preact/hooks";
import { call, Problem } from "../api.js";
import { hours, html, lang, listed, t } from "../page.js";
import { boardOf, failed, ledger, look, readMore, townOf, view } from "./state.js";

/** @typedef {import("./state.js").Line} Line */

const MINUTES = /** @type {const} */ (["granted", "planned", "delivered", "excused", "remaining", "short"]);
const PARTS = /** @type {const} */ (["delivered", "planned", "excused"]);
const AFTER = 250; // milliseconds without another letter

/** How much of the grant is delivered, planned and excused. @param {{line: Line}} props */
function Bar({ line }) {
  let from = 0;
  const whole = Math.max(line.granted, 1);
  return html`<svg class="part" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    ${PARTS.map((name) => {
      const width = Math.min((100 * line[name]) / whole, 100 - from);
      from += width;
      return html`<rect class=${name} x=${from - width} y="0" width=${width} height="8" />`;
    })}
  </svg>`;
}

/** @param {{line: Line}} props */
function Row({ line }) {
  return html`<tr class=${line.at_risk ? "risk" : ""}>
    <th scope="row"><a class="name" href=${`/roster?elder=${line.elder_id}`}>${line.elder_name}</a> <span class="soft">${line.elder_number}</span></th>
    <td>${townOf(line.town_id)}</td>
    ${MINUTES.map((name) => html`<td class=${name === "short" && line.short ? "number bad" : "number"}>${hours(line[name])}</td>`)}
    <td class="state"><${Bar} line=${line} />${line.at_risk ? html`<b class="bad">${t("month.risk")}</b> ${listed(line.reasons.map((reason) => reason[lang]))}` : html`<span class="soft">${t("month.on_track")}</span>`}</td>
    <td><a href=${boardOf(line.elder_id)} aria-label=${t("month.visits_of", { elder: line.elder_name })}>${t("month.visits")}</a></td>
  </tr>`;
}

/** Finding one elder; what is typed goes in the body of the request, never into an address. */
function Find() {
  const [asked, setAsked] = useState("");
  const [found, setFound] = useState(/** @type {{id: number, name: string, number: string}[] | null} */ (null));
  useEffect(() => {
    setFound(null);
    const q = asked.trim();
    if (!q) return undefined;
    const stop = new AbortController();
    const ask = async () => {
      try {
        const { data } = await call("POST", "/api/v1/elders/search?limit=8", { body: { q }, signal: stop.signal });
        setFound(data.items);
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        failed.value = error.sentence;
      }
    };
    const timer = setTimeout(ask, AFTER);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked]);
  const choose = (/** @type {number} */ id) => {
    setAsked("");
    look({ elder: id });
  };
  return html`<div class="find">
    <label class="beside">${t("month.find")}<input type="search" maxlength="100" autocomplete="off" value=${asked} onInput=${(/** @type {any} */ event) => setAsked(event.target.value)} /></label>
    ${found !== null && !found.length && html`<span role="status">${t("find.nothing")}</span>`}
    ${found?.map((one) => html`<button type="button" key=${one.id} onClick=${() => choose(one.id)}>${one.name} <span class="soft">${one.number}</span></button>`)}
  </div>`;
}

export function Ledger() {
  const read = ledger.value;
  const { risk, elder } = view.value;
  return html`<section class="card">
    <div class="over">
      <h2>${t("month.ledger")}</h2>
      <${Find} />
      <label class="choice"><input type="checkbox" checked=${risk} onChange=${() => look({ risk: !risk, elder: null })} />${t("month.only_risk")}</label>
      ${elder !== null && html`<button type="button" onClick=${() => look({ elder: null })}>${t("find.clear")}</button>`}
    </div>
    ${read === null && html`<p class="soft" role="status">${t("wait")}</p>`}
    ${read !== null && !read.items.length && html`<p class="soft" role="status">${t(risk ? "month.nobody_at_risk" : "month.nobody")}</p>`}
    ${read !== null &&
    read.items.length > 0 &&
    html`<div class="scroll" tabindex="0" role="region" aria-label=${t("month.ledger")}>
      <table>
        <thead><tr>
          <th scope="col">${t("month.elder")}</th><th scope="col">${t("filter.town")}</th>
          ${MINUTES.map((name) => html`<th scope="col" class="number">${t(`month.${name}`)}</th>`)}<th scope="col">${t("month.state")}</th><th scope="col"><span class="sr">${t("month.visits")}</span></th>
        </tr></thead>
        <tbody>${read.items.map((line) => html`<${Row} key=${line.elder_id} line=${line} />`)}</tbody>
      </table>
    </div>`}
    ${read?.next_after && html`<p><button type="button" onClick=${() => readMore("ledger")}>${t("month.more")}</button></p>`}
  </section>`;
}
