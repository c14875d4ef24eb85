// The browser's own dialog: it keeps the focus, ends with Escape, and gives the focus back.
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./icons.js";
import { html, t } from "./page.js";

/**
 * @param {{title: string, onClose: () => void, children?: any, wide?: boolean, fixed?: boolean}} props
 * `fixed`: it can't be closed without an answer.
 */
export function Dialog({ title, onClose, children, wide = false, fixed = false }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const heading = useId();
  // Of the layout: before the next key is pressed, the focus is where it was.
  useLayoutEffect(() => {
    const shown = element.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  const leave = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!fixed) onClose();
  };
  // A browser closes a dialog at the second Escape, whatever the page says to it.
  const closed = () => {
    if (!element.current) return; // taken away by the page
    element.current.showModal();
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
