// One sentence at the bottom of the page: what was done, or what went wrong.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Icon } from "./icons.js";
import { html, t } from "./page.js";

/** @typedef {{text: string, kind: "good" | "bad", action?: {label: string, run: () => void}}} Told */

const SECONDS = 8;

/** @type {import("@preact/signals").Signal<Told | null>} */
export const toast = signal(null);

/** @param {Told} told */
export function tell(told) {
  toast.value = told;
}

/** Show what went wrong. @param {unknown} error @param {Told["action"]} [action] */
export function complain(error, action) {
  const sentence = error instanceof Error && "sentence" in error ? String(error.sentence) : null;
  if (sentence === null) throw error;
  tell({ text: sentence, kind: "bad", action });
}

export function Toast() {
  const told = toast.value;
  useEffect(() => {
    if (!told || told.kind === "bad") return undefined;
    const timer = setTimeout(() => (toast.value = null), SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [told]);
  const act = () => {
    toast.value = null;
    told?.action?.run();
  };
  return html`<div class="toasts" role=${told?.kind === "bad" ? "alert" : "status"}>
    ${told &&
    html`<p class=${`toast ${told.kind}`}>
      <${Icon} name=${told.kind === "bad" ? "warn" : "placed"} /><span>${told.text}</span>
      ${told.action && html`<button type="button" onClick=${act}>${told.action.label}</button>`}
      <button type="button" class="quiet" aria-label=${t("close")} onClick=${() => (toast.value = null)}><${Icon} name="close" /></button>
    </p>`}
  </div>`;
}
