// The browser's own dialog: it keeps the focus, ends with Escape, and gives the focus back.
import { useEffect, useId, useRef } from "preact/hooks";
import { Icon } from "./icons.js";
import { html, t } from "./page.js";

/**
 * @param {{title: string, onClose: () => void, children?: any, wide?: boolean, fixed?: boolean}} props
 * `fixed`: it can't be closed without an answer.
 */
export function Dialog({ title, onClose, children, wide = false, fixed = false }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const heading = useId();
  useEffect(() => {
    const shown = element.current;
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    if (shown && !shown.open) shown.showModal();
    return () => {
      if (before?.isConnected) before.focus();
    };
  }, []);
  const leave = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!fixed) onClose();
  };
  // A browser closes a dialog at the second Escape, whatever the page says to it.
  const closed = () => {
    element.current?.showModal();
    if (!fixed) onClose();
  };
  return html`<dialog ref=${element} class=${wide ? "wide" : ""} aria-labelledby=${heading} onCancel=${leave} onClose=${closed}>
    <header>
      <h2 id=${heading}>${title}</h2>
      ${!fixed &&
      html`<button type="button" class="quiet" aria-label=${t("close")} onClick=${onClose}><${Icon} name="close" /></button>`}
    </header>
    ${children}
  </dialog>`;
}
