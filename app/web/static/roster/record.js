// One record: who or what it is, what belongs to it, and what can be done with it.
import { useEffect, useState } from "preact/hooks";
import { call, Problem, sessionEnded } from "../api.js";
import { html, known, t } from "../page.js";
import { FormDialog } from "../record/form.js";
import { label, told } from "../record/kinds.js";
import { List } from "../record/listing.js";
import { tell } from "../toast.js";

/** @typedef {import("../record/kinds.js").Row} Row */
/**
 * @typedef {object} Resource
 * @property {import("../record/listing.js").Listing} list
 * @property {string} path
 * @property {import("../record/kinds.js").Field[]} facts
 * @property {(row: Row) => string} state
 * @property {import("../record/form.js").Act[]} acts
 * @property {(id: number) => import("../record/listing.js").Listing[]} sections
 * @property {(row: Row) => {address: string, name: string} | null} [leads] what is done with it on another page, as a message
 * @property {boolean} reveals its ID number can be shown, which is written down
 */

/** @param {{of: Resource, id: number}} props */
export function Record({ of, id }) {
  const [row, setRow] = useState(/** @type {Row | null} */ (null));
  const [wrong, setWrong] = useState("");
  const [round, setRound] = useState(0);
  const [doing, setDoing] = useState(/** @type {import("../record/form.js").Act | null} */ (null));
  const read = async (/** @type {string} */ query) => {
    try {
      const { data } = await call("GET", `${of.path}/${id}${query}`);
      setRow(data);
      setWrong("");
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setWrong(error.status === 0 ? t("list.connection") : error.sentence);
    }
  };
  useEffect(() => {
    void read("");
  }, [id, round, sessionEnded.value]);
  useEffect(() => {
    if (row) document.title = `${row.number} · ${t("title.roster")}`; // a number, not a name: titles are kept by the browser
  }, [row?.number]);
  const back = html`<p><a href=${`/roster?list=${of.list.title}`}>← ${t(`list.${of.list.title}`)}</a></p>`;
  const note = wrong && html`<p class="note" role="alert">${wrong} <button type="button" onClick=${() => setRound(round + 1)}>${t("again")}</button></p>`;
  if (!row) return html`${back}<h1>${t(`list.${of.list.title}`)} #${id}</h1>${note || html`<p class="soft" role="status">${t("wait")}</p>`}`;
  const done = (/** @type {Row | null} */ data) => {
    if (data) tell({ text: t("saved"), kind: "good" });
    setDoing(null);
    setRound(round + 1);
  };
  const leads = known.edits ? of.leads?.(row) : null;
  return html`${back}${note}
    <header class="bar">
      <h1>${row.name} <span class="soft">${row.number}</span></h1>
      <span class=${`badge ${row.ended_on || row.closed_on ? "draft" : "published"}`}>${of.state(row)}</span>
      <span class="spacer"></span>
      ${leads && html`<a class="button" href=${leads.address}>${t(leads.name)}</a>`}
      ${of.reveals && html`<button type="button" onClick=${() => read("?reveal=true")}>${t("reveal")}</button>`}
      ${known.edits && of.acts.filter((act) => act.when?.(row) ?? true).map((act) => html`<button type="button" onClick=${() => setDoing(act)}>${t(`act.${act.name}`)}</button>`)}
    </header>
    <section class="card" aria-label=${t("facts")}>
      <dl class="facts">${of.facts.map((field) => html`<div><dt>${label(field)}</dt><dd>${told(field, row) || "–"}</dd></div>`)}</dl>
    </section>
    ${of.sections(id).map((section) => html`<${List} key=${section.title} of=${section} edits=${known.edits === true} changed=${round} onChange=${() => void read("")} />`)}
    ${doing && html`<${FormDialog} act=${doing} row=${row} title=${`${t(`act.${doing.name}`)} · ${row.name}`} onDone=${done} onClose=${() => setDoing(null)} />`}`;
}
