// Calls of the service: every answer that isn't what was asked for becomes a Problem with a sentence.
import { signal } from "@preact/signals";
import { lang, t } from "./page.js";

/** Whether the session is over; the page then asks for the password again and loses nothing. */
export const sessionEnded = signal(false);

const tag = /** @type {HTMLMetaElement | null} */ (document.querySelector("meta[name=token]"));
let token = tag?.content ?? "";

/**
 * What `application/problem+json` says.
 * @typedef {object} Told
 * @property {string} type
 * @property {string} title
 * @property {string} detail
 * @property {string} [detail_zh]
 * @property {{field: string, expected: string, expected_zh?: string}[]} [errors]
 * @property {{rule: string, words: string, visit_id: number | null, caregiver_id: number | null, day: number | null}[]} [violations]
 * @property {Record<string, number>} [cost_change]
 * @property {any} [report] of an import
 */

export class Problem extends Error {
  /** @param {number} status 0: no connection @param {Told} told */
  constructor(status, told) {
    super(told.detail || told.title);
    this.status = status;
    this.told = told;
  }

  /** The kind, such as `stale`. */
  get kind() {
    return this.told.type.split(":").pop() ?? "";
  }

  /** One sentence for the person at the screen. */
  get sentence() {
    if (this.status === 0) return t("problem.connection");
    if (this.status === 412) return t("problem.stale");
    if (this.status === 403) return t("problem.forbidden");
    if (this.status === 404) return t("problem.gone");
    if (this.status === 429) return t("problem.attempts");
    if (this.status >= 500) return t("problem.unexpected");
    const fields = (this.told.errors ?? []).map((each) => `${each.field.split(".").pop()}: ${lang === "zh" && each.expected_zh ? each.expected_zh : each.expected}`);
    if (lang === "zh" && this.told.detail_zh) return t("problem.refused", { detail: this.told.detail_zh });
    const detail = fields.length ? fields.join("; ") : this.told.detail;
    return lang === "zh" ? t("problem.refused", { detail }) : detail;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{body?: unknown, ifMatch?: string, signal?: AbortSignal}} [more]
 * @returns {Promise<{data: any, etag: string}>}
 */
export async function call(method, path, { body, ifMatch, signal: stop } = {}) {
  /** @type {Record<string, string>} */
  const headers = {};
  const file = body instanceof FormData;
  if (body !== undefined && !file) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-Jiuling-Token"] = token;
  if (ifMatch !== undefined) headers["If-Match"] = ifMatch;
  let answer;
  try {
    answer = await fetch(path, { method, headers, signal: stop, body: file || body === undefined ? body : JSON.stringify(body) });
  } catch (error) {
    if (stop?.aborted) throw error;
    throw new Problem(0, { type: "connection", title: "", detail: t("problem.connection") });
  }
  if (!answer.ok) throw await told(answer, path);
  const data = answer.status === 204 ? null : await answer.json();
  return { data, etag: answer.headers.get("ETag") ?? "" };
}

/** @param {Response} answer @param {string} path */
async function told(answer, path) {
  if (answer.status === 401 && !path.endsWith("/auth/session")) sessionEnded.value = true;
  const fallback = { type: "unknown", title: answer.statusText, detail: "" };
  const found = await answer.json().catch(() => fallback);
  return new Problem(answer.status, { ...fallback, ...found });
}

/** Sign this browser in; later changes carry the new session's token.
 * @param {string} username @param {string} password */
export async function signIn(username, password) {
  const { data } = await call("POST", "/api/v1/auth/session", { body: { username, password } });
  token = data.token;
  sessionEnded.value = false;
  return data;
}

export async function signOut() {
  await call("POST", "/api/v1/auth/revoke").catch((/** @type {Problem} */ problem) => {
    if (problem.status !== 401) throw problem;
  });
  location.assign("/sign-in");
}
