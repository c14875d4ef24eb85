// The roster: lists of elders, caregivers and centres, and a page for each of them.
import { useEffect, useState } from "preact/hooks";
import { Problem, sessionEnded } from "./api.js";
import { html, known, render, t } from "./page.js";
import { List } from "./record/listing.js";
import { readPlaces } from "./record/words.js";
import { CAREGIVER, CAREGIVERS } from "./roster/caregivers.js";
import { CENTRE, CENTRES, TOWNS, VILLAGES } from "./roster/centres.js";
import { ELDER, ELDERS } from "./roster/elders.js";
import { Record } from "./roster/record.js";
import { SignInDialog } from "./signing-in.js";
import { Toast, toast } from "./toast.js";

const LISTS = { elders: ELDERS, caregivers: CAREGIVERS, centres: CENTRES, towns: TOWNS, villages: VILLAGES };
const RECORDS = { elder: ELDER, caregiver: CAREGIVER, centre: CENTRE };

/** What the address asks for: a record by its number in the database, or a list. */
function asked() {
  const address = new URLSearchParams(location.search);
  for (const [name, of] of Object.entries(RECORDS)) {
    const id = address.get(name) ?? "";
    if (/^\d{1,15}$/.test(id)) return { list: of.list.title, record: { of, id: Number(id) } };
  }
  const list = address.get("list") ?? "";
  return { list: list in LISTS ? list : "elders", record: null };
}

function Roster() {
  const [ready, setReady] = useState(false);
  const [wrong, setWrong] = useState("");
  const [round, setRound] = useState(0);
  const { list, record } = asked();
  useEffect(() => {
    if (ready || sessionEnded.value) return;
    readPlaces("towns", "villages", "centres").then(
      () => setReady(true),
      (error) => {
        if (!(error instanceof Problem)) throw error;
        setWrong(error.status === 0 ? t("list.connection") : error.sentence);
      },
    );
  }, [round, sessionEnded.value]);
  const shown = record ? html`<${Record} of=${record.of} id=${record.id} />` : html`<${List} main of=${LISTS[/** @type {keyof typeof LISTS} */ (list)]} edits=${known.edits === true} />`;
  const waiting = wrong ? html`<p class="note" role="alert">${wrong} <button type="button" onClick=${() => setRound(round + 1)}>${t("again")}</button></p>` : html`<p class="soft" role="status">${t("wait")}</p>`;
  return html`<nav class="tabs" aria-label=${t("nav.roster")}>
      ${Object.keys(LISTS).map((name) => html`<a href=${`/roster?list=${name}`} aria-current=${name === list ? (record ? "true" : "page") : undefined}>${t(`list.${name}`)}</a>`)}
    </nav>
    <main>${ready ? shown : waiting}</main>
    <${Toast} />
    ${sessionEnded.value && html`<${SignInDialog} onDone=${() => (toast.value = null)} />`}`;
}

render(html`<${Roster} />`, /** @type {HTMLElement} */ (document.getElementById("page")));
