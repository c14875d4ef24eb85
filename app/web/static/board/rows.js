// Which rows the board shows: caregivers or elders, narrowed as the view says.
import { hours, lang, t } from "../page.js";
import { byTime, conflictsOf, load } from "./model.js";

/** @typedef {import("./model.js").Board} Board */
/** @typedef {import("./model.js").Visit} Visit */
/** @typedef {import("./model.js").Caregiver} Caregiver */
/** @typedef {import("./state.js").View} View */
/** @typedef {import("./timeline.js").Row} Row */

/** @param {Board} board @param {View} view @returns {{rows: Row[], unallocated: Visit[], people: number}} */
export function rowsOf(board, view) {
  const people = view.rows === "elders" ? elderRows(board, view) : caregiverRows(board, view);
  const unallocated = [...board.visits.values()].filter((visit) => visit.day === null && inPlace(visit.elder, view) && (view.elder === null || visit.elder.id === view.elder));
  return { rows: grouped(people, board), unallocated: unallocated.sort((a, b) => a.elder.town - b.elder.town || a.id - b.id), people: people.length };
}

/** @param {{town: number, centre: number | null}} who @param {View} view */
export const inPlace = (who, view) => (view.town === null || who.town === view.town) && (view.centre === null || who.centre === view.centre);

/** Whether a visit is one of those that are looked for. @param {Board} board @param {Visit} visit @param {View} view */
export function wanted(board, visit, view) {
  if (view.elder !== null && visit.elder.id !== view.elder) return false;
  switch (view.only) {
    case "placed":
      return visit.day !== null;
    case "unallocated":
      return visit.day === null;
    case "pinned":
      return visit.pinned;
    case "two":
      return visit.hands === 2;
    case "conflict":
      return conflictsOf(board).has(visit);
    default:
      return true;
  }
}

/** Whether a caregiver is one of those that are looked for. @param {Caregiver} caregiver @param {View} view */
export function wantedCaregiver(caregiver, view) {
  if (view.caregiver !== null) return caregiver.id === view.caregiver;
  return inPlace(caregiver, view) && (!view.gender || caregiver.gender === view.gender) && (!view.skill || caregiver.skills.includes(view.skill));
}

/** @param {Board} board @param {View} view */
function caregiverRows(board, view) {
  /** @type {Map<Caregiver, Visit[]>} */
  const made = new Map(board.caregivers.map((each) => [each, []]));
  for (const visit of board.visits.values()) for (const each of visit.caregivers) made.get(each)?.push(visit);
  /** @type {{row: Row, town: number}[]} */
  const rows = [];
  for (const [caregiver, visits] of made) {
    if (!wantedCaregiver(caregiver, view)) continue;
    const shown = visits.filter((visit) => wanted(board, visit, view));
    if ((view.elder !== null || view.only !== "") && !shown.length) continue;
    rows.push({ row: caregiverRow(board, caregiver, visits, shown), town: caregiver.town });
  }
  return rows;
}

/** @param {Board} board @param {Caregiver} caregiver @param {Visit[]} visits @param {Visit[]} shown @returns {Row} */
function caregiverRow(board, caregiver, visits, shown) {
  const { care, travel } = load(visits, caregiver);
  return {
    key: `c${caregiver.id}`,
    kind: "person",
    title: caregiver.name,
    sub: t("row.load", { care: hours(care), contract: hours(caregiver.contract), travel: hours(travel) }),
    hint: `${caregiver.number} · ${board.centres.get(caregiver.centre)?.name ?? ""}`,
    share: (care + travel) / caregiver.contract,
    visits: shown.sort(byTime),
    travel: (visit) => visit.travel[visit.caregivers.indexOf(caregiver)] ?? 0,
    atWork: caregiver.atWork,
    leave: caregiver.leave,
    elsewhere: caregiver.elsewhere,
    caregiver: caregiver.id,
  };
}

/** @param {Board} board @param {View} view */
function elderRows(board, view) {
  /** @type {Map<import("./model.js").Elder, Visit[]>} */
  const visited = new Map();
  for (const visit of board.visits.values()) {
    if (!inPlace(visit.elder, view) || !wanted(board, visit, view) || (view.gender && visit.elder.gender !== view.gender)) continue;
    if (view.skill && !visit.caregivers.some((each) => each.skills.includes(view.skill))) continue;
    if (view.caregiver !== null && !visit.caregivers.some((each) => each.id === view.caregiver)) continue;
    visited.set(visit.elder, [...(visited.get(visit.elder) ?? []), visit]);
  }
  const elders = [...visited.keys()].sort((a, b) => a.town - b.town || (a.centre ?? 0) - (b.centre ?? 0) || a.id - b.id);
  return elders.map((elder) => {
    const visits = /** @type {Visit[]} */ (visited.get(elder)).sort(byTime);
    const missing = visits.filter((visit) => visit.day === null).length;
    /** @type {Row} */
    const row = {
      key: `e${elder.id}`,
      kind: "person",
      title: elder.name,
      sub: missing ? t("row.elder_missing", { n: visits.length, missing }) : t("row.elder", { n: visits.length }),
      hint: `${elder.number} · ${elder.centre === null ? "" : (board.centres.get(elder.centre)?.name ?? "")}`,
      visits,
      label: (visit) => visit.caregivers.map((each) => each.name).join(" + "),
      elder: elder.id,
    };
    return { row, town: elder.town };
  });
}

/** Put a headline above the people of each town. @param {{row: Row, town: number}[]} people @param {Board} board @returns {Row[]} */
function grouped(people, board) {
  /** @type {Map<number, Row[]>} */
  const towns = new Map();
  for (const { row, town } of people) towns.set(town, [...(towns.get(town) ?? []), row]);
  return [...towns].flatMap(([id, rows]) => {
    const town = board.towns.get(id);
    const name = lang === "en" ? town?.name_en : town?.name;
    return [{ key: `t${id}`, kind: /** @type {const} */ ("group"), title: `${name ?? ""} · ${rows.length}`, visits: [] }, ...rows];
  });
}
