// The dispatcher's board: put together here, drawn by board/*.
import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { call, Problem, sessionEnded } from "./api.js";
import { DraftsDialog } from "./board/drafts.js";
import { change, judged, late, makers, movedWords, moveTo, priced, redo, settle, undo } from "./board/moving.js";
import { Panel } from "./board/panel.js";
import { PlanDialog, ProgressBar } from "./board/plan.js";
import { ProofStrip } from "./board/proof.js";
import { PublishDialog } from "./board/publish.js";
import { happened, mayRepair, RepairDialog } from "./board/repair.js";
import { rowsOf } from "./board/rows.js";
import { board, complain, loading, mayEdit, opened, openSchedule, openWeek, readVersions, refusal, selected, tell, toast, versions, view, watched } from "./board/state.js";
import { Timeline } from "./board/timeline.js";
import { Figures, Filters, TopBar } from "./board/toolbar.js";
import { UnderstandDialog } from "./board/understand.js";
import { Dialog } from "./dialog.js";
import { Icon } from "./icons.js";
import { html, known, lang, render, t } from "./page.js";
import { SignInDialog } from "./signing-in.js";
import { Toast } from "./toast.js";

const ALL_DAYS = [0, 1, 2, 3, 4, 5, 6];

/** @type {import("./board/timeline.js").Handlers} */
const handlers = {
  onOpen: (visit) => (selected.value = visit.id),
  onDrop: (visit, from, to) => {
    selected.value = visit.id;
    const who = makers(visit, from.caregiver, to.row.caregiver);
    if (!who.length) return;
    void change(visit, moveTo(visit, to.day, to.start, who), movedWords(visit, to.day, to.start, who));
  },
  onLeaveOut: (visit) => {
    void change(visit, [{ unallocate: { visit_id: visit.id } }], t("left_out", { elder: visit.elder.name }));
  },
  onCaregiver: (row, day) => {
    if (mayRepair(board.value)) happened.value = { caregiver: row.caregiver, ...(day === null ? {} : { day }) };
  },
  onElder: (id) => {
    const elder = board.value?.elderOf.get(id);
    if (elder && mayRepair(board.value)) happened.value = { elder };
  },
  isBeside: (visit) => board.value?.schedule.status === "draft" && visit.schedule !== board.value.schedule.id,
  onHover: async (visit, from, to) => {
    const who = makers(visit, from?.caregiver, to.row.caregiver);
    if (!who.length) return null;
    try {
      const verdict = await judged(moveTo(visit, to.day, to.start, who));
      const words = verdict.allowed ? priced(verdict.change) : verdict.lines.slice(0, 3).join("\n");
      return { allowed: verdict.allowed, words };
    } catch (error) {
      if (error instanceof Problem) return null; // told when it is let go
      throw error;
    }
  },
};

function Week() {
  const root = useRef(/** @type {HTMLDivElement | null} */ (null));
  const editing = mayEdit.value;
  useEffect(() => {
    const element = /** @type {HTMLDivElement} */ (root.current);
    const timeline = new Timeline(element, handlers, editing);
    const showing = effect(() => {
      if (!board.value) return;
      element.classList.toggle("callable", mayRepair(board.value));
      const { rows, unallocated } = rowsOf(board.value, view.value);
      const { hours, closed, schedule } = board.value;
      const days = view.value.zoom === "day" ? [view.value.day] : ALL_DAYS;
      timeline.show({ rows, unallocated, hours, days, monday: schedule.monday, closed });
      requestAnimationFrame(() => setTimeout(() => performance.mark("board-painted"))); // `bench board` reads it
    });
    const marking = effect(() => timeline.select(selected.value));
    return () => {
      showing();
      marking();
      timeline.close();
    };
  }, [editing, board.value === null]);
  return html`<div ref=${root}></div>`;
}

/** The map's parts are fetched when somebody looks at it. */
function Place() {
  const [stage, setStage] = useState(/** @type {{Stage: any} | null} */ (null));
  useEffect(() => {
    import("./map/map.js").then((module) => setStage({ Stage: module.MapStage }), () => complain(new Problem(0, { type: "connection", title: "", detail: "" })));
    if (document.querySelector("link[data-map]")) return;
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL("./vendor/leaflet/dist/leaflet.css", import.meta.url).href;
    style.dataset.map = "";
    document.head.append(style);
  }, []);
  return stage ? html`<${stage.Stage} />` : html`<p class="empty" role="status">${t("wait")}</p>`;
}

function Empty() {
  if (loading.value) return html`<p class="empty" role="status">${t("wait")}</p>`;
  if (watched.value !== null) return null; // the bar above tells how far it is
  return html`<section class="empty">
    <h2>${t("empty.title", { week: view.value.week })}</h2>
    <p>${t(known.edits ? "empty.what" : "empty.reading")}</p>
    ${known.edits && html`<button type="button" class="main" onClick=${() => (opened.value = "plan")}>${t("plan.button")}</button>`}
  </section>`;
}

function Dialogs() {
  if (sessionEnded.value) return html`<${SignInDialog} onDone=${() => (toast.value = null)} />`;
  if (late.value) {
    const mine = late.value.edits.length > 0;
    return html`<${Dialog} title=${t("conflict.title")} onClose=${() => settle(false)}>
      <p>${t("conflict.what")}</p>
      <p><strong>${t("conflict.mine", { what: late.value.words })}</strong></p>
      <footer>
        <button type="button" class=${mine ? "" : "main"} onClick=${() => settle(false)}>${t("conflict.theirs")}</button>
        ${mine && html`<button type="button" class="main" onClick=${() => settle(true)}>${t("conflict.again")}</button>`}
      </footer>
    <//>`;
  }
  if (refusal.value) {
    return html`<${Dialog} title=${refusal.value.title} onClose=${() => (refusal.value = null)}>
      <p>${t("refused.what")}</p>
      <ul class="rules">${refusal.value.lines.map((line) => html`<li><${Icon} name="warn" /> ${line}</li>`)}</ul>
      <footer><button type="button" class="main" onClick=${() => (refusal.value = null)}>${t("understood")}</button></footer>
    <//>`;
  }
  if (happened.value) return html`<${RepairDialog} />`;
  if (opened.value === "understand") return html`<${UnderstandDialog} />`;
  if (opened.value === "plan") return html`<${PlanDialog} />`;
  if (opened.value === "drafts") return html`<${DraftsDialog} />`;
  if (opened.value === "publish") return html`<${PublishDialog} />`;
  return null;
}

function Legend() {
  return html`<p class="legend" aria-hidden="true">
    ${["placed", "pinned", "two"].map((name) => html`<span class=${`state ${name}`}><${Icon} name=${name} /> ${t(`state.${name}`)}</span>`)}
    <span><i class="swatch work"></i>${t("legend.work")}</span><span><i class="swatch leave"></i>${t("board.leave")}</span>
    <span><i class="swatch meal"></i>${t("legend.meal")}</span><span><i class="swatch way"></i>${t("legend.travel")}</span>
  </p>`;
}

function MapLegend() {
  return html`<p class="legend" aria-hidden="true">
    ${["elder", "centre", "guidance"].map((name) => html`<span><i class=${`swatch ${name}`}></i>${t(`legend.${name}`)}</span>`)}
  </p>`;
}

function BoardPage() {
  const some = board.value !== null;
  return html`<${TopBar} />
    <main>
      ${some && html`<${Figures} />`}
      <${ProgressBar} />
      <${ProofStrip} />
      ${some && html`<${Filters} />`}
      <div class="stage">
        ${!some ? html`<${Empty} />` : view.value.rows === "map" ? html`<${Place} />` : html`<${Week} />`}
        <${Panel} />
      </div>
      ${view.value.rows === "map" ? html`<${MapLegend} />` : html`<${Legend} />`}
    </main>
    <${Toast} />
    <${Dialogs} />`;
}

addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
  if (typing || !(event.ctrlKey || event.metaKey) || !mayEdit.value) return;
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  void (key === "y" || event.shiftKey ? redo() : undo());
});
// A menu closes when one goes elsewhere.
addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!(event.target instanceof Node && menu.contains(event.target) && !(event.target instanceof HTMLAnchorElement))) menu.removeAttribute("open");
  }
});

/** Another visit for an elder whom the roster's page sent here, who may have none yet. @param {string} id */
async function addFor(id) {
  const published = versions.value.find((each) => each.status === "published"); // it shows what holds in all towns
  if (published && board.value?.schedule.id !== published.id) await openSchedule(published.id);
  if (mayRepair(board.value)) happened.value = { elder: (await call("GET", `/api/v1/elders/${id}`)).data };
  else tell({ text: t("adding.unpublished"), kind: "bad" });
}

const [shown, wanted] = [view.value.schedule, new URLSearchParams(location.search).get("add")];
(shown === null ? openWeek(view.value.week) : openSchedule(shown).then(readVersions))
  .then(() => (wanted !== null && /^\d{1,15}$/.test(wanted) ? addFor(wanted) : undefined))
  .catch((error) => {
    loading.value = false;
    complain(error);
  });
document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
render(html`<${BoardPage} />`, /** @type {HTMLElement} */ (document.getElementById("page")));
