// The versions of a week side by side, and what is different between two.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api.js";
import { Dialog } from "../dialog.js";
import { hours, html, moment, percent, t, tenths, whole } from "../page.js";
import { forget } from "./moving.js";
import { board, complain, opened, openSchedule, readVersions, versions } from "./state.js";

/** @typedef {import("./model.js").Schedule} Schedule */

const AT_MOST = 4;

/** @type {[string, (one: Schedule) => string][]} */
const FIGURES = [
  ["figure.placed", ({ figures }) => (figures ? `${hours(figures.placed_minutes)} / ${hours(figures.due_minutes)}` : "–")],
  ["figure.unallocated", ({ figures }) => (figures ? whole(figures.visits_unallocated) : "–")],
  ["figure.elders_short", ({ figures }) => (figures ? whole(figures.elders_short) : "–")],
  ["figure.usual", ({ figures }) => (figures?.usual_share == null ? "–" : percent(figures.usual_share))],
  ["figure.kilometres", ({ figures }) => (figures ? tenths(figures.kilometres) : "–")],
  ["figure.violations", ({ figures }) => (figures ? whole(figures.violations) : "–")],
  ["figure.cost", ({ cost }) => (cost.total === undefined ? "–" : whole(cost.total))],
  ["figure.gap", ({ gap }) => (gap === null ? t("figure.gap.none") : t("figure.gap.is", { share: tenths(gap * 100) }))],
];

export function DraftsDialog() {
  const [shown, setShown] = useState(/** @type {Schedule[]} */ ([]));
  const [changed, setChanged] = useState(/** @type {Record<string, any> | null} */ (null));
  const close = () => (opened.value = "");
  const listed = versions.value.filter((one) => ["draft", "published", "superseded"].includes(one.status)).slice(0, AT_MOST);
  const ids = listed.map((one) => one.id).join();
  useEffect(() => {
    Promise.all(listed.map((one) => call("GET", `/api/v1/schedules/${one.id}`))).then(
      (all) => setShown(all.map(({ data }) => data)),
      complain,
    );
  }, [ids]);
  const here = board.value?.schedule.id;
  const open = (/** @type {Schedule} */ one) => async () => {
    close();
    forget();
    await openSchedule(one.id).catch(complain);
  };
  const compare = (/** @type {Schedule} */ one) => () =>
    call("GET", `/api/v1/schedules/${here}/compare?with=${one.id}&limit=1`).then(({ data }) => setChanged(data), complain);
  const discard = (/** @type {Schedule} */ one) => async () => {
    try {
      await call("DELETE", `/api/v1/schedules/${one.id}`, { ifMatch: `"${one.version}"` });
      await readVersions();
    } catch (error) {
      complain(error);
    }
  };
  return html`<${Dialog} title=${t("drafts.title", { week: board.value?.schedule.week ?? "" })} onClose=${close} wide>
    ${!shown.length && html`<p class="soft">${t(listed.length ? "wait" : "drafts.none")}</p>`}
    <div class="scroll" tabindex="0" role="region" aria-label=${t("drafts.table")}>
      <table class="versions">
        <thead>
          <tr>
            <th scope="col">${t("drafts.version")}</th>
            ${shown.map(
              (one) => html`<th scope="col" class=${one.id === here ? "here" : ""}>
                #${one.id} · ${t(`status.${one.status}`)}<br /><span class="soft">${moment(one.created_at)}${one.note ? ` · ${one.note}` : ""}</span>
              </th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${FIGURES.map(([name, value]) => html`<tr><th scope="row">${t(name)}</th>${shown.map((one) => html`<td>${value(one)}</td>`)}</tr>`)}
          <tr>
            <th scope="row">${t("drafts.do")}</th>
            ${shown.map(
              (one) => html`<td class="buttons">
                ${one.id === here
                  ? html`<em>${t("drafts.open_now")}</em>`
                  : html`<button type="button" onClick=${open(one)}>${t("drafts.open")}</button>
                      <button type="button" onClick=${compare(one)}>${t("drafts.compare")}</button>
                      ${one.status === "draft" && html`<button type="button" class="quiet" onClick=${discard(one)}>${t("drafts.discard")}</button>`}`}
              </td>`,
            )}
          </tr>
        </tbody>
      </table>
    </div>
    ${changed && html`<${Changes} changed=${changed} />`}
  <//>`;
}

/** @param {{changed: Record<string, any>}} props */
function Changes({ changed }) {
  const counts = Object.entries(changed.counts).filter(([, n]) => Number(n) > 0);
  return html`<section role="status">
    <h3>${t("compare.title", { from: changed.from_id, to: changed.to_id })}</h3>
    <p>${t("compare.sum", { changed: changed.changed, unchanged: changed.unchanged, elders: changed.elders_changed })}</p>
    <ul>${counts.map(([kind, n]) => html`<li>${t(`change.${kind}`, { n: Number(n) })}</li>`)}</ul>
  </section>`;
}
