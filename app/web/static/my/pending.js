// Check-ins and check-outs that wait for a network: kept on the phone with their time, and sent in their order.
// A phone may be shared: what one caregiver has noted waits until she signs in again.
import { computed, signal } from "@preact/signals";
import { call, Problem } from "../api.js";
import { known } from "../page.js";

/** @typedef {{key: string, which: "in" | "out", at: string, elder: string, by: number, who: string}} Pending `by`: the account; `who`: her name */

const KEPT = "jiuling-my-checks";

/** @returns {Pending[]} */
function read() {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) || "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

/** @type {import("@preact/signals").Signal<Pending[]>} everybody's */
const kept = signal(read());
const me = known.user || { id: 0, name: "" };

/** @param {Pending} one */
const isMine = (one) => one.by === me.id;
/** Those of who is signed in. */
export const pending = computed(() => kept.value.filter(isMine));
/** Whose others wait, and how many. @type {import("@preact/signals").ReadonlySignal<Map<string, number>>} */
export const others = computed(() => {
  const found = new Map();
  for (const one of kept.value) if (!isMine(one)) found.set(one.who, (found.get(one.who) || 0) + 1);
  return found;
});
let sending = false;

/** @param {Pending[]} left */
function keep(left) {
  kept.value = left;
  if (left.length) localStorage.setItem(KEPT, JSON.stringify(left));
  else localStorage.removeItem(KEPT);
}

/** @param {string} key @param {"in" | "out"} which @param {string} elder */
export function note(key, which, elder) {
  keep([...kept.value, { key, which, elder, at: new Date().toISOString(), by: me.id, who: me.name }]);
}

/**
 * Send what is hers, one after the other; what the service refuses for good is told, and not sent again.
 * @param {(one: Pending, problem: Problem) => void} refused
 */
export async function send(refused) {
  if (sending) return;
  sending = true;
  try {
    while (pending.value.length) {
      const [one] = pending.value;
      try {
        await call("POST", `/api/v1/me/visits/${one.key}/check-${one.which}`, { body: { at: one.at } });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (error.status === 0 || error.status === 401 || error.status === 429 || error.status >= 500) return;
        // Somebody else has signed in beside this page: it is hers from now on.
        if (error.kind === "not-from-the-page") return location.reload();
        refused(one, error);
      }
      keep(kept.value.filter((each) => each !== one));
    }
  } finally {
    sending = false;
  }
}
