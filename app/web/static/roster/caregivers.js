// What the roster knows of a caregiver: her person, contract, certificates, hours and leave.
import { call } from "../api.js";
import { clock, html, known, t, word } from "../page.js";
import { careCentres, centres, coded, datums, dialects, genders, modes, places, skills, towns, weekdays } from "../record/words.js";

/** @typedef {import("../record/kinds.js").Field} Field */
/** @typedef {import("../record/kinds.js").Row} Row */
/** @typedef {import("../record/listing.js").Listing} Listing */
/** @typedef {import("../record/form.js").Act} Act */

const PATH = "/api/v1/caregivers";
const TODAY = known.today ?? "";
const SOON_DAYS = 60; // a certificate that ends within so many days is pointed out

/** @param {string} path */
const fresh = async (path) => (await call("GET", path)).data;
/** @param {Row} row */
const newest = (row) => fresh(`${PATH}/${row.id}`);
/** @param {Row} row */
const gone = (row) => row.ended_on !== null;

/** @type {Field[]} */
const PERSON = [
  { name: "number", kind: "text", required: true, expect: "code" },
  { name: "name", kind: "text", required: true, expect: "name" },
  { name: "id_number", kind: "text", required: true },
  { name: "birth_date", kind: "date", required: true },
  { name: "gender", kind: "choice", required: true, choices: genders },
  { name: "phone", kind: "text", expect: "phone" },
  { name: "centre_id", kind: "id", required: true, choices: careCentres },
  { name: "mode", kind: "choice", required: true, choices: modes, start: "ebike" },
  { name: "contract_minutes", kind: "hours", label: "contract", required: true, expect: "contract", start: 2400 },
  { name: "overtime_allowed", kind: "yes" },
  { name: "base.latitude", kind: "number", label: "base_latitude", together: "base", hint: "base", show: (row) => row.base?.latitude ?? "" },
  { name: "base.longitude", kind: "number", label: "base_longitude", together: "base", show: (row) => row.base?.longitude ?? "" },
  { name: "base.datum", kind: "choice", label: "datum", required: true, together: "base", choices: datums, start: "wgs84" },
  { name: "hired_on", kind: "date", required: true, start: TODAY },
  { name: "dialects", kind: "several", choices: dialects, wide: true },
];

/** Without coordinates she starts from her centre. @param {Row} body */
function based({ base, ...rest }) {
  if (base === undefined) return rest;
  const empty = [null, undefined].includes(base.latitude) && [null, undefined].includes(base.longitude);
  return { ...rest, base: empty ? null : base };
}

/** @type {Act[]} */
const acts = [
  {
    name: "change",
    method: "PATCH",
    path: (row) => `${PATH}/${row.id}`,
    fresh: newest,
    body: based,
    fields: PERSON.map((field) => (field.name === "id_number" ? { ...field, kind: "anew", required: false, hint: "id_number" } : field)),
  },
  {
    name: "end",
    method: "POST",
    path: (row) => `${PATH}/${row.id}/end`,
    when: (row) => !gone(row),
    fresh: newest,
    note: "caregiver.end",
    grave: true,
    fields: [
      { name: "ended_on", kind: "date", required: true, start: TODAY },
      { name: "reason", kind: "choice", label: "end_reason", required: true, choices: coded("end", ["left_work", "moved_away", "died", "other"]) },
    ],
  },
  { name: "take_back", method: "POST", path: (row) => `${PATH}/${row.id}/take-back`, when: gone, fresh: newest, note: "caregiver.take_back", fields: [{ name: "on", kind: "date", required: true, start: TODAY }] },
];

/** @type {Listing} */
export const CAREGIVERS = {
  title: "caregivers",
  path: PATH,
  search: "body",
  link: (row) => `/roster?caregiver=${row.id}`,
  add: { name: "caregiver", method: "POST", path: () => PATH, fields: PERSON, adds: true, body: based },
  columns: [
    { name: "name", kind: "text" },
    { name: "number", kind: "text" },
    { name: "gender", kind: "choice", choices: genders },
    { name: "town_id", kind: "id", choices: towns },
    { name: "centre_id", kind: "id", choices: centres },
    { name: "mode", kind: "choice", choices: modes },
    { name: "contract_minutes", kind: "hours", label: "contract" },
    { name: "hired_on", kind: "date", label: "state", show: (row) => (gone(row) ? t("caregiver.gone", { day: row.ended_on, why: word("end", row.end_reason) }) : t("caregiver.here")) },
  ],
  filters: [
    { name: "town_id", kind: "id", choices: towns },
    { name: "centre_id", kind: "id", choices: centres },
    { name: "skill", kind: "choice", choices: skills },
    { name: "gender", kind: "choice", choices: genders },
    { name: "mode", kind: "choice", choices: modes },
    { name: "active_on", kind: "choice", start: TODAY, choices: () => [{ value: TODAY, label: t("on_roster") }, { value: "", label: t("all") }] },
  ],
};

/** Told with a word, not by colour alone. @param {Row} row */
function expiry(row) {
  const days = (Date.parse(row.expires_on) - Date.parse(TODAY)) / 86_400_000;
  if (days < 0) return html`${row.expires_on} <strong class="bad">${t("certificate.over")}</strong>`;
  return days > SOON_DAYS ? row.expires_on : html`${row.expires_on} <strong class="look">${t("certificate.soon", { n: days })}</strong>`;
}

/** @type {Field[]} */
const CERTIFICATE = [
  { name: "skill", kind: "choice", required: true, choices: skills },
  { name: "issued_on", kind: "date", required: true },
  { name: "expires_on", kind: "date", required: true, show: expiry },
];

/** @type {Field[]} */
const LEAVE = [
  { name: "kind", kind: "choice", label: "leave_kind", required: true, choices: coded("leave", ["annual", "sick", "training", "other"]) },
  { name: "first_on", kind: "date", required: true, start: TODAY },
  { name: "last_on", kind: "date", required: true, start: TODAY },
  { name: "starts", kind: "time", hint: "part_of_day" },
  { name: "ends", kind: "time" },
  { name: "note", kind: "text", wide: true, expect: "short" },
];

/** @type {Field[]} */
const HOURS = [
  {
    name: "days",
    kind: "rows",
    label: "hours",
    wide: true,
    hint: "hours",
    of: [
      { name: "weekday", kind: "id", required: true, choices: weekdays, start: 0 },
      { name: "starts", kind: "time", required: true, start: 450 },
      { name: "ends", kind: "time", required: true, start: 1080 },
    ],
  },
];

/** @param {number} id @returns {Listing[]} */
function sections(id) {
  const own = `${PATH}/${id}`;
  /** @param {string} part */
  const one = (part) => (/** @type {Row} */ row) => `${own}/${part}/${row.id}`;
  const late = (/** @type {(row: Row) => string} */ path) => (/** @type {Row} */ row) => fresh(path(row));
  const week = async () => ({ ...(await fresh(own)), days: (await fresh(`${own}/working-hours`)).days });
  /** @param {string} part @param {Field[]} fields @returns {Act[]} */
  const acting = (part, fields) => [
    { name: "change", method: "PATCH", path: one(part), fresh: late(one(part)), fields },
    { name: "remove", method: "DELETE", path: one(part), fresh: late(one(part)), note: "remove", grave: true },
  ];
  return [
    { title: "certificates", path: `${own}/certificates`, whole: true, columns: CERTIFICATE, add: { name: "certificate", method: "POST", path: () => `${own}/certificates`, fields: CERTIFICATE, adds: true }, acts: acting("certificates", CERTIFICATE) },
    {
      title: "hours",
      path: own,
      whole: true,
      arrange: async () => [await week()],
      columns: coded("weekday", ["0", "1", "2", "3", "4", "5", "6"])().map(({ value }) => ({ name: "days", kind: "rows", label: `weekday.${value}`, show: (row) => hoursOn(row, Number(value)) })),
      acts: [{ name: "hours", method: "PUT", path: () => `${own}/working-hours`, fresh: week, fields: HOURS }],
    },
    { title: "leave", path: `${own}/leaves`, whole: true, arrange: (rows) => rows.toReversed(), columns: LEAVE, add: { name: "leave", method: "POST", path: () => `${own}/leaves`, fields: LEAVE, adds: true, note: "leave" }, acts: acting("leaves", LEAVE) },
  ];
}

/** @param {Row} row @param {number} weekday */
function hoursOn(row, weekday) {
  const day = row.days.find((/** @type {Row} */ each) => each.weekday === weekday);
  return day ? `${clock(day.starts)}–${clock(day.ends)}` : t("free");
}

/** @type {import("./record.js").Resource} */
export const CAREGIVER = {
  list: CAREGIVERS,
  path: PATH,
  facts: [
    { name: "town_id", kind: /** @type {const} */ ("id"), choices: towns },
    ...PERSON.filter((field) => !["name", "number", "base.datum"].includes(field.name)).map((field) =>
      field.name === "centre_id" ? { ...field, show: (/** @type {Row} */ row) => html`<a href=${`/roster?centre=${row.centre_id}`}>${places.centres.get(row.centre_id)?.name ?? `#${row.centre_id}`}</a>` } : field,
    ),
  ],
  state: (row) => (gone(row) ? t("caregiver.gone", { day: row.ended_on, why: word("end", row.end_reason) }) : t("caregiver.here")),
  acts,
  sections,
  reveals: known.role !== "auditor",
};
