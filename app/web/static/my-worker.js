// Keeps the caregiver's page itself, so that it opens without a network; her visits are kept by the page.
// Nothing is answered from here while there is a network.
const KEPT = "jiuling-my";

self.addEventListener("install", () => /** @type {any} */ (self).skipWaiting());
self.addEventListener("activate", (event) => /** @type {any} */ (event).waitUntil(/** @type {any} */ (self).clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = /** @type {any} */ (event);
  const path = new URL(request.url).pathname;
  if (request.method !== "GET" || !(path === "/my" || path.startsWith("/static/"))) return;
  /** @type {any} */ (event).respondWith(answered(request, path));
});

/** @param {Request} request @param {string} path */
async function answered(request, path) {
  const kept = await caches.open(KEPT);
  const stored = await kept.match(request, { ignoreVary: true });
  if (stored && path.startsWith("/static/")) return stored; // its address changes with its content
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) {
      if (path === "/my") await forget(kept);
      await kept.put(request, fresh.clone());
    }
    return fresh;
  } catch (error) {
    if (stored) return stored;
    throw error;
  }
}

/** A new page brings new addresses: files of older ones are of no use. @param {Cache} kept */
async function forget(kept) {
  const all = await kept.keys();
  if (all.length > 60) await Promise.all(all.map((each) => kept.delete(each)));
}
