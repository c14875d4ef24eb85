// Choices that the fields of several resources share.
import { call } from "../api.js";
import { lang, t, word } from "../page.js";

/** @typedef {import("./kinds.js").Choice} Choice */
/** @typedef {import("./kinds.js").Values} Values */

/** The codes of the API in words. @param {string} prefix @param {string[]} codes @returns {() => Choice[]} */
export const coded = (prefix, codes) => () => codes.map((code) => ({ value: code, label: word(prefix, code) }));

export const genders = coded("gender", ["female", "male"]);
export const dialects = coded("dialect", ["yiwu", "dongyang", "pujiang", "wenzhou", "mandarin"]);
export const grades = coded("grade", ["able", "mild", "moderate", "severe", "total"]);
export const items = coded("item", ["meals", "cleaning", "bathing", "walking", "medical", "emergency", "errands", "comfort"]);
export const skills = coded("skill", ["care", "bathing", "nursing", "dementia"]);
export const modes = coded("mode", ["ebike", "bus", "foot"]);
export const datums = coded("datum", ["wgs84", "gcj02"]);
/** Lengths of visits that a care plan may have. */
export const visitMinutes = () => [30, 40, 48, 60, 80, 120, 240].map((n) => ({ value: String(n), label: t("minutes", { n }) }));
export const weekdays = coded("weekday", ["0", "1", "2", "3", "4", "5", "6"]);
export const yesNo = coded("either", ["true", "false"]);

/**
 * @typedef {{id: number, code: string, name: string, name_en: string}} Town
 * @typedef {{id: number, name: string, town_id: number, under_redevelopment: boolean}} Village
 * @typedef {{id: number, number: string, name: string, kind: string, town_id: number, closed_on: string | null}} Centre
 */
/** Filled before a page is drawn, by `readPlaces`. */
export const places = {
  towns: /** @type {Map<number, Town>} */ (new Map()),
  villages: /** @type {Map<number, Village>} */ (new Map()),
  centres: /** @type {Map<number, Centre>} */ (new Map()),
};

/** Read all that the forms choose from. @param {("towns" | "villages" | "centres")[]} which */
export async function readPlaces(...which) {
  await Promise.all(
    which.map(async (kind) => {
      let after = 0;
      do {
        const { data } = await call("GET", `/api/v1/${kind}?limit=500&after=${after}`);
        for (const each of data.items) /** @type {Map<number, any>} */ (places[kind]).set(each.id, each);
        after = data.next_after ?? 0;
      } while (after);
    }),
  );
}

/** @param {Town} town */
const townLabel = (town) => (lang === "en" ? town.name_en : town.name);
/** @param {number} id */
export const townName = (id) => (places.towns.has(id) ? townLabel(/** @type {Town} */ (places.towns.get(id))) : `#${id}`);

/** @returns {Choice[]} */
export const towns = () => [...places.towns.values()].map((each) => ({ value: String(each.id), label: townLabel(each) }));

/** Villages of the town that stands in the form; all of them otherwise. @param {Values} values @returns {Choice[]} */
export const villages = ({ town_id: town }) =>
  [...places.villages.values()].filter((each) => !town || each.town_id === Number(town)).map((each) => ({ value: String(each.id), label: each.name }));

/** Care centres that are open, of the town that stands in the form first. @param {Values} values @returns {Choice[]} */
export const careCentres = ({ town_id: town }) => {
  const open = [...places.centres.values()].filter((each) => each.kind === "care" && !each.closed_on);
  const own = open.filter((each) => each.town_id === Number(town));
  const others = open.filter((each) => each.town_id !== Number(town));
  return [...own, ...others].map((each) => ({ value: String(each.id), label: each.name }));
};

/** @returns {Choice[]} */
export const centres = () => [...places.centres.values()].map((each) => ({ value: String(each.id), label: each.name }));
