// What the roster knows of an elder: her person, and what belongs to her.
import { call } from "../api.js";
import { clock, html, known, listed, t, tenths, word } from "../page.js";
import { careCentres, centres, coded, datums, dialects, genders, grades, items, places, skills, towns, villages, visitMinutes, weekdays, yesNo } from "../record/words.js";

/** @typedef {import("../record/kinds.js").Field} Field */
/** @typedef {import("../record/kinds.js").Row} Row */
/** @typedef {import("../record/listing.js").Listing} Listing */
/** @typedef {import("../record/form.js").Act} Act */

const PATH = "/api/v1/elders";
const TODAY = known.today ?? "";
const sees = known.role !== "auditor"; // auditors don't search by health

/** @param {string} path */
const fresh = (path) => async () => (await call("GET", path)).data;
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
  { name: "town_id", kind: "id", required: true, choices: towns },
  { name: "village_id", kind: "id", required: true, choices: villages, under: "town_id", when: (values) => values.town_id !== "" },
  { name: "centre_id", kind: "id", label: "responsible", choices: careCentres, hint: "responsible" },
  { name: "address", kind: "text", required: true, wide: true, expect: "short" },
  { name: "way_in", kind: "text", wide: true, expect: "short" },
  { name: "latitude", kind: "number", together: "home", hint: "home" },
  { name: "longitude", kind: "number", together: "home" },
  { name: "datum", kind: "choice", required: true, together: "home", choices: datums, start: "wgs84" },
  { name: "disability_grade", kind: "choice", required: true, choices: grades },
  { name: "lives_alone", kind: "yes" },
  { name: "low_income", kind: "yes" },
  { name: "dialects", kind: "several", choices: dialects, wide: true },
  { name: "health_note", kind: "long", wide: true, expect: "long" },
  { name: "joined_on", kind: "date", required: true, start: TODAY },
];

/** The stored number is masked: it stays unless another one is typed. @param {Field} field @returns {Field} */
const asChange = (field) => (field.name === "id_number" ? { ...field, kind: "anew", required: false, hint: "id_number" } : field);

/** @type {Act} */
const create = { name: "elder", method: "POST", path: () => PATH, fields: PERSON, adds: true };

/** @type {Act[]} */
const acts = [
  { name: "change", method: "PATCH", path: (row) => `${PATH}/${row.id}`, fields: PERSON.map(asChange), fresh: (row) => fresh(`${PATH}/${row.id}`)() },
  {
    name: "end",
    method: "POST",
    path: (row) => `${PATH}/${row.id}/end`,
    when: (row) => !gone(row),
    fresh: (row) => fresh(`${PATH}/${row.id}`)(),
    note: "elder.end",
    grave: true,
    fields: [
      { name: "ended_on", kind: "date", required: true, start: TODAY },
      { name: "reason", kind: "choice", label: "end_reason", required: true, choices: coded("end", ["died", "moved_to_institution", "moved_away", "declined", "other"]) },
    ],
  },
  {
    name: "take_back",
    method: "POST",
    path: (row) => `${PATH}/${row.id}/take-back`,
    when: gone,
    fresh: (row) => fresh(`${PATH}/${row.id}`)(),
    note: "elder.take_back",
    fields: [{ name: "on", kind: "date", required: true, start: TODAY }],
  },
];

/** @type {Listing} */
export const ELDERS = {
  title: "elders",
  path: PATH,
  search: "body",
  link: (row) => `/roster?elder=${row.id}`,
  add: create,
  columns: [
    { name: "name", kind: "text" },
    { name: "number", kind: "text" },
    { name: "town_id", kind: "id", choices: towns },
    { name: "village_id", kind: "id", choices: () => villages({}) },
    { name: "centre_id", kind: "id", label: "responsible", choices: centres },
    { name: "disability_grade", kind: "choice", choices: grades },
    { name: "joined_on", kind: "date", label: "state", show: (row) => (gone(row) ? t("elder.gone", { day: row.ended_on, why: word("end", row.end_reason) }) : t("elder.here")) },
  ],
  filters: [
    { name: "town_id", kind: "id", choices: towns },
    { name: "village_id", kind: "id", choices: villages, under: "town_id", when: (values) => values.town_id !== "" },
    { name: "centre_id", kind: "id", label: "responsible", choices: centres },
    { name: "monthly_minutes", kind: "choice", choices: coded("grant", ["240", "480"]) },
    ...(sees ? [/** @type {Field} */ ({ name: "disability_grade", kind: "choice", choices: grades })] : []),
    { name: "lives_alone", kind: "choice", choices: yesNo },
    { name: "active_on", kind: "choice", start: TODAY, choices: () => [{ value: TODAY, label: t("on_roster") }, { value: "", label: t("all") }] },
  ],
};

/** @type {Field[]} */
const WINDOW = [
  { name: "weekday", kind: "id", required: true, choices: weekdays, start: 0 },
  { name: "opens", kind: "time", required: true },
  { name: "closes", kind: "time", required: true },
  { name: "wished", kind: "yes" },
];

/** Days of the same hours together. @param {Row[]} windows */
function windowWords(windows) {
  /** @type {Map<string, number[]>} */
  const days = new Map();
  for (const one of windows) {
    const hours = `${clock(one.opens)}–${clock(one.closes)}${one.wished ? ` (${t("f.wished")})` : ""}`;
    days.set(hours, [...(days.get(hours) ?? []), one.weekday].sort());
  }
  return [...days].map(([hours, on]) => `${daysWords(on)} ${hours}`).join("; ");
}

/** @param {number[]} days */
function daysWords(days) {
  const [first, last] = [days[0], /** @type {number} */ (days.at(-1))];
  if (days.length > 2 && last - first === days.length - 1) return `${word("weekday", String(first))}–${word("weekday", String(last))}`;
  return listed(days.map((day) => word("weekday", String(day))));
}

/** @type {Field[]} */
const PLAN = [
  { name: "valid_from", kind: "date", required: true, start: TODAY },
  { name: "visit_minutes", kind: "id", required: true, choices: visitMinutes, start: 60 },
  { name: "hands", kind: "id", required: true, choices: coded("hands", ["1", "2"]), start: 1 },
  { name: "min_days_between", kind: "number", required: true, expect: "days", start: 1 },
  { name: "max_carers", kind: "number", expect: "carers" },
  { name: "required_gender", kind: "choice", choices: genders },
  { name: "wished_gender", kind: "choice", choices: genders },
  { name: "holidays_open", kind: "yes" },
  { name: "items", kind: "several", required: true, wide: true, choices: items },
  { name: "extra_skills", kind: "several", wide: true, choices: skills },
  { name: "windows", kind: "rows", wide: true, of: WINDOW, hint: "windows", show: (row) => windowWords(row.windows) },
  { name: "note", kind: "long", wide: true, expect: "short" },
];

/** @type {Field[]} */
const STAY = [
  { name: "kind", kind: "choice", label: "stay_kind", required: true, choices: coded("stay", ["hospital", "institution"]) },
  { name: "from_on", kind: "date", required: true, start: TODAY },
  { name: "to_on", kind: "date", hint: "to_on" },
  { name: "note", kind: "text", wide: true, expect: "short" },
];

/** @type {Field[]} */
const GRANT = [
  { name: "valid_from", kind: "date", required: true, start: TODAY },
  { name: "valid_to", kind: "date", hint: "valid_to" },
  { name: "monthly_minutes", kind: "id", required: true, choices: coded("grant", ["240", "480"]) },
  { name: "approved_by", kind: "text", required: true, expect: "name" },
  { name: "approved_on", kind: "date", required: true },
  { name: "reason", kind: "text", required: true, wide: true, expect: "short" },
];

/** @type {Field[]} */
const PAIR = [
  { name: "kind", kind: "choice", label: "pair_kind", required: true, choices: coded("pair", ["usual", "blocked"]) },
  { name: "weight", kind: "number", expect: "weight", hint: "weight", when: (values) => values.kind === "usual", show: (row) => (row.weight === null ? "" : tenths(row.weight)) },
  { name: "reason", kind: "text", wide: true, expect: "short", hint: "reason_blocked" },
];

/** The names of the caregivers; of those of other towns nobody tells. @param {Row[]} pairs */
async function named(pairs) {
  const names = pairs.map((pair) =>
    call("GET", `/api/v1/caregivers/${pair.caregiver_id}`).then(
      ({ data }) => ({ ...pair, caregiver: `${data.name} ${data.number}` }),
      () => pair,
    ),
  );
  return Promise.all(names);
}

/** @param {number} id @returns {Listing[]} */
function sections(id) {
  const own = `${PATH}/${id}`;
  /** @param {string} part */
  const one = (part) => (/** @type {Row} */ row) => `${own}/${part}/${row.id}`;
  const pair = (/** @type {Row} */ row) => `${own}/pairs/${row.caregiver_id}`;
  const late = (/** @type {(row: Row) => string} */ path) => (/** @type {Row} */ row) => fresh(path(row))();
  return [
    {
      title: "grants",
      path: `${own}/grants`,
      whole: true,
      arrange: (rows) => rows.toReversed(),
      columns: GRANT,
      add: { name: "grant", method: "POST", path: () => `${own}/grants`, fields: GRANT, adds: true, note: "grant" },
      acts: [{ name: "end_grant", method: "POST", path: (row) => `${one("grants")(row)}/end`, fresh: late(one("grants")), fields: [{ name: "valid_to", kind: "date", required: true, start: TODAY }] }],
    },
    {
      title: "plans",
      path: `${own}/care-plans`,
      whole: true,
      arrange: (rows) => rows.toReversed(),
      columns: PLAN,
      add: { name: "plan", method: "POST", path: () => `${own}/care-plans`, fields: PLAN, adds: true, note: "plan" },
      acts: [{ name: "change", method: "PATCH", path: one("care-plans"), fresh: late(one("care-plans")), fields: PLAN }],
    },
    {
      title: "stays",
      path: `${own}/stays`,
      whole: true,
      arrange: (rows) => rows.toReversed(),
      columns: STAY,
      add: { name: "stay", method: "POST", path: () => `${own}/stays`, fields: STAY, adds: true, note: "stay" },
      acts: [
        { name: "home", method: "POST", path: (row) => `${one("stays")(row)}/end`, fresh: late(one("stays")), when: (row) => row.to_on === null, fields: [{ name: "to_on", kind: "date", required: true, start: TODAY }] },
        { name: "change", method: "PATCH", path: one("stays"), fresh: late(one("stays")), fields: STAY },
      ],
    },
    {
      title: "pairs",
      path: `${own}/pairs`,
      arrange: named,
      columns: [{ name: "caregiver_id", kind: "id", label: "caregiver", show: (row) => html`<a href=${`/roster?caregiver=${row.caregiver_id}`}>${row.caregiver ?? t("other_town", { id: row.caregiver_id })}</a>` }, ...PAIR],
      add: { name: "pair", method: "PUT", path: (_, body) => `${own}/pairs/${body.caregiver_id}`, body: weighed, fields: [{ name: "caregiver_id", kind: "caregiver", label: "caregiver", required: true, wide: true }, ...PAIR], adds: true },
      acts: [
        { name: "change", method: "PUT", path: pair, fresh: late(pair), fields: PAIR, body: weighed },
        { name: "remove", method: "DELETE", path: pair, fresh: late(pair), note: "remove", grave: true },
      ],
    },
  ];
}

/** Only a usual pair has a weight. @param {Row} body */
function weighed({ caregiver_id: _, weight, ...rest }) {
  return rest.kind === "usual" && weight !== null && weight !== undefined ? { ...rest, weight } : rest;
}

/** @type {import("./record.js").Resource} */
export const ELDER = {
  list: ELDERS,
  path: PATH,
  facts: PERSON.filter((field) => field.name !== "name" && field.name !== "number" && field.name !== "datum").map((field) => {
    if (field.name === "village_id") return { ...field, choices: () => villages({}) };
    if (field.name !== "centre_id") return field;
    return { ...field, show: (row) => (row.centre_id === null ? t("elder.no_centre") : html`<a href=${`/roster?centre=${row.centre_id}`}>${places.centres.get(row.centre_id)?.name ?? `#${row.centre_id}`}</a>`) };
  }),
  state: (row) => (gone(row) ? t("elder.gone", { day: row.ended_on, why: word("end", row.end_reason) }) : t("elder.here")),
  acts,
  sections,
  leads: (row) => (gone(row) ? null : { address: `/board?add=${row.id}`, name: "adding.button" }),
  reveals: sees,
};
