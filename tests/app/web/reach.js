// What cannot be seen or reached on the page as it stands, or in the dialog that is open: by scrolling, or by Tab.
(() => {
  const top = () => document.querySelector("dialog[open]") ?? document.body;
  const named = (e) => `${e.tagName} ${e.className} ${(e.ariaLabel || e.textContent || e.name || "").trim().slice(0, 40)}`;
  const isThere = (e) => e.checkVisibility({ visibilityProperty: true });

  /** Where Tab is to stop; one of several radios is enough. */
  function controls() {
    const groups = new Set();
    return [...top().querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((e) => {
      if (e.disabled || e.tabIndex < 0 || !isThere(e)) return false;
      if (e.type !== "radio" || e.checked) return true;
      const seen = groups.has(e.name) || document.querySelector(`[type=radio][name="${e.name}"]:checked`) !== null;
      groups.add(e.name);
      return !seen;
    });
  }

  /** What nobody can bring into sight. */
  function lost() {
    const found = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push("the page is wider than the window");
    if (document.documentElement.scrollHeight > innerHeight && getComputedStyle(document.body).overflowY === "hidden") found.push("the page can't be scrolled");
    for (const e of controls()) {
      if (e.closest(".leaflet-container")) continue; // pins may cover each other: the list beside the map has the same
      e.scrollIntoView({ block: "center", inline: "center" });
      const box = e.getClientRects()[0];
      const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      if (!e.contains(there)) found.push(`covered: ${named(e)}`);
    }
    for (const e of top().querySelectorAll("*")) {
      if (e.closest(".timeline, .leaflet-container, svg, select, .sr") || !isThere(e)) continue;
      if (getComputedStyle(e).overflowX === "hidden" && e.scrollWidth > e.clientWidth + 1) found.push(`cut off: ${named(e)}`);
    }
    for (const e of document.querySelectorAll(".tl-row .chip")) {
      if (e.offsetLeft + e.offsetWidth > e.parentElement.clientWidth + 1) found.push(`cut off: ${named(e)}`);
    }
    scrollTo(0, 0);
    return found;
  }

  let met = [];
  document.addEventListener("focusin", ({ target }) => {
    const style = getComputedStyle(target);
    met.push({ e: target, marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, inside: top().contains(target) });
  });

  /** Begin to watch where the focus goes; return how often Tab is to be pressed. */
  function watch() {
    met = [];
    const dates = controls().filter((e) => e.type === "date"); // a date has three parts and a picker
    return controls().length + 3 * dates.length + 3;
  }

  /** What Tab did not reach, where it was not to be seen, or left the dialog. */
  function missed() {
    const reached = new Set(met.map((each) => each.e));
    return [
      ...met.filter((each) => !each.marked).map((each) => `the focus is not marked: ${named(each.e)}`),
      ...met.filter((each) => !each.inside).map((each) => `outside the dialog: ${named(each.e)}`),
      ...controls().filter((e) => !reached.has(e)).map((e) => `not reached: ${named(e)}`),
    ];
  }

  window.reach = { lost, watch, missed };
})();
