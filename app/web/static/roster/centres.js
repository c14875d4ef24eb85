// Centres, and the towns and villages around them, which are the city's own and only shown.
import { call } from "../api.js";
import { html, known, t, word } from "../page.js";
import { centres, coded, datums, places, towns, villages, yesNo } from "../record/words.js";

/** @typedef {import("../record/kinds.js").Field} Field */
/** @typedef {import("../record/kinds.js").Row} Row */
/** @typedef {import("../record/listing.js").Listing} Listing */
/** @typedef {import("../record/form.js").Act} Act */

const PATH = "/api/v1/centres";
const TODAY = known.today ?? "";

/** @param {Row} row */
const newest = async (row) => (await call("GET", `${PATH}/${row.id}`)).data;
const kinds = coded("centre", ["care", "demonstration", "guidance"]);
/** @param {Row} row */
const state = (row) => (row.closed_on === null ? t("centre.open") : t("centre.closed", { day: row.closed_on, why: word("close", row.close_reason) }));

/** @type {Field[]} */
const PLACE = [
  { name: "latitude", kind: "number", required: true, together: "place" },
  { name: "longitude", kind: "number", required: true, together: "place" },
  { name: "datum", kind: "choice", required: true, together: "place", choices: datums, start: "wgs84" },
  { name: "monthly_capacity_minutes", kind: "hours", label: "capacity", required: true, expect: "capacity", hint: "capacity" },
  { name: "opened_on", kind: "date", required: true, start: TODAY },
];

/** @type {Field[]} */
const NAMED = [
  { name: "number", kind: "text", required: true, expect: "code" },
  { name: "name", kind: "text", label: "centre_name", required: true, expect: "name" },
];

/** @type {Field[]} */
const NEW = [
  ...NAMED,
  { name: "kind", kind: "choice", label: "centre_kind", required: true, choices: kinds, start: "care" },
  { name: "town_id", kind: "id", required: true, choices: towns },
  { name: "village_id", kind: "id", choices: villages, under: "town_id", when: (values) => values.town_id !== "" },
  ...PLACE,
];

/** @type {Act[]} */
const acts = [
  { name: "change", method: "PATCH", path: (row) => `${PATH}/${row.id}`, fresh: newest, fields: [...NAMED, { name: "village_id", kind: "id", choices: () => villages({}) }, ...PLACE] },
  {
    name: "close",
    method: "POST",
    path: (row) => `${PATH}/${row.id}/close`,
    fresh: newest,
    note: "close",
    grave: true,
    fields: [
      { name: "closed_on", kind: "date", required: true, start: TODAY },
      { name: "reason", kind: "choice", label: "close_reason", required: true, choices: coded("close", ["redevelopment", "merged", "moved", "other"]) },
    ],
  },
];

/** @type {Listing} */
export const CENTRES = {
  title: "centres",
  path: PATH,
  search: "query",
  link: (row) => `/roster?centre=${row.id}`,
  add: { name: "centre", method: "POST", path: () => PATH, fields: NEW, adds: true },
  columns: [
    { name: "name", kind: "text", label: "centre_name" },
    { name: "number", kind: "text" },
    { name: "kind", kind: "choice", label: "centre_kind", choices: kinds },
    { name: "town_id", kind: "id", choices: towns },
    { name: "village_id", kind: "id", choices: () => villages({}) },
    { name: "monthly_capacity_minutes", kind: "hours", label: "capacity" },
    { name: "opened_on", kind: "date", label: "state", show: state },
  ],
  filters: [
    { name: "town_id", kind: "id", choices: towns },
    { name: "village_id", kind: "id", choices: villages, under: "town_id", when: (values) => values.town_id !== "" },
    { name: "kind", kind: "choice", label: "centre_kind", choices: kinds },
    { name: "open_on", kind: "choice", start: TODAY, choices: () => [{ value: TODAY, label: t("centre.open") }, { value: "", label: t("all") }] },
  ],
};

/** @type {Listing} */
export const TOWNS = {
  title: "towns",
  path: "/api/v1/towns",
  columns: [
    { name: "name", kind: "text", label: "town_name" },
    { name: "name_en", kind: "text" },
    { name: "code", kind: "text" },
    { name: "latitude", kind: "number" },
    { name: "longitude", kind: "number" },
  ],
};

/** @type {Listing} */
export const VILLAGES = {
  title: "villages",
  path: "/api/v1/villages",
  columns: [
    { name: "name", kind: "text", label: "village_name" },
    { name: "code", kind: "text" },
    { name: "town_id", kind: "id", choices: towns },
    { name: "under_redevelopment", kind: "yes" },
    { name: "latitude", kind: "number" },
    { name: "longitude", kind: "number" },
  ],
  filters: [
    { name: "town_id", kind: "id", choices: towns },
    { name: "under_redevelopment", kind: "choice", choices: yesNo },
  ],
};

/** @type {import("./record.js").Resource} */
export const CENTRE = {
  list: CENTRES,
  path: PATH,
  facts: [
    { name: "kind", kind: "choice", label: "centre_kind", choices: kinds },
    { name: "town_id", kind: "id", choices: towns },
    { name: "village_id", kind: "id", choices: () => villages({}) },
    { name: "parent_id", kind: "id", choices: centres, show: (row) => (row.parent_id === null ? "" : (places.centres.get(row.parent_id)?.name ?? `#${row.parent_id}`)) },
    { name: "monthly_capacity_minutes", kind: "hours", label: "capacity" },
    { name: "latitude", kind: "number" },
    { name: "longitude", kind: "number" },
    { name: "opened_on", kind: "date" },
    { name: "id", kind: "id", label: "served", show: (row) => html`<a href=${`/roster?list=elders&centre_id=${row.id}`}>${t("centre.elders")}</a> · <a href=${`/roster?list=caregivers&centre_id=${row.id}`}>${t("centre.caregivers")}</a>` },
  ],
  state,
  acts,
  sections: () => [],
  reveals: false,
};
