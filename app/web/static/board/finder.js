// Finding a caregiver or an elder by a piece of the name, its pinyin or the number; what is typed goes in the
// body of the request, never into an address.
import { useEffect, useId, useState } from "preact/hooks";
import { call } from "../api.js";
import { Icon } from "../icons.js";
import { html, t } from "../page.js";
import { board, complain, look, view } from "./state.js";

/** @typedef {{kind: "caregiver" | "elder", id: number, name: string, number: string}} Found */

const AFTER = 200; // milliseconds without another letter
const EACH = 6;

export function Finder() {
  const [asked, setAsked] = useState("");
  const [found, setFound] = useState(/** @type {Found[] | null} */ (null));
  const [place, setPlace] = useState(0);
  const list = useId();
  useEffect(() => {
    const q = asked.trim();
    setFound(null);
    if (!q) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const ask = (/** @type {"caregiver" | "elder"} */ kind) =>
        call("POST", `/api/v1/${kind}s/search?limit=${EACH}`, { body: { q }, signal: stop.signal }).then(({ data }) =>
          data.items.map((/** @type {Found} */ each) => ({ kind, id: each.id, name: each.name, number: each.number })),
        );
      Promise.all([ask("caregiver"), ask("elder")]).then(
        (both) => {
          setFound(both.flat());
          setPlace(0);
        },
        (error) => stop.signal.aborted || complain(error),
      );
    }, AFTER);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked]);
  const choose = (/** @type {Found} */ one) => {
    setAsked("");
    look(one.kind === "caregiver" ? { caregiver: one.id, elder: null } : { elder: one.id, caregiver: null });
  };
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (!found?.length) return;
    if (event.key === "ArrowDown") setPlace((place + 1) % found.length);
    else if (event.key === "ArrowUp") setPlace((place + found.length - 1) % found.length);
    else if (event.key === "Enter") choose(found[place]);
    else if (event.key === "Escape") setAsked("");
    else return;
    event.preventDefault();
  };
  return html`<div class="finder">
    <${Icon} name="search" />
    <input
      type="search" role="combobox" aria-label=${t("find")} placeholder=${t("find")} maxlength="100" autocomplete="off"
      aria-autocomplete="list" aria-expanded=${found !== null} aria-controls=${list}
      aria-activedescendant=${found?.length ? `${list}-${place}` : undefined}
      value=${asked} onInput=${(/** @type {any} */ event) => setAsked(event.target.value)} onKeyDown=${pressed} />
    <ul id=${list} role="listbox" aria-label=${t("find.results")} hidden=${!found?.length}>
      ${found?.map(
        (one, i) => html`<li id=${`${list}-${i}`} role="option" aria-selected=${i === place} onMouseDown=${(/** @type {Event} */ event) => event.preventDefault()} onClick=${() => choose(one)}>
          <b>${one.name}</b> ${one.number} <span class="soft">${t(`find.${one.kind}`)}</span>
        </li>`,
      )}
    </ul>
    ${found?.length === 0 && html`<p class="nothing" role="status">${t("find.nothing")}</p>`}
    <${Chosen} />
  </div>`;
}

/** Who the board is narrowed to, and how to see everybody again. */
function Chosen() {
  const { caregiver, elder } = view.value;
  if (caregiver === null && elder === null) return null;
  const name = caregiver === null ? board.value?.elderOf.get(elder ?? 0)?.name : board.value?.caregiverOf.get(caregiver)?.name;
  return html`<span class="pill">
    ${name ?? t("find.not_here")}
    <button type="button" class="quiet" aria-label=${t("find.clear")} onClick=${() => look({ caregiver: null, elder: null })}><${Icon} name="close" /></button>
  </span>`;
}
