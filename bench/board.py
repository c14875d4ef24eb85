"""Open the board of the whole city's week in Chromium: first paint, scrolling, what one does with the hand.

Each opening is one of a browser that has seen nothing before. The peer is the same board with every row in the
document at once, as a table would have it: what drawing only the rows in sight saves.
"""

import argparse
import shutil
import statistics
from typing import Any

from app.demo.accounts import DEMO_DISPATCHER, DEMO_PASSWORD
from app.demo.options import FULL_ELDERS, Staffing
from bench.installation import empty_installation, fill, plan, serving
from bench.measure import milliseconds, ratio

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WINDOW = {"width": 1366, "height": 768}

PAINTED = "() => performance.getEntriesByName('board-painted').length > 0"
OPENED = """() => ({
  painted: performance.getEntriesByName('board-painted')[0].startTime,
  bytes: [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, each) => sum + each.transferSize, 0),
  rows: Number(document.querySelector('.timeline').getAttribute('aria-rowcount')),
  drawn: document.querySelectorAll('.tl-row').length,
})"""
# Scrolls as a wheel does, from the first row to the last, and returns the milliseconds of each frame.
SCROLLED = """async (seconds) => {
  const board = document.querySelector('.timeline');
  const frames = [];
  const end = board.scrollHeight - board.clientHeight;
  const began = performance.now();
  let last = began;
  while (last - began < seconds * 1000) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
    board.scrollTop = end * ((now - began) / (seconds * 1000));
  }
  return frames.slice(2);
}"""
# Does what is asked, and returns the milliseconds until it is on the screen.
ACTED = """async ([what, n]) => {
  const chips = document.querySelectorAll('.tl-body .chip');
  const began = performance.now();
  if (what === 'open') chips[n % chips.length].click();
  else document.querySelectorAll('.switch')[what === 'rows' ? 0 : 1].querySelectorAll('button')[n].click();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - began;
}"""
# Makes the window as high as all rows together: then all are in sight, and drawn.
ALL_IN_SIGHT = """async () => {
  const board = document.querySelector('.timeline');
  const began = performance.now();
  board.style.flex = 'none';
  board.style.height = `${board.scrollHeight + 100}px`;
  const drawn = () => document.querySelectorAll('.tl-row').length;
  const all = Number(board.getAttribute('aria-rowcount')) - 2; // less the head and the unallocated row
  while (drawn() < all && performance.now() - began < 60_000) await new Promise(requestAnimationFrame);
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return [performance.now() - began, drawn()];
}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say how large the week is, and how often the board is opened."""
    parser.add_argument("--elders", type=int, default=FULL_ELDERS)
    parser.add_argument("--iterations", type=int, default=2000)
    parser.add_argument("--openings", type=int, default=5)
    parser.add_argument("--scroll-seconds", type=float, default=5.0)


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Plan a week, serve it, and work on its board."""
    from playwright.sync_api import sync_playwright  # only here: the other benches need no browser

    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        raise SystemExit("bench board: no Chromium is installed; on Debian or Ubuntu: apt-get install chromium")
    with empty_installation() as here:
        fill(here, elders=chosen.elders, staffing=Staffing.SLACK, seed=1)
        schedule_id = plan(here, seconds=None, iterations=chosen.iterations, seed=1)
        with serving(here) as service, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
            address = f"http://127.0.0.1:{service.port}"
            try:
                return _worked(browser, address, schedule_id, chosen)
            finally:
                browser.close()


def _worked(browser: Any, address: str, schedule_id: int, chosen: argparse.Namespace) -> dict[str, Any]:
    page, opened = _opened(browser, address, schedule_id)
    openings = [opened]
    for _ in range(chosen.openings - 1):
        page.context.close()
        page, opened = _opened(browser, address, schedule_id)
        openings.append(opened)
    frames = page.evaluate(SCROLLED, chosen.scroll_seconds)
    page.evaluate("document.querySelector('.timeline').scrollTop = 0")
    acts = [page.evaluate(ACTED, ["open", n]) for n in range(20)]
    acts += [page.evaluate(ACTED, [what, n]) for n in (2, 0, 3, 0) for what in ("zoom",)]
    acts += [page.evaluate(ACTED, ["rows", n]) for n in (1, 0, 1, 0)]
    all_rows_ms, all_rows = page.evaluate(ALL_IN_SIGHT)
    board = page.evaluate(f"fetch('/api/v1/schedules/{schedule_id}/board').then((answer) => answer.json())")
    painted = [each["painted"] for each in openings]
    page.context.close()
    return {
        "rows": len(board["caregivers"]["id"]),
        "visits": len(board["visits"]["id"]),
        "rows_drawn": openings[0]["drawn"],
        "openings": chosen.openings,
        "first_paint_ms": round(statistics.median(painted), 1),
        "first_paint_max_ms": round(max(painted), 1),
        "interactions": len(acts),
        "interaction_p95_ms": milliseconds([each / 1000 for each in acts])["p95_ms"],
        "frames": len(frames),
        "frame_median_ms": milliseconds([each / 1000 for each in frames])["median_ms"],
        "frame_p95_ms": milliseconds([each / 1000 for each in frames])["p95_ms"],
        "bytes_loaded": openings[0]["bytes"],
        "peer": {"what": "every row in the document at once", "rows": all_rows, "draw_ms": round(all_rows_ms, 1)},
        "first_paint_to_peer": ratio(statistics.median(painted), statistics.median(painted) + all_rows_ms),
    }


def _opened(browser: Any, address: str, schedule_id: int) -> tuple[Any, dict[str, Any]]:
    """Sign in, forget all that was loaded, and open the board."""
    context = browser.new_context(base_url=address, viewport=WINDOW)
    page = context.new_page()
    known = {"username": DEMO_DISPATCHER, "password": DEMO_PASSWORD}
    answer = context.request.post("/api/v1/auth/session", data=known, headers={"Origin": address})
    if not answer.ok:
        raise RuntimeError(f"signing in was refused: {answer.status}")
    page.goto(f"/board?schedule={schedule_id}")
    page.wait_for_function(PAINTED)
    return page, page.evaluate(OPENED)
