// The navigation that the shell has drawn: its two buttons.
import { Problem, signOut } from "./api.js";
import { switchLanguage } from "./page.js";

const language = /** @type {HTMLButtonElement | null} */ (document.querySelector(".site .switch-language"));
language?.addEventListener("click", () => switchLanguage(language.value === "zh" ? "zh" : "en"));

const leave = /** @type {HTMLButtonElement | null} */ (document.querySelector(".site .sign-out"));
leave?.addEventListener("click", async () => {
  try {
    await signOut();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const told = document.createElement("span");
    told.setAttribute("role", "alert");
    told.textContent = error.sentence;
    leave.before(told);
  }
});
