// A file into the roster: looked through first, and stored for real only if nothing in it was wrong.
import { useState } from "preact/hooks";
import { call, Problem, sessionEnded } from "./api.js";
import { Icon } from "./icons.js";
import { html, lang, render, t, whole } from "./page.js";
import { SignInDialog } from "./signing-in.js";
import { Toast, toast } from "./toast.js";

/**
 * @typedef {object} Report
 * @property {boolean} dry_run
 * @property {boolean} stored
 * @property {number} rows
 * @property {number} created
 * @property {number} changed
 * @property {number} unchanged
 * @property {{line: number, number: string, changes: {column: string, before: string, after: string}[]}[]} changes
 * @property {string[]} notices
 * @property {{line: number, column: string, value: string, expected: string}[]} errors
 */

const KINDS = /** @type {const} */ (["elders", "caregivers", "centres"]);
const SHOWN = 500; // lines of a report; the rest is counted

function Import() {
  const [kind, setKind] = useState(/** @type {typeof KINDS[number]} */ ("elders"));
  const [update, setUpdate] = useState(false);
  // The bytes are kept, so that what is stored is what was looked through.
  const [file, setFile] = useState(/** @type {{name: string, bytes: Blob} | null} */ (null));
  const [report, setReport] = useState(/** @type {Report | null} */ (null));
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const anew = () => {
    setReport(null);
    setWrong("");
  };
  const choose = async (/** @type {any} */ event) => {
    const [chosen] = event.target.files;
    anew();
    setFile(null);
    if (!chosen) return;
    try {
      setFile({ name: chosen.name, bytes: new Blob([await chosen.arrayBuffer()]) });
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      setWrong(t("import.unreadable"));
    }
  };
  const send = async (/** @type {boolean} */ dry) => {
    if (!file) {
      setWrong(t("import.no_file"));
      return;
    }
    const form = new FormData();
    form.append("file", file.bytes, file.name);
    setBusy(true);
    setWrong("");
    try {
      const { data } = await call("POST", `/api/v1/imports/${kind}?dry_run=${dry}&update=${update}&lang=${lang}`, { body: form });
      setReport(data);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.told.report) setReport(error.told.report);
      else if (error.status === 401) setWrong(t("form.again"));
      else setWrong(error.status === 0 ? t("form.connection") : error.sentence);
    } finally {
      setBusy(false);
    }
  };
  const clean = report !== null && report.dry_run && report.errors.length === 0 && report.rows > 0;
  return html`<main>
      <h1>${t("nav.import")}</h1>
      <section class="card stack">
        <fieldset><legend>${t("import.kind")}</legend>
          <div class="several">
            ${KINDS.map((each) => html`<label class="choice"><input type="radio" name="kind" checked=${each === kind} onChange=${() => { setKind(each); anew(); }} />${t(`list.${each}`)}</label>`)}
          </div>
        </fieldset>
        <p>${t("import.template")} <a href=${`/api/v1/imports/${kind}/template.xlsx?lang=${lang}`} download>Excel (XLSX)</a> · <a href=${`/api/v1/imports/${kind}/template.csv?lang=${lang}`} download>CSV</a></p>
        <div class="field"><label for="file">${t("import.file")}</label><input id="file" type="file" accept=".csv,.xlsx" onChange=${choose} /></div>
        <label class="choice"><input type="checkbox" checked=${update} onChange=${(/** @type {any} */ event) => { setUpdate(event.target.checked); anew(); }} />${t("import.update")}</label>
        <p class="wrong" role="alert">${wrong}</p>
        <footer>
          <button type="button" class=${clean ? "" : "main"} disabled=${busy} onClick=${() => send(true)}>${busy ? t("wait") : t("import.look")}</button>
          <button type="button" class=${clean ? "main" : ""} disabled=${busy || !clean} aria-describedby="why-not" onClick=${() => send(false)}>${t("import.store")}</button>
        </footer>
        <p class="soft" id="why-not">${t("import.first")}</p>
      </section>
      ${report && html`<${Told} report=${report} />`}
    </main>
    <${Toast} />
    ${sessionEnded.value && html`<${SignInDialog} onDone=${() => (toast.value = null)} />`}`;
}

/** @param {{report: Report}} props */
function Told({ report }) {
  const { errors, changes } = report;
  const verdict = report.stored ? "import.stored" : errors.length ? "import.refused" : report.rows ? "import.fine" : "import.empty";
  return html`<section class="card" aria-label=${t("import.report")}>
    <p class=${errors.length ? "state warn" : "state good"} role="status"><${Icon} name=${errors.length ? "warn" : "placed"} /> ${t(verdict, { n: whole(errors.length) })}</p>
    <dl class="facts">
      ${/** @type {const} */ (["rows", "created", "changed", "unchanged"]).map((name) => html`<div><dt>${t(`import.${name}`)}</dt><dd>${whole(report[name] || 0)}</dd></div>`)}
    </dl>
    ${report.notices.length > 0 && html`<ul class="plain">${report.notices.map((one) => html`<li>${one}</li>`)}</ul>`}
    ${errors.length > 0 &&
    html`<${Lines} title=${t("import.errors")} heads=${["line", "column", "value", "expected"].map((name) => t(`import.${name}`))} rows=${errors.map((one) => [one.line, one.column || t("import.whole_line"), one.value, one.expected])} />`}
    ${changes.length > 0 &&
    html`<${Lines} title=${t("import.changes")} heads=${["line", "number", "column", "before", "after"].map((name) => t(`import.${name}`))} rows=${changes.flatMap((one) => one.changes.map((each) => [one.line, one.number, each.column, each.before, each.after]))} />`}
  </section>`;
}

/** @param {{title: string, heads: string[], rows: (string | number)[][]}} props */
function Lines({ title, heads, rows }) {
  return html`<h2>${title}</h2>
    <div class="table" tabindex="0" role="region" aria-label=${title}>
      <table>
        <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
        <tbody>${rows.slice(0, SHOWN).map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell === "" ? "–" : cell}</td>`)}</tr>`)}</tbody>
      </table>
    </div>
    ${rows.length > SHOWN && html`<p class="soft">${t("import.more", { n: whole(rows.length - SHOWN) })}</p>`}`;
}

render(html`<${Import} />`, /** @type {HTMLElement} */ (document.getElementById("page")));
