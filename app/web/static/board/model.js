// The board's data as it is worked with: columns from the service become visits and people that know each other.

/**
 * @typedef {[number, number, number]} Span day (0 is Monday), minutes of the day: begins, ends
 * @typedef {{id: number, name: string, name_en: string}} Town
 * @typedef {{id: number, name: string, town: number}} Centre
 * @typedef {object} Caregiver
 * @property {number} id
 * @property {string} number
 * @property {string} name
 * @property {string} gender
 * @property {string[]} skills by certificates in force all week
 * @property {number} town
 * @property {number} centre
 * @property {number} contract minutes a week
 * @property {Span[] | null} atWork null: of another town, not told
 * @property {Span[]} leave
 * @property {Span[]} elsewhere
 * @typedef {{id: number, number: string, name: string, gender: string, town: number, centre: number | null}} Elder
 * @typedef {object} Visit
 * @property {number} id
 * @property {number} schedule the version that it is of: another one than the board's in towns that it doesn't cover
 * @property {Elder} elder
 * @property {number | null} day
 * @property {number | null} start minute of the day
 * @property {number} minutes
 * @property {number} hands
 * @property {boolean} pinned
 * @property {string | null} reason
 * @property {string[]} items
 * @property {Caregiver[]} caregivers
 * @property {number[]} travel minutes to get there, of each caregiver
 * @typedef {object} Figures
 * @property {number} visits_due
 * @property {number} due_minutes
 * @property {number} placed_minutes
 * @property {number} visits_placed
 * @property {number} visits_unallocated
 * @property {Record<string, number>} unallocated_by_reason
 * @property {number} elders_short
 * @property {number | null} usual_share
 * @property {number} kilometres
 * @property {number} violations
 * @typedef {object} Schedule
 * @property {number} id
 * @property {number} version
 * @property {string} week
 * @property {string} monday
 * @property {string} status
 * @property {boolean} all_towns
 * @property {number[]} town_ids
 * @property {number[]} holds_in
 * @property {string | null} note
 * @property {string} created_at
 * @property {string | null} published_at
 * @property {Figures | null} figures
 * @property {Record<string, number>} cost
 * @property {number | null} gap
 * @typedef {object} Board
 * @property {Schedule} schedule
 * @property {Set<number>} closed
 * @property {Map<number, Town>} towns
 * @property {Map<number, Centre>} centres
 * @property {Caregiver[]} caregivers
 * @property {Map<number, Caregiver>} caregiverOf by id
 * @property {Map<number, Elder>} elderOf by id
 * @property {Map<number, Visit>} visits by id
 * @property {[number, number]} hours the minutes of a day that are drawn
 */

/** Turn `{id: [1, 2], name: ["a", "b"]}` into `[{id: 1, name: "a"}, …]`. @param {Record<string, any[]>} columns @returns {any[]} */
function rows(columns) {
  const names = Object.keys(columns);
  return columns[names[0]].map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
}

/** @param {{id: number}[]} list @returns {Map<number, any>} */
const byId = (list) => new Map(list.map((each) => [each.id, each]));

/** @param {any} data the answer of `/api/v1/schedules/{id}/board` @returns {Board} */
export function decode(data) {
  const { at_work: _, contract_minutes: __, ...plain } = data.caregivers;
  /** @type {Caregiver[]} */
  const caregivers = rows(plain).map((each, i) => ({
    ...each,
    contract: data.caregivers.contract_minutes[i],
    atWork: data.caregivers.at_work[i],
  }));
  /** @type {Elder[]} */
  const elders = rows(data.elders);
  /** @type {Visit[]} */
  const visits = rows(data.visits).map((each) => ({
    ...each,
    elder: elders[each.elder],
    pinned: each.pinned === 1,
    caregivers: each.caregivers.map((/** @type {number} */ place) => caregivers[place]),
  }));
  return {
    schedule: data.schedule,
    closed: new Set(data.closed_days),
    towns: byId(rows(data.towns)),
    centres: byId(rows(data.centres)),
    caregivers,
    caregiverOf: byId(caregivers),
    elderOf: byId(elders),
    visits: byId(visits),
    hours: hoursOf(caregivers, visits),
  };
}

/** Return the whole hours between which anything happens. @param {Caregiver[]} caregivers @param {Visit[]} visits @returns {[number, number]} */
function hoursOf(caregivers, visits) {
  let [first, last] = [8 * 60, 17 * 60];
  for (const visit of visits) {
    if (visit.start === null) continue;
    first = Math.min(first, visit.start);
    last = Math.max(last, visit.start + visit.minutes);
  }
  for (const { atWork } of caregivers) {
    for (const [, begins, ends] of atWork ?? []) {
      first = Math.min(first, begins);
      last = Math.max(last, ends);
    }
  }
  return [Math.floor(first / 60) * 60, Math.ceil(last / 60) * 60];
}

/** Take over visits as the service shows them one by one. @param {Board} board @param {any[]} shown @returns {Board} */
export function withVisits(board, shown) {
  const visits = new Map(board.visits);
  for (const each of shown) {
    const old = visits.get(each.id);
    if (!old) continue;
    visits.set(each.id, {
      ...old,
      day: each.day === null ? null : daysBetween(board.schedule.monday, each.day),
      start: each.start_minute,
      pinned: each.pinned,
      reason: each.reason,
      caregivers: each.caregiver_ids.flatMap((/** @type {number} */ id) => board.caregiverOf.get(id) ?? []),
      travel: each.travel_minutes,
    });
  }
  return { ...board, visits };
}

/** @param {string} from @param {string} to */
function daysBetween(from, to) {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** Towns whose visits are the shown version's; in the others stands what is published there. @param {Board} board */
export function covered(board) {
  const { status, town_ids, holds_in } = board.schedule;
  return status === "published" ? holds_in : town_ids;
}

/** The version that plans a town's visits. @param {Board} board @param {number | undefined} town */
export function versionIn(board, town) {
  for (const visit of board.visits.values()) if (visit.elder.town === town) return visit.schedule;
  return board.schedule.id;
}

/** The versions that plan a caregiver's visits, and how many from one day to another; that with most of them first. @param {Board} board @param {number} caregiver @param {number} [from] @param {number} [until] @returns {[number, number][]} */
export function versionsOf(board, caregiver, from = 0, until = 6) {
  /** @type {Map<number, number>} */
  const counted = new Map();
  for (const visit of board.visits.values()) {
    if (visit.day === null || visit.day < from || visit.day > until || !visit.caregivers.some((each) => each.id === caregiver)) continue;
    counted.set(visit.schedule, (counted.get(visit.schedule) ?? 0) + 1);
  }
  return [...counted].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
}

/** The version to put right when a caregiver can't come: that with most of her visits, else what holds in her town. @param {Board} board @param {number} caregiver @param {number} from @param {number} until */
export function versionToRepair(board, caregiver, from, until) {
  return versionsOf(board, caregiver, from, until)[0]?.[0] ?? versionIn(board, board.caregiverOf.get(caregiver)?.town);
}

/** @type {WeakMap<Board, Set<Visit>>} */
const conflicts = new WeakMap();

/**
 * Visits at a time when who makes them is on leave, not at work, or elsewhere: what has changed since the week was
 * planned. The service's judge knows more rules; it is asked with each change, and when the week is published.
 * @param {Board} board
 */
export function conflictsOf(board) {
  const known = conflicts.get(board);
  if (known) return known;
  /** @type {Set<Visit>} */
  const found = new Set();
  /** @type {Map<Caregiver, Visit[]>} */
  const made = new Map();
  for (const visit of board.visits.values()) for (const each of visit.caregivers) made.set(each, [...(made.get(each) ?? []), visit]);
  for (const [caregiver, visits] of made) {
    const ordered = visits.sort(byTime);
    for (const [i, visit] of ordered.entries()) {
      if (!isFree(caregiver, visit)) found.add(visit);
      const next = ordered[i + 1];
      if (next && next.day === visit.day && (next.start ?? 0) < (visit.start ?? 0) + visit.minutes) found.add(visit).add(next);
    }
  }
  conflicts.set(board, found);
  return found;
}

/** @param {Caregiver} caregiver @param {Visit} visit */
function isFree(caregiver, visit) {
  const [start, end] = [visit.start ?? 0, (visit.start ?? 0) + visit.minutes];
  const taken = [...caregiver.leave, ...caregiver.elsewhere].some(([day, begins, ends]) => day === visit.day && begins < end && start < ends);
  const working = caregiver.atWork?.some(([day, begins, ends]) => day === visit.day && begins <= start && end <= ends) ?? true;
  return working && !taken;
}

/** In the order of the week; unallocated ones last. @param {Visit} a @param {Visit} b */
export function byTime(a, b) {
  return (a.day ?? 9) - (b.day ?? 9) || (a.start ?? 0) - (b.start ?? 0) || a.id - b.id;
}

/** What a caregiver does in the week, in minutes. @param {Visit[]} visits @param {Caregiver} caregiver */
export function load(visits, caregiver) {
  let [care, travel] = [0, 0];
  for (const visit of visits) {
    care += visit.minutes;
    travel += visit.travel[visit.caregivers.indexOf(caregiver)] ?? 0;
  }
  return { care, travel };
}
