// Kinds of fields: how a stored value stands in an input, how it is sent, and how it is told.
import { clock, known, lang, listed, t, tenths } from "../page.js";

/** @typedef {Record<string, any>} Row what the API gives and takes */
/** @typedef {Record<string, any>} Values what stands in the inputs: text, yes or no, or a list */
/** @typedef {{value: string, label: string}} Choice */
/**
 * One field of a resource, for its form, its facts and its column.
 * @typedef {object} Field
 * @property {string} name as the API has it; `base.latitude` is inside another
 * @property {keyof typeof KINDS} kind
 * @property {string} [label] of the messages `f.…`, else the name
 * @property {boolean} [required]
 * @property {string} [expect] of the messages `expect.…`: what is expected, where the service has no words
 * @property {string} [hint] of the messages `hint.…`
 * @property {boolean} [wide]
 * @property {(values: Values) => Choice[]} [choices]
 * @property {(values: Values) => boolean} [when] whether it is asked for at all
 * @property {string} [under] the field that its choices depend on: another value there, none here
 * @property {string} [together] fields of the same word are sent together or not at all
 * @property {Field[]} [of] what one of `rows` has
 * @property {string} [blank] what no choice is called, as a message
 * @property {any} [start] what stands there before anything is chosen
 * @property {(row: Row) => any} [show] how it is told, unless its kind knows
 */

/** @param {string} typed */
const plain = (typed) => typed.normalize("NFKC").trim();
/** @param {any} stored */
const asText = (stored) => (stored === null || stored === undefined ? "" : String(stored));
/** @param {string} typed @param {number} [times] */
function number(typed, times = 1) {
  const found = Number(plain(typed));
  if (plain(typed) === "") return null;
  return Number.isFinite(found) ? Math.round(found * times * 1e6) / 1e6 : undefined;
}
/** @param {string} typed */
function minuteOfDay(typed) {
  if (plain(typed) === "") return null;
  const found = /^(\d{1,2}):([0-5]\d)$/.exec(plain(typed));
  const minute = found ? Number(found[1]) * 60 + Number(found[2]) : 1441;
  return minute <= 1440 ? minute : undefined;
}
/** @param {any} stored @param {Field} field */
const chosen = (stored, field) => field.choices?.({}).find((each) => each.value === String(stored))?.label ?? asText(stored);

/** `sent` gives null for nothing, undefined for what can't be read. */
const text = { typed: asText, sent: (/** @type {any} */ typed) => typed.trim() || null, told: asText };

/** @type {Record<"text" | "long" | "date" | "password" | "anew" | "choice" | "id" | "caregiver" | "number" | "hours" | "time" | "yes" | "several" | "ids" | "rows", {typed: (stored: any, field: Field) => any, sent: (typed: any, field: Field) => any, told: (stored: any, field: Field) => string}>} */
export const KINDS = {
  text,
  long: text,
  date: text,
  anew: { ...text, typed: () => "" },
  password: { typed: () => "", sent: (typed) => typed || null, told: () => "" },
  choice: { ...text, told: chosen },
  id: { typed: asText, sent: (typed) => (typed === "" ? null : Number(typed)), told: chosen },
  caregiver: { typed: asText, sent: (typed) => (typed === "" ? null : Number(typed)), told: asText },
  number: { typed: asText, sent: (typed) => number(typed), told: asText },
  hours: {
    typed: (stored) => (stored === null || stored === undefined ? "" : String(stored / 60)),
    sent: (typed) => number(typed, 60),
    told: (stored) => t("hours", { n: tenths(stored / 60) }),
  },
  time: { typed: (stored) => (typeof stored === "number" ? clock(stored) : ""), sent: minuteOfDay, told: clock },
  yes: { typed: (stored) => stored === true, sent: (typed) => typed, told: (stored) => t(stored ? "yes" : "no") },
  several: {
    typed: (stored) => stored ?? [],
    sent: (typed) => typed,
    told: (stored, field) => listed(stored.map((/** @type {any} */ one) => chosen(one, field))),
  },
  ids: {
    typed: (stored) => (stored ?? []).map(String),
    sent: (typed) => typed.map(Number),
    told: (stored, field) => listed(stored.map((/** @type {any} */ one) => chosen(one, field))),
  },
  rows: {
    typed: (stored, { of = [] }) => (stored ?? []).map((/** @type {Row} */ row) => typedOf(of, row)),
    sent: (typed, { of = [] }) => typed.map((/** @type {Values} */ row) => sentOf(of, row)),
    told: (stored, { of = [] }) => stored.map((/** @type {Row} */ row) => of.map((field) => told(field, row)).filter(Boolean).join(" ")).join("; "),
  },
};

/** @param {Row} row @param {string} name */
function stored(row, name) {
  const [head, tail] = name.split(".");
  return tail === undefined ? row[head] : row[head]?.[tail];
}

/** What the inputs begin with. @param {Field[]} fields @param {Row | null} row @returns {Values} */
export function typedOf(fields, row) {
  return Object.fromEntries(fields.map((field) => [field.name, KINDS[field.kind].typed(row ? (stored(row, field.name) ?? field.start) : field.start, field)]));
}

/** All that stands in the inputs. @param {Field[]} fields @param {Values} values @returns {Row} */
export function sentOf(fields, values) {
  /** @type {Row} */
  const body = {};
  for (const field of fields) {
    const [head, tail] = field.name.split(".");
    const value = KINDS[field.kind].sent(values[field.name], field);
    if (tail === undefined) body[head] = value;
    else body[head] = { ...body[head], [tail]: value };
  }
  return body;
}

/** How a value is told; "" if there is none. @param {Field} field @param {Row} row */
export function told(field, row) {
  if (field.show) return field.show(row);
  const value = stored(row, field.name);
  if (value === null || value === undefined || value === "") return "";
  return KINDS[field.kind].told(value, field);
}

/** @param {Field} field */
export function label(field) {
  const key = field.label ?? field.name;
  return known.messages[`f.${key}`] ?? t(key);
}
/** @param {any} a @param {any} b */
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
/** @param {Field[]} fields @param {Values} values */
export const askedFor = (fields, values) => fields.filter((field) => field.when?.(values) ?? true);

/** Put a value in its place. @param {Field[]} fields @param {Values} values @param {string} name @param {any} value @returns {Values} */
export function put(fields, values, name, value) {
  const under = fields.filter((field) => field.under === name).map((field) => [field.name, ""]);
  return { ...values, ...Object.fromEntries(under), [name]: value };
}

/** The fields that somebody has changed. @param {Field[]} fields @param {Values} start @param {Values} values */
export const changedOf = (fields, start, values) => fields.filter((field) => !same(start[field.name], values[field.name]));

/** What to send of them: fields that belong together come together. @param {Field[]} fields @param {Values} start @param {Values} values */
export function changesOf(fields, start, values) {
  const changed = changedOf(fields, start, values);
  const groups = new Set(changed.map((field) => field.together).filter(Boolean));
  return sentOf(fields.filter((field) => changed.includes(field) || groups.has(field.together)), values);
}

/** Of something new, what was filled in. @param {Field[]} fields @param {Values} values */
export function filledOf(fields, values) {
  const empty = (/** @type {Field} */ field) => [null, undefined].includes(KINDS[field.kind].sent(values[field.name], field));
  return sentOf(fields.filter((field) => !empty(field)), values);
}

/** @param {Field} field */
export const expectation = (field) => t("expect.is", { what: t(`expect.${field.expect ?? field.kind}`) });

/** What can't be sent yet: field → why. @param {Field[]} fields @param {Values} values @returns {Record<string, string>} */
export function unreadOf(fields, values) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const field of fields) {
    const typed = values[field.name];
    const value = KINDS[field.kind].sent(typed, field);
    if (field.required && (value === null || same(value, []))) found[field.name] = t("expect.required");
    else if (value === undefined) found[field.name] = expectation(field);
    if (field.kind === "rows") {
      const wrong = typed.map((/** @type {Values} */ row) => Object.values(unreadOf(field.of ?? [], row))[0]);
      const place = wrong.findIndex(Boolean);
      if (place >= 0) found[field.name] = t("expect.row", { n: place + 1, what: wrong[place] });
    }
  }
  return found;
}

/**
 * Where the service's complaints belong: beside a field, or to all of them.
 * @param {Field[]} fields @param {{field: string, expected: string, expected_zh?: string, code?: string}[]} errors
 */
export function complaintsOf(fields, errors) {
  /** @type {Record<string, string>} */
  const beside = {};
  /** @type {string[]} */
  const rest = [];
  for (const error of errors) {
    const path = error.field.replace(/^body\.?/, "");
    const field = fields.find((each) => each.name === path) ?? fields.find((each) => each.name.split(".")[0] === path.split(".")[0]);
    const said = (lang === "zh" && error.expected_zh) || error.expected;
    const sentence = field && (error.code || (lang === "zh" && !error.expected_zh)) ? expectation(field) : t("expect.is", { what: said });
    if (field) beside[field.name] ??= sentence;
    else rest.push(sentence);
  }
  return { beside, rest };
}
