// A list of records: filters, search, pages by key, and what can be done with each.
import { useEffect, useId, useState } from "preact/hooks";
import { call, Problem, sessionEnded } from "../api.js";
import { Icon } from "../icons.js";
import { html, t } from "../page.js";
import { tell } from "../toast.js";
import { FormDialog } from "./form.js";
import { Input } from "./inputs.js";
import { askedFor, label, put, told } from "./kinds.js";

/** @typedef {import("./kinds.js").Field} Field */
/** @typedef {import("./kinds.js").Row} Row */
/** @typedef {import("./form.js").Act} Act */
/**
 * @typedef {object} Listing
 * @property {string} title of the messages `list.…`
 * @property {string} path
 * @property {Field[]} columns
 * @property {Field[]} [filters] kept in the address
 * @property {"body" | "query"} [search] where the service takes what is looked for; names go in the body
 * @property {(row: Row) => string} [link]
 * @property {Act} [add]
 * @property {Act[]} [acts]
 * @property {boolean} [whole] the answer is the whole list, not a page
 * @property {(rows: Row[]) => Row[] | Promise<Row[]>} [arrange]
 */

const LIMIT = 50;
const AFTER = 300; // milliseconds without another letter

/** @param {Field[]} filters @returns {Record<string, string>} */
function fromAddress(filters) {
  const asked = new URLSearchParams(location.search);
  return Object.fromEntries(filters.map((field) => [field.name, asked.get(field.name) ?? field.start ?? ""]));
}

/** What is looked for stays out of the address: the browser keeps it with the page's place in its history.
 * @param {Field[]} filters @param {Record<string, string>} chosen @param {string} q @param {number[]} before */
function keep(filters, chosen, q, before) {
  const shown = new URLSearchParams(location.search);
  for (const field of filters) {
    if (chosen[field.name] === (field.start ?? "")) shown.delete(field.name);
    else shown.set(field.name, chosen[field.name]);
  }
  history.replaceState({ q, before }, "", `?${shown}`);
}

/** @param {Listing} of @param {Record<string, string>} chosen @param {string} q @param {number} after @param {AbortSignal} stop */
async function read(of, chosen, q, after, stop) {
  if (of.whole) return { items: (await call("GET", of.path, { signal: stop })).data, next_after: null };
  const query = new URLSearchParams({ ...Object.fromEntries(Object.entries(chosen).filter(([, value]) => value)), limit: String(LIMIT), after: String(after) });
  if (q && of.search === "query") query.set("q", q);
  if (q && of.search === "body") return (await call("POST", `${of.path}/search?${query}`, { body: { q }, signal: stop })).data;
  return (await call("GET", `${of.path}?${query}`, { signal: stop })).data;
}

/** @param {{of: Listing, main?: boolean, edits: boolean, changed?: number, onChange?: () => void}} props */
export function List({ of, main = false, edits, changed = 0, onChange = () => {} }) {
  const filters = (of.filters ?? []).map((field) => ({ ...field, blank: "all" }));
  const [chosen, setChosen] = useState(() => fromAddress(main ? filters : []));
  const [q, setQ] = useState(() => (main && typeof history.state?.q === "string" ? history.state.q : ""));
  const [before, setBefore] = useState(() => /** @type {number[]} */ (main && Array.isArray(history.state?.before) ? history.state.before : [0]));
  const [found, setFound] = useState(/** @type {{items: Row[], next_after: number | null} | null} */ (null));
  const [wrong, setWrong] = useState("");
  const [round, setRound] = useState(0);
  const [doing, setDoing] = useState(/** @type {{act: Act, row: Row} | null} */ (null));
  const id = useId();
  useEffect(() => {
    const stop = new AbortController();
    if (main) keep(filters, chosen, q, before);
    const timer = setTimeout(async () => {
      try {
        const page = await read(of, chosen, q.trim(), before.at(-1) ?? 0, stop.signal);
        const items = of.arrange ? await of.arrange(page.items) : page.items;
        if (stop.signal.aborted) return;
        setFound({ ...page, items });
        setWrong("");
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        setWrong(error.status === 0 ? t("list.connection") : error.sentence);
      }
    }, q ? AFTER : 0);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [chosen, q, before, round, changed, sessionEnded.value]);
  const look = (/** @type {string} */ name, /** @type {string} */ value) => {
    setChosen(put(filters, chosen, name, value));
    setBefore([0]);
  };
  const done = (/** @type {any} */ data) => {
    if (data !== null || doing?.act.method === "DELETE") tell({ text: t("saved"), kind: "good" });
    setDoing(null);
    setRound(round + 1);
    onChange();
  };
  const open = (/** @type {Act} */ act, /** @type {Row} */ row) => setDoing({ act, row });
  const level = main ? "h1" : "h2";
  return html`<section class=${main ? "listing" : "listing card"}>
    <header class="bar">
      <${level}>${t(`list.${of.title}`)}<//>
      <span class="spacer"></span>
      ${edits && of.add && html`<button type="button" class=${main ? "main" : ""} onClick=${() => of.add && open(of.add, {})}>${t(`act.${of.add.name}`)}</button>`}
    </header>
    ${(of.search || filters.length > 0) &&
    html`<form class="filters" role="search" aria-label=${t("filters")} onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      ${of.search && html`<div class="field"><label for=${`${id}-q`}>${t("find.label")}</label><input id=${`${id}-q`} type="search" maxlength="100" autocomplete="off" placeholder=${t("list.find")} value=${q} onInput=${(/** @type {any} */ event) => { setQ(event.target.value); setBefore([0]); }} /></div>`}
      ${askedFor(filters, chosen).map((field) => html`<${Input} key=${field.name} field=${field} id=${id} values=${chosen} put=${(/** @type {string} */ value) => look(field.name, value)} />`)}
    </form>`}
    ${wrong && html`<p class="note" role="alert">${wrong} <button type="button" onClick=${() => setRound(round + 1)}>${t("again")}</button></p>`}
    ${found && html`<${Table} of=${of} rows=${found.items} edits=${edits} open=${open} />`}
    ${!found && !wrong && html`<p class="soft" role="status">${t("wait")}</p>`}
    ${found && (found.next_after !== null || before.length > 1) &&
    html`<nav class="pages" aria-label=${t("pages")}>
      <button type="button" disabled=${before.length < 2} onClick=${() => setBefore(before.slice(0, -1))}><${Icon} name="left" /> ${t("page.before")}</button>
      <span>${t("page.n", { n: before.length })}</span>
      <button type="button" disabled=${found.next_after === null} onClick=${() => setBefore([...before, found.next_after ?? 0])}>${t("page.after")} <${Icon} name="right" /></button>
    </nav>`}
    ${doing && html`<${FormDialog} act=${doing.act} row=${doing.row} title=${t(`act.${doing.act.name}`)} onDone=${done} onClose=${() => setDoing(null)} />`}
  </section>`;
}

/** @param {{of: Listing, rows: Row[], edits: boolean, open: (act: Act, row: Row) => void}} props */
function Table({ of, rows, edits, open }) {
  if (!rows.length) return html`<p class="nothing soft" role="status">${t("list.nothing")}</p>`;
  const acts = (/** @type {Row} */ row) => (of.acts ?? []).filter((act) => act.when?.(row) ?? true);
  const acting = edits && rows.some((row) => acts(row).length);
  return html`<div class="table" tabindex="0" role="region" aria-label=${t(`list.${of.title}`)}>
    <table>
      <thead><tr>${of.columns.map((field) => html`<th scope="col">${label(field)}</th>`)}${acting && html`<th scope="col">${t("list.do")}</th>`}</tr></thead>
      <tbody>
        ${rows.map(
          (row) => html`<tr key=${row.id}>
            ${of.columns.map((field, n) => html`<td class=${field.kind === "date" ? "day" : undefined}>${n === 0 && of.link ? html`<a href=${of.link(row)}>${told(field, row)}</a>` : told(field, row) || "–"}</td>`)}
            ${acting && html`<td class="acts">${acts(row).map((act) => html`<button type="button" onClick=${() => open(act, row)}>${t(`act.${act.name}`)}</button>`)}</td>`}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
