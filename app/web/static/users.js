// Accounts, and the days that are open or closed whatever the calendar says: for administrators.
import { useEffect, useState } from "preact/hooks";
import { call, Problem, sessionEnded } from "./api.js";
import { html, known, listed, moment, render, t, word } from "./page.js";
import { List } from "./record/listing.js";
import { coded, readPlaces, towns, townName } from "./record/words.js";
import { SignInDialog } from "./signing-in.js";
import { Toast, toast } from "./toast.js";

/** @typedef {import("./record/kinds.js").Field} Field */
/** @typedef {import("./record/kinds.js").Row} Row */
/** @typedef {import("./record/kinds.js").Values} Values */
/** @typedef {import("./record/listing.js").Listing} Listing */

/** @param {string} path */
const freshAt = (path) => async (/** @type {Row} */ row) => (await call("GET", `${path}/${row.id}`)).data;
const USERS = "/api/v1/users";
const DAYS = "/api/v1/special-days";
const roles = coded("role", ["administrator", "dispatcher", "auditor", "caregiver"]);

/** @type {Field[]} */
const REACH = [
  { name: "display_name", kind: "text", required: true, expect: "name" },
  { name: "role", kind: "choice", required: true, choices: roles, start: "dispatcher" },
  { name: "all_towns", kind: "yes", when: (values) => values.role !== "caregiver", show: (row) => (row.all_towns ? t("filter.all_towns") : listed(row.town_ids.map(townName))) },
  { name: "town_ids", kind: "ids", wide: true, choices: towns, when: (values) => values.role !== "caregiver" && !values.all_towns },
  { name: "caregiver_id", kind: "caregiver", label: "caregiver", wide: true, when: (values) => values.role === "caregiver" },
];

/** @type {Field} */
const PASSWORD = { name: "password", kind: "password", required: true, hint: "password" };

/** What a role can't have is taken away with it. @param {Row} body */
function reaching(body) {
  const role = body.role ?? "";
  const all = body.all_towns === true ? { town_ids: [] } : {};
  if (role === "caregiver") return { ...body, all_towns: false, town_ids: [] };
  return { ...body, ...all, ...(role ? { caregiver_id: null } : {}) };
}

/** @type {Listing} */
const ACCOUNTS = {
  title: "users",
  path: USERS,
  columns: [
    { name: "username", kind: "text" },
    { name: "display_name", kind: "text" },
    { name: "role", kind: "choice", choices: roles },
    { name: "all_towns", kind: "yes", label: "reach", show: (row) => (row.all_towns ? t("filter.all_towns") : listed(row.town_ids.map(townName))) },
    { name: "disabled_at", kind: "text", label: "state", show: (row) => (row.disabled_at ? t("user.disabled", { at: moment(row.disabled_at) }) : t("user.open")) },
  ],
  filters: [
    { name: "role", kind: "choice", choices: roles },
    { name: "disabled", kind: "choice", label: "state", choices: () => ["false", "true"].map((value) => ({ value, label: word("either.disabled", value) })) },
  ],
  add: { name: "user", method: "POST", path: () => USERS, adds: true, body: reaching, fields: [{ name: "username", kind: "text", required: true, expect: "username", hint: "username" }, PASSWORD, ...REACH] },
  acts: [
    { name: "change", method: "PATCH", path: (row) => `${USERS}/${row.id}`, fresh: freshAt(USERS), body: reaching, fields: REACH },
    { name: "password", method: "POST", path: (row) => `${USERS}/${row.id}/password`, fresh: freshAt(USERS), note: "password", fields: [PASSWORD] },
    { name: "disable", method: "POST", path: (row) => `${USERS}/${row.id}/disable`, fresh: freshAt(USERS), note: "disable", grave: true, when: (row) => row.disabled_at === null },
    { name: "enable", method: "POST", path: (row) => `${USERS}/${row.id}/enable`, fresh: freshAt(USERS), when: (row) => row.disabled_at !== null },
  ],
};

/** @type {Field[]} */
const OPENING = [
  { name: "kind", kind: "choice", label: "day_kind", required: true, choices: coded("day", ["closed", "open"]) },
  { name: "name", kind: "text", label: "day_name", required: true, expect: "name" },
];

/** @type {Listing} */
const SPECIAL_DAYS = {
  title: "days",
  path: DAYS,
  columns: [{ name: "day", kind: "date" }, ...OPENING],
  add: { name: "day", method: "POST", path: () => DAYS, adds: true, note: "day", fields: [{ name: "day", kind: "date", required: true }, ...OPENING] },
  acts: [
    { name: "change", method: "PATCH", path: (row) => `${DAYS}/${row.id}`, fresh: freshAt(DAYS), fields: OPENING },
    { name: "remove", method: "DELETE", path: (row) => `${DAYS}/${row.id}`, fresh: freshAt(DAYS), note: "remove_day", grave: true },
  ],
};

const LISTS = { users: ACCOUNTS, days: SPECIAL_DAYS };

function Users() {
  const [ready, setReady] = useState(false);
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    if (ready || sessionEnded.value) return;
    readPlaces("towns").then(
      () => setReady(true),
      (error) => {
        if (!(error instanceof Problem)) throw error;
        setWrong(error.sentence);
      },
    );
  }, [sessionEnded.value]);
  const list = new URLSearchParams(location.search).get("list") === "days" ? "days" : "users";
  return html`<nav class="tabs" aria-label=${t("nav.users")}>
      ${Object.keys(LISTS).map((name) => html`<a href=${`/users?list=${name}`} aria-current=${name === list ? "page" : undefined}>${t(`list.${name}`)}</a>`)}
    </nav>
    <main>
      ${ready ? html`<${List} main of=${LISTS[list]} edits=${known.role === "administrator"} />` : html`<p class="soft" role="status">${wrong || t("wait")}</p>`}
    </main>
    <${Toast} />
    ${sessionEnded.value && html`<${SignInDialog} onDone=${() => (toast.value = null)} />`}`;
}

render(html`<${Users} />`, /** @type {HTMLElement} */ (document.getElementById("page")));
