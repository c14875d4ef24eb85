// The week on a map: towns, centres, elders, the routes of chosen caregivers, and who has no visit yet. It is fetched
// when it is looked at, and works without tiles. Who can't see it has the same in the list beside it.
import "leaflet";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { call } from "../api.js";
import { byTime } from "../board/model.js";
import { inPlace, wanted, wantedCaregiver } from "../board/rows.js";
import { board, complain, look, selected, view } from "../board/state.js";
import { clock, html, isoDay, known, lang, shortDay, t, weekday } from "../page.js";

/** @typedef {import("../board/model.js").Visit} Visit */
/** @typedef {import("../board/model.js").Caregiver} Caregiver */
/** @typedef {[number, number]} Degrees */
/**
 * @typedef {object} Places
 * @property {boolean} exact
 * @property {{id: number[], area: Degrees[][]}} towns
 * @property {{id: number[], at: Degrees[], name: string[], kind: string[]}} centres
 * @property {{id: number[], at: Degrees[]}} elders
 * @property {{id: number[], at: Degrees[]}} caregivers
 */
/** @typedef {{caregiver: Caregiver, days: Map<number, Visit[]>, visits: number}} Route */

const L = /** @type {any} */ (globalThis).L;
const COLOURS = 8; // classes c0 to c7 of board.css
const AT_FIRST = 3; // routes that are drawn before anybody chooses
const DASHES = ["", "8 5", "2 5", "12 4 2 4"]; // so that no route is told by its colour alone
const SPARE = 24; // pixels around what is shown
const YIWU = /** @type {Degrees} */ ([29.3, 120.07]);

export function MapStage() {
  const shown = board.value;
  const [places, setPlaces] = useState(/** @type {Places | null} */ (null));
  const [chosen, setChosen] = useState(/** @type {Set<number> | null} */ (null));
  const id = shown?.schedule.id;
  useEffect(() => {
    setPlaces(null);
    call("GET", `/api/v1/schedules/${id}/map?datum=${known.tiles?.datum ?? "wgs84"}`).then(({ data }) => setPlaces(data), complain);
  }, [id]);
  const routes = useMemo(() => (shown ? routesOf(shown, view.value) : []), [shown, view.value]);
  if (!shown) return null;
  const picked = new Set(chosen ?? routes.slice(0, AT_FIRST).map((route) => route.caregiver.id));
  const drawn = routes.filter((route) => picked.has(route.caregiver.id));
  const unallocated = [...shown.visits.values()].filter((visit) => visit.day === null && inPlace(visit.elder, view.value));
  const pick = (/** @type {number} */ caregiver) => {
    if (!picked.delete(caregiver)) picked.add(caregiver);
    setChosen(picked);
  };
  return html`<section class="map" aria-label=${t("map.title")}>
    <div class="map-list">
      ${places && !places.exact && html`<p class="note">${t("map.masked")}</p>`}
      <${Unallocated} visits=${unallocated} />
      <h2>${t("map.routes")}</h2>
      <p class="buttons">
        <button type="button" class="link" onClick=${() => setChosen(new Set(routes.map((route) => route.caregiver.id)))}>${t("map.all")}</button>
        <button type="button" class="link" onClick=${() => setChosen(new Set())}>${t("map.none")}</button>
      </p>
      ${!routes.length && html`<p class="soft">${t("map.nobody")}</p>`}
      <ul>
        ${routes.map((route) => html`<${RouteLine} key=${route.caregiver.id} route=${route} place=${drawn.indexOf(route)} onPick=${pick} monday=${shown.schedule.monday} />`)}
      </ul>
      <p class="soft">${t("map.areas")}</p>
    </div>
    ${places ? html`<${Canvas} places=${places} drawn=${drawn} unallocated=${unallocated} />` : html`<p class="empty" role="status">${t("wait")}</p>`}
  </section>`;
}

/** @param {{visits: Visit[]}} props */
function Unallocated({ visits }) {
  return html`<h2>${t("board.unallocated")} <span class=${visits.length ? "count some" : "count"}>${visits.length}</span></h2>
    <p class="names">${visits.map((visit) => html`<button type="button" class="link" onClick=${() => (selected.value = visit.id)}>${visit.elder.name}</button>`)}</p>`;
}

/** A caregiver, whether her way is drawn, and where it leads. @param {{route: Route, place: number, onPick: (id: number) => void, monday: string}} props */
function RouteLine({ route, place, onPick, monday }) {
  const { caregiver } = route;
  return html`<li>
    <label class="choice">
      <input type="checkbox" checked=${place >= 0} onChange=${() => onPick(caregiver.id)} />
      <i class=${place >= 0 ? `dot c${place % COLOURS}` : "dot"}></i> ${caregiver.name} <span class="soft">${t("row.elder", { n: route.visits })}</span>
    </label>
    ${place >= 0 &&
    [...route.days].map(
      ([day, visits]) => html`<p class="soft">${weekday(isoDay(monday, day))} ${shortDay(isoDay(monday, day))}</p>
        <ol>${visits.map((visit) => html`<li><button type="button" class="link" onClick=${() => (selected.value = visit.id)}>${clock(visit.start ?? 0)} ${visit.elder.name}</button></li>`)}</ol>`,
    )}
  </li>`;
}

/** The ways of a day, or of the whole week. @param {import("../board/model.js").Board} shown @param {import("../board/state.js").View} how @returns {Route[]} */
function routesOf(shown, how) {
  /** @type {Map<Caregiver, Visit[]>} */
  const made = new Map();
  for (const visit of shown.visits.values()) {
    if (visit.day === null || (how.zoom === "day" && visit.day !== how.day) || !wanted(shown, visit, how)) continue;
    for (const each of visit.caregivers) made.set(each, [...(made.get(each) ?? []), visit]);
  }
  return shown.caregivers.flatMap((caregiver) => {
    const visits = made.get(caregiver)?.sort(byTime);
    if (!visits || !wantedCaregiver(caregiver, how)) return [];
    /** @type {Map<number, Visit[]>} */
    const days = new Map();
    for (const visit of visits) days.set(visit.day ?? 0, [...(days.get(visit.day ?? 0) ?? []), visit]);
    return [{ caregiver, days, visits: visits.length }];
  });
}

/** @param {{places: Places, drawn: Route[], unallocated: Visit[]}} props */
function Canvas({ places, drawn, unallocated }) {
  const element = useRef(/** @type {HTMLDivElement | null} */ (null));
  const held = useRef(/** @type {{lines: any, over: any} | null} */ (null));
  const where = useMemo(() => ({ elders: atOf(places.elders), caregivers: atOf(places.caregivers) }), [places]);
  useEffect(() => {
    const map = L.map(element.current, { preferCanvas: true, zoomControl: false, attributionControl: Boolean(known.tiles), zoomSnap: 0.5 });
    L.control.zoom({ zoomInTitle: t("map.in"), zoomOutTitle: t("map.out") }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    if (known.tiles) {
      map.attributionControl.setPrefix(false);
      const credit = document.createElement("span");
      credit.textContent = known.tiles.credit;
      L.tileLayer(known.tiles.address, { maxZoom: 19, attribution: credit.innerHTML }).addTo(map);
    }
    ground(map, places, where.elders, layer(map, "areas", 350)); // below the dots, which are on a canvas at 400
    held.current = { lines: layer(map, "routes", 450), over: L.layerGroup().addTo(map) };
    const sizes = new ResizeObserver(() => map.invalidateSize());
    sizes.observe(/** @type {HTMLDivElement} */ (element.current));
    return () => {
      sizes.disconnect();
      map.remove();
      held.current = null;
    };
  }, [places]);
  useEffect(() => {
    const { over, lines } = held.current ?? {};
    over?.clearLayers();
    for (const [i, route] of drawn.entries()) drawRoute(over, lines, route, i, where);
    for (const visit of unallocated) {
      const at = where.elders.get(visit.elder.id);
      if (at) pin(at, "!", "warn", `${visit.elder.name} · ${t("state.warn")}`, visit).addTo(over);
    }
  }, [drawn.map((route) => `${route.caregiver.id}/${route.visits}`).join(), unallocated.length, places, view.value, board.value]);
  return html`<div class="map-canvas" ref=${element} role="application" aria-label=${t("map.canvas")}></div>`;
}

/** Lines and areas that are styled by class. @param {any} map @param {string} pane @param {number} height among the others */
function layer(map, pane, height) {
  map.createPane(pane).style.zIndex = height;
  return L.svg({ pane });
}

/** @param {{id: number[], at: Degrees[]}} points @returns {Map<number, Degrees>} */
const atOf = (points) => new Map(points.id.map((id, i) => [id, points.at[i]]));

/** What lies below the routes. @param {any} map @param {Places} places @param {Map<number, Degrees>} elders @param {any} renderer of areas */
function ground(map, places, elders, renderer) {
  const bounds = L.latLngBounds([...elders.values(), ...places.centres.at]);
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [SPARE, SPARE] });
  else map.setView(YIWU, 11); // nobody and nothing is there yet
  for (const [i, area] of places.towns.area.entries()) {
    const town = board.value?.towns.get(places.towns.id[i]);
    if (area.length < 3) continue;
    L.polygon(area, { renderer, pane: "areas", className: "town-area", interactive: false }).bindTooltip(words((lang === "en" ? town?.name_en : town?.name) ?? ""), { permanent: true, direction: "center", className: "town-name" }).addTo(map);
  }
  for (const [id, at] of elders) {
    const elder = board.value?.elderOf.get(id);
    L.circleMarker(at, { radius: 3.5, weight: 1, color: "#55616d", fillColor: "#c3cdca", fillOpacity: 1 }).bindTooltip(words(elder?.name ?? "")).addTo(map);
  }
  for (const [i, at] of places.centres.at.entries()) {
    const care = places.centres.kind[i] === "care";
    L.circleMarker(at, { radius: care ? 4 : 7, weight: 2, color: "#0b5d57", fillColor: care ? "#fff" : "#0b5d57", fillOpacity: 1 }).bindTooltip(words(places.centres.name[i])).addTo(map);
  }
}

/** @param {any} over @param {any} renderer @param {Route} route @param {number} place @param {{elders: Map<number, Degrees>, caregivers: Map<number, Degrees>}} where */
function drawRoute(over, renderer, route, place, where) {
  const base = where.caregivers.get(route.caregiver.id);
  const colour = `c${place % COLOURS}`;
  for (const visits of route.days.values()) {
    const stops = visits.map((visit) => where.elders.get(visit.elder.id)).filter((at) => at !== undefined);
    const way = base ? [base, ...stops, base] : stops; // of another town: where she sets out isn't told
    L.polyline(way, { renderer, pane: "routes", className: `route ${colour}`, dashArray: DASHES[Math.floor(place / COLOURS) % DASHES.length], interactive: false }).addTo(over);
    for (const [n, visit] of visits.entries()) {
      const at = where.elders.get(visit.elder.id);
      if (at) pin(at, String(n + 1), colour, `${n + 1} · ${clock(visit.start ?? 0)} ${visit.elder.name} · ${route.caregiver.name}`, visit).addTo(over);
    }
  }
}

/** A place that opens a visit. @param {Degrees} at @param {string} mark @param {string} kind @param {string} said @param {Visit} visit */
function pin(at, mark, kind, said, visit) {
  const face = document.createElement("b");
  face.textContent = mark;
  const marker = L.marker(at, { icon: L.divIcon({ html: face, className: `pin ${kind}`, iconSize: [22, 22] }), alt: said, title: said, riseOnHover: true });
  const open = () => {
    selected.value = visit.id;
    if (view.value.zoom === "day" && visit.day === null) look({ zoom: "week" });
  };
  marker.on("click", open).on("keypress", (/** @type {any} */ event) => event.originalEvent.key === "Enter" && open());
  marker.on("add", () => marker.getElement().setAttribute("aria-label", said));
  return marker;
}

/** Names as text, never as markup. @param {string} text */
function words(text) {
  const made = document.createElement("span");
  made.textContent = text;
  return made;
}
