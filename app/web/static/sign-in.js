// The sign-in page.
import { html, known, lang, render, switchLanguage, t } from "./page.js";
import { SignInForm } from "./signing-in.js";

function SignInPage() {
  const other = lang === "zh" ? "en" : "zh";
  return html`<main class="door">
    <section class="card">
      <h1><span class="mark" aria-hidden="true">九</span>${t("product")}</h1>
      <p class="soft">${t("sign-in.what")}</p>
      ${known.ended && html`<p class="note" role="status">${t("session.ended")}</p>`}
      <${SignInForm} onDone=${() => location.assign("/")} />
      <button type="button" class="link" lang=${other === "zh" ? "zh-CN" : "en"} onClick=${() => switchLanguage(other)}>
        ${t("language.other")}
      </button>
    </section>
  </main>`;
}

render(html`<${SignInPage} />`, /** @type {HTMLElement} */ (document.getElementById("page")));
