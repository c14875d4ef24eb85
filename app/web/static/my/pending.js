// Check-ins and check-outs that wait for a network: kept on the phone with their time, and sent in their order.
import { signal } from "@preact/signals";
import { call, Problem } from "../api.js";

/** @typedef {{key: string, which: "in" | "out", at: string, elder: string}} Pending */

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

/** @type {import("@preact/signals").Signal<Pending[]>} */
export const pending = signal(read());
let sending = false;

/** @param {Pending[]} left */
function keep(left) {
  pending.value = left;
  if (left.length) localStorage.setItem(KEPT, JSON.stringify(left));
  else localStorage.removeItem(KEPT);
}

/** @param {string} key @param {"in" | "out"} which @param {string} elder */
export function note(key, which, elder) {
  keep([...pending.value, { key, which, elder, at: new Date().toISOString() }]);
}

/**
 * Send what waits, one after the other; what the service refuses for good is told, and not sent again.
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
        refused(one, error);
      }
      keep(pending.value.slice(1));
    }
  } finally {
    sending = false;
  }
}
