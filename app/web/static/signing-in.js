// Name and password: on the sign-in page, and over any page whose session has ended.
import { useState } from "preact/hooks";
import { Problem, signIn } from "./api.js";
import { Dialog } from "./dialog.js";
import { html, t } from "./page.js";

/** @param {{onDone: (signedIn: {user_id: number}) => void}} props */
export function SignInForm({ onDone }) {
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const send = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    setBusy(true);
    try {
      const signedIn = await signIn(String(fields.get("username")).trim(), String(fields.get("password")));
      setWrong("");
      onDone(signedIn);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setWrong(error.status === 401 || error.status === 422 ? t("sign-in.wrong") : error.sentence);
    } finally {
      setBusy(false);
    }
  };
  return html`<form class="sign-in-form" onSubmit=${send}>
    <label>${t("sign-in.name")}<input name="username" autocomplete="username" required maxlength="64" autofocus /></label>
    <label
      >${t("sign-in.password")}<input
        name="password"
        type="password"
        autocomplete="current-password"
        required
        maxlength="200"
    /></label>
    <p class="wrong" role="alert">${wrong}</p>
    <button class="main" disabled=${busy}>${busy ? t("wait") : t("sign-in.do")}</button>
  </form>`;
}

/** The same over a page whose session has ended; nothing on the page is lost. @param {{onDone: () => void}} props */
export function SignInDialog({ onDone }) {
  return html`<${Dialog} title=${t("session.again")} onClose=${() => {}} fixed>
    <p>${t("session.kept")}</p>
    <${SignInForm} onDone=${onDone} />
  <//>`;
}
