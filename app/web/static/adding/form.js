// One more visit for an elder in a published week: what it is to be. The service's complaints stand beside their fields.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { html, isoDay, known, shortDay, t, weekday } from "../page.js";
import { Input } from "../record/inputs.js";
import { complaintsOf, filledOf, put, typedOf, unreadOf } from "../record/kinds.js";
import { skills, visitMinutes } from "../record/words.js";

/** @typedef {import("../board/model.js").Board} Board */
/** @typedef {import("../record/kinds.js").Field} Field */
/** @typedef {import("../record/kinds.js").Values} Values */

/** Days of the shown week that are not gone. @param {string} monday */
function daysLeft(monday) {
  const days = [0, 1, 2, 3, 4, 5, 6].map((day) => isoDay(monday, day)).filter((iso) => iso >= (known.today ?? ""));
  return days.map((iso) => ({ value: iso, label: `${weekday(iso)} ${shortDay(iso)}` }));
}

/** @param {string} monday @returns {Field[]} */
const fieldsOf = (monday) => [
  { name: "days", kind: "several", label: "visit_days", required: true, wide: true, choices: () => daysLeft(monday), hint: "visit_days" },
  { name: "minutes", kind: "id", label: "visit_minutes", required: true, choices: visitMinutes, start: 60 },
  { name: "skill", kind: "choice", choices: skills, blank: "by_plan" },
  { name: "window.opens", kind: "time", label: "opens", hint: "visit_window" },
  { name: "window.closes", kind: "time", label: "closes" },
];

/**
 * @param {{shown: Board, elder: {id: number, name: string, number: string}, before: Values | null, refused: import("../api.js").Problem | null, busy: boolean, atMost: any,
 *   onAsk: (happened: any, atMost: number, typed: Values) => void, onClose: () => void}} props
 * `before`: what stood in the fields when she looked at what would change
 */
export function AddForm({ shown, elder, before, refused, busy, atMost, onAsk, onClose }) {
  const id = useId();
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const fields = fieldsOf(shown.schedule.monday);
  const [values, setValues] = useState(() => before ?? typedOf(fields, null));
  const latest = useRef(values); // somebody may press Enter before what she typed is drawn
  const [wrong, setWrong] = useState(/** @type {Record<string, string>} */ ({}));
  const [said, setSaid] = useState("");
  const tell = (/** @type {Record<string, string>} */ beside, /** @type {string} */ rest) => {
    setWrong(beside);
    setSaid(rest || (Object.keys(beside).length ? t("form.wrong") : ""));
  };
  useEffect(() => /** @type {HTMLElement | null} */ (form.current?.querySelector("input"))?.focus(), []);
  useEffect(() => {
    if (!refused) return;
    const errors = (refused.told.errors ?? []).map((each) => ({ ...each, field: each.field.replace(/^body\.happened(\.added_visit)?/, "body") }));
    const { beside, rest } = complaintsOf(fields, errors);
    tell(beside, rest.join(" ") || (errors.length ? "" : refused.sentence));
  }, [refused]);
  useEffect(() => {
    if (Object.keys(wrong).length) /** @type {HTMLElement | null} */ (form.current?.querySelector("[aria-invalid='true'], fieldset.bad"))?.focus();
  }, [wrong]);
  const type = (/** @type {Values} */ typed) => {
    latest.current = typed;
    setValues(typed);
  };
  const ask = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const typed = latest.current;
    const unread = unreadOf(fields, typed);
    const [opens, closes] = [typed["window.opens"].trim(), typed["window.closes"].trim()];
    if (!opens !== !closes) unread[opens ? "window.closes" : "window.opens"] ??= t("expect.both");
    tell(unread, "");
    if (Object.keys(unread).length) return;
    const most = new FormData(/** @type {HTMLFormElement} */ (form.current)).get("at_most");
    onAsk({ kind: "added_visit", elder_id: elder.id, ...filledOf(fields, typed) }, Number(most), typed);
  };
  return html`<form ref=${form} class="stack" noValidate onSubmit=${ask}>
    <p><strong>${elder.name}</strong> ${elder.number}</p>
    <p class="note">${t("adding.note")}</p>
    <div class="fields">
      ${fields.map((field) => html`<${Input} key=${field.name} field=${field} id=${id} values=${values} wrong=${wrong[field.name]} put=${(/** @type {any} */ value) => type(put(fields, latest.current, field.name, value))} />`)}
    </div>
    ${atMost}
    <p class="wrong" role="alert">${said}</p>
    <footer>
      <button type="button" onClick=${onClose}>${t("cancel")}</button>
      <button class="main" disabled=${busy}>${busy ? t("wait") : t("repair.try")}</button>
    </footer>
  </form>`;
}
