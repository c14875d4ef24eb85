// One input with its label, what is expected and what is wrong beside it.
import { useEffect, useState } from "preact/hooks";
import { call, Problem } from "../api.js";
import { html, t } from "../page.js";
import { label, typedOf } from "./kinds.js";

/** @typedef {import("./kinds.js").Field} Field */
/** @typedef {import("./kinds.js").Values} Values */
/** @typedef {{field: Field, id: string, value: any, values: Values, described?: string, wrong: boolean, put: (value: any) => void}} Props */

const AFTER = 250; // milliseconds without another letter
const FOUND = 8;

/** @param {any} event */
const typed = (event) => event.target.value;

/** @param {Props & {type?: string}} props */
function Line({ field, id, value, described, wrong, put, type = "text" }) {
  const digits = { number: "decimal", hours: "decimal", time: "numeric" }[/** @type {string} */ (field.kind)];
  return html`<input
    id=${id} name=${field.name} type=${type} value=${value} required=${field.required} autocomplete=${type === "password" ? "new-password" : "off"} inputmode=${digits}
    placeholder=${field.kind === "time" ? "09:30" : undefined} min=${type === "date" ? "1900-01-01" : undefined} max=${type === "date" ? "2199-12-31" : undefined}
    aria-invalid=${wrong} aria-describedby=${described} onInput=${(/** @type {Event} */ event) => put(typed(event))} />`;
}

/** @param {Props} props */
function Long({ field, id, value, described, wrong, put }) {
  return html`<textarea id=${id} name=${field.name} rows="3" required=${field.required} aria-invalid=${wrong} aria-describedby=${described} value=${value} onInput=${(/** @type {Event} */ event) => put(typed(event))}></textarea>`;
}

/** @param {Props} props */
function Choice({ field, id, value, values, described, wrong, put }) {
  const choices = field.choices?.(values) ?? [];
  const known = choices.some((each) => each.value === value);
  return html`<select id=${id} name=${field.name} required=${field.required} aria-invalid=${wrong} aria-describedby=${described} onChange=${(/** @type {Event} */ event) => put(typed(event))}>
    ${!choices.some((each) => each.value === "") && html`<option value="" selected=${value === ""}>${t(field.required ? "choose" : (field.blank ?? "none"))}</option>`}
    ${value !== "" && !known && html`<option value=${value} selected>#${value}</option>`}
    ${choices.map((each) => html`<option key=${each.value} value=${each.value} selected=${each.value === value}>${each.label}</option>`)}
  </select>`;
}

/** @param {Props} props */
function Several({ field, id, value, values, put }) {
  const toggle = (/** @type {string} */ one) => put(value.includes(one) ? value.filter((/** @type {string} */ each) => each !== one) : [...value, one]);
  return html`<div class="several">
    ${(field.choices?.(values) ?? []).map(
      (each) => html`<label class="choice" key=${each.value}>
        <input id=${`${id}-${each.value}`} type="checkbox" checked=${value.includes(each.value)} onChange=${() => toggle(each.value)} />${each.label}
      </label>`,
    )}
  </div>`;
}

/** Several of the same: working hours, windows. @param {Props} props */
function Rows({ field, id, value, put }) {
  const of = field.of ?? [];
  const change = (/** @type {number} */ n, /** @type {Values} */ row) => put(value.with(n, row));
  return html`<div class="rows">
    ${value.map(
      (/** @type {Values} */ row, /** @type {number} */ n) => html`<div class="row" key=${n}>
        ${of.map((each) => html`<${Input} key=${each.name} field=${each} id=${`${id}-${n}`} values=${row} put=${(/** @type {any} */ one) => change(n, { ...row, [each.name]: one })} />`)}
        <button type="button" onClick=${() => put(value.toSpliced(n, 1))}>${t("rows.remove", { n: n + 1 })}</button>
      </div>`,
    )}
    <button type="button" onClick=${() => put([...value, typedOf(of, null)])}>${t("rows.add")}</button>
  </div>`;
}

/** Looked up by name, pinyin or number; what is typed never goes into an address. @param {Props} props */
function Caregiver({ field, id, value, described, wrong, put }) {
  const [asked, setAsked] = useState("");
  const [found, setFound] = useState(/** @type {{id: number, name: string, number: string}[]} */ ([]));
  const [said, setSaid] = useState("");
  useEffect(() => {
    const q = asked.trim();
    if (!q) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      call("POST", `/api/v1/caregivers/search?limit=${FOUND}`, { body: { q }, signal: stop.signal }).then(
        ({ data }) => {
          setFound(data.items);
          setSaid(data.items.length ? "" : t("find.nothing"));
        },
        (error) => {
          if (!stop.signal.aborted) setSaid(error instanceof Problem ? error.sentence : "");
        },
      );
    }, AFTER);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked]);
  return html`<input id=${id} type="search" autocomplete="off" aria-invalid=${wrong} aria-describedby=${described} placeholder=${t("list.find")} value=${asked} onInput=${(/** @type {Event} */ event) => setAsked(typed(event))} />
    <div class="several" role="radiogroup" aria-label=${label(field)}>
      ${found.map(
        (each) => html`<label class="choice" key=${each.id}>
          <input type="radio" name=${`${id}-found`} checked=${value === String(each.id)} onChange=${() => put(String(each.id))} />${each.name} ${each.number}
        </label>`,
      )}
    </div>
    <p class="soft" role="status">${said || (value && !found.some((each) => String(each.id) === value) ? `#${value}` : "")}</p>`;
}

const CONTROLS = { long: Long, choice: Choice, id: Choice, several: Several, ids: Several, rows: Rows, caregiver: Caregiver };

/** @param {{field: Field, id: string, values: Values, wrong?: string, put: (value: any) => void}} props */
export function Input({ field, id: prefix, values, wrong = "", put }) {
  const id = `${prefix}-${field.name.replace(".", "-")}`;
  const value = values[field.name];
  const described = [field.hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ") || undefined;
  const star = field.required ? html` <span class="must" aria-hidden="true">*</span>` : "";
  const control = /** @type {Record<string, any>} */ (CONTROLS)[field.kind] ?? Line;
  const props = { field, id, value, values, described, wrong: wrong !== "", put };
  const notes = html`${field.hint && html`<p class="soft" id=${`${id}-hint`}>${t(`hint.${field.hint}`)}</p>`}${wrong && html`<p class="wrong" id=${`${id}-wrong`}>${wrong}</p>`}`;
  const name = `field${field.wide ? " wide" : ""}${wrong ? " bad" : ""}`;
  if (field.kind === "yes") {
    return html`<div class=${name}><label class="choice"><input id=${id} name=${field.name} type="checkbox" checked=${value} aria-describedby=${described} onChange=${(/** @type {any} */ event) => put(event.target.checked)} />${label(field)}</label>${notes}</div>`;
  }
  if (["several", "ids", "rows"].includes(field.kind)) {
    return html`<fieldset class=${name} id=${id} tabindex="-1" aria-describedby=${described}><legend>${label(field)}${star}</legend><${control} ...${props} />${notes}</fieldset>`;
  }
  const type = field.kind === "date" || field.kind === "password" ? field.kind : "text";
  return html`<div class=${name}><label for=${id}>${label(field)}${star}</label><${control} ...${props} type=${type} />${notes}</div>`;
}
