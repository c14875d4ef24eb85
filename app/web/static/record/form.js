// A form in a dialog: what is wrong stands beside the field, and nothing that was typed is lost on the way.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { call, Problem } from "../api.js";
import { Dialog } from "../dialog.js";
import { html, t } from "../page.js";
import { Input } from "./inputs.js";
import { askedFor, changedOf, changesOf, complaintsOf, filledOf, label, put, same, sentOf, told, typedOf, unreadOf } from "./kinds.js";

/** @typedef {import("./kinds.js").Field} Field */
/** @typedef {import("./kinds.js").Row} Row */
/** @typedef {import("./kinds.js").Values} Values */
/**
 * What can be done with a record, and what has to be said for it.
 * @typedef {object} Act
 * @property {string} name of the messages `act.…`
 * @property {"POST" | "PATCH" | "PUT" | "DELETE"} method `PATCH` sends only what changed
 * @property {(row: Row, body: Row) => string} path
 * @property {Field[]} [fields]
 * @property {string} [note] of the messages `note.…`: what will happen
 * @property {(row: Row) => boolean} [when]
 * @property {(row: Row) => Promise<Row>} [fresh] reads the record anew, if somebody else changed it
 * @property {(body: Row) => Row} [body] a last touch
 * @property {boolean} [adds] something new: there is no version yet
 * @property {boolean} [grave]
 */

/** @param {Act} act @param {Row} row @param {Values} start @param {Values} values */
async function send(act, row, start, values) {
  const fields = askedFor(act.fields ?? [], values);
  let body;
  if (act.fields) body = act.method === "PATCH" ? changesOf(fields, start, values) : act.adds ? filledOf(fields, values) : sentOf(fields, values);
  const path = act.path(row, body ?? {});
  if (body && act.body) body = act.body(body);
  const { data } = await call(act.method, path, { body, ifMatch: act.adds ? undefined : `"${row.version}"` });
  return data;
}

/** @param {HTMLElement | null} button */
const focused = (button) => button?.focus();

/** @param {{act: Act, row: Row, title: string, onDone: (data: any) => void, onClose: () => void}} props */
export function FormDialog({ act, row: first, title, onDone, onClose }) {
  const id = useId();
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const fields = act.fields ?? [];
  const begin = act.method === "PATCH" || act.method === "PUT" ? first : null;
  const [row, setRow] = useState(first);
  const [start, setStart] = useState(() => typedOf(fields, begin));
  const [values, setValues] = useState(start);
  const latest = useRef(values); // somebody may press Enter before what she typed is drawn
  const [wrong, setWrong] = useState(/** @type {Record<string, string>} */ ({}));
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const [newest, setNewest] = useState(/** @type {Row | null} */ (null));
  const dirty = !same(start, values);
  useStayIf(dirty);
  const focusFirst = () => /** @type {HTMLElement | null} */ (form.current?.querySelector("input, select, textarea, button.main"))?.focus();
  useEffect(focusFirst, []);
  useEffect(() => {
    if (Object.keys(wrong).length) /** @type {HTMLElement | null} */ (form.current?.querySelector("[aria-invalid='true'], fieldset.bad"))?.focus();
  }, [wrong]);

  const complain = async (/** @type {unknown} */ error) => {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 412 && act.fresh) {
      setNewest(await act.fresh(row));
      return;
    }
    const { beside, rest } = complaintsOf(askedFor(fields, values), error.told.errors ?? []);
    setWrong(beside);
    if (error.status === 401) setSaid(t("form.again"));
    else if (error.status === 0) setSaid(t("form.connection"));
    else if (error.status === 428) setSaid(t("form.there"));
    else setSaid(rest.join(" ") || (Object.keys(beside).length ? t("form.wrong") : error.sentence));
  };
  const save = async (/** @type {Row} */ onto, /** @type {Values} */ from, /** @type {Values} */ wanted) => {
    setBusy(true);
    setSaid("");
    setWrong({});
    try {
      onDone(await send(act, onto, from, wanted));
    } catch (error) {
      await complain(error).catch((/** @type {unknown} */ again) => {
        if (!(again instanceof Problem)) throw again;
        setSaid(again.status === 0 ? t("form.connection") : again.sentence);
      });
    } finally {
      setBusy(false);
    }
  };
  const type = (/** @type {Values} */ typed) => {
    latest.current = typed;
    setValues(typed);
  };
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const typed = latest.current;
    const unread = unreadOf(askedFor(fields, typed), typed);
    setWrong(unread);
    if (Object.keys(unread).length) setSaid(t("form.wrong"));
    else if (act.method === "PATCH" && same(start, typed)) onClose();
    else void save(row, start, typed);
  };
  const again = () => {
    if (!newest) return;
    const mine = Object.fromEntries(changedOf(fields, start, values).map((field) => [field.name, values[field.name]]));
    const from = begin ? typedOf(fields, newest) : start;
    const wanted = { ...from, ...mine };
    setNewest(null);
    setRow(newest);
    setStart(from);
    type(wanted);
    void save(newest, from, wanted);
  };
  const close = () => (dirty && !leaving ? setLeaving(true) : onClose());

  if (newest) {
    return html`<${Dialog} title=${t("conflict.title")} onClose=${() => setNewest(null)} wide=${fields.length > 4}>
      <${Conflict} fields=${changedOf(fields, start, values)} values=${values} newest=${begin ? newest : null} />
      <footer>
        <button type="button" onClick=${() => onDone(null)}>${t("form.theirs")}</button>
        <button type="button" class="main" ref=${focused} onClick=${again}>${t("form.mine")}</button>
      </footer>
    <//>`;
  }
  return html`<${Dialog} title=${title} onClose=${close} wide=${fields.length > 4}>
    <form ref=${form} noValidate onSubmit=${submit}>
      ${act.note && html`<p class="note">${t(`note.${act.note}`)}</p>`}
      <div class="fields">
        ${askedFor(fields, values).map((field) => html`<${Input} key=${field.name} field=${field} id=${id} values=${values} wrong=${wrong[field.name]} put=${(/** @type {any} */ value) => type(put(fields, latest.current, field.name, value))} />`)}
      </div>
      ${leaving
        ? html`<footer key="leaving" role="group" aria-label=${t("form.leave")}>
            <span role="alert">${t("form.leave")}</span><span class="spacer"></span>
            <button type="button" onClick=${onClose}>${t("form.discard")}</button>
            <button type="button" class="main" ref=${focused} onClick=${() => { setLeaving(false); focusFirst(); }}>${t("form.stay")}</button>
          </footer>`
        : html`<footer key="saving">
            <p class="wrong spacer" role="alert">${said}</p>
            <button type="button" onClick=${close}>${t("cancel")}</button>
            <button type="submit" class=${act.grave ? "main grave" : "main"} disabled=${busy}>${busy ? t("wait") : t(fields.length || act.method === "PATCH" ? "save" : `act.${act.name}`)}</button>
          </footer>`}
    </form>
  <//>`;
}

/** What was not saved, and what stands there now. @param {{fields: Field[], values: Values, newest: Row | null}} props */
function Conflict({ fields, values, newest }) {
  return html`<p>${t("form.late")}</p>
    <dl class="facts">
      ${fields.map((field) => {
        const mine = told({ ...field, show: undefined }, sentOf([field], values)) || "–";
        return html`<dt>${label(field)}</dt><dd>${newest ? t("form.both", { mine, theirs: told(field, newest) || "–" }) : mine}</dd>`;
      })}
    </dl>`;
}

/** Let the browser ask before somebody leaves what she has typed. @param {boolean} dirty */
function useStayIf(dirty) {
  useEffect(() => {
    if (!dirty) return undefined;
    const ask = (/** @type {Event} */ event) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [dirty]);
}
