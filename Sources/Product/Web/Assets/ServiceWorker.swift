// The service worker: what the browser keeps (CA-2).
//
// Kept are the assets, under names that carry their content's hash, and copies of the last pages
// of one's own that were read: lists, tags, help; 30 at most, for one hour at most (the notes'
// TTL). The network always comes first. Only when it fails is a copy shown, and the page then says
// so and of when it is. Signing out, and any answer that says that one is signed out, drops the
// copies, so that nobody after finds them. Nothing is written while offline: a change that looks
// done and is not would be worse than one that plainly fails.

import Bytes

extension Asset {
    /// `sw.js`, served at the root so that it may look after every page.
    static let worker: [UInt8] = {
        var text = ByteBuffer(capacity: 8192)
        text.append("const assets = [")
        for asset in kept { text.append(Array("\"\(asset.path)\", ".utf8).bytes) }
        text.append("];\nconst style = \"")
        text.append(Array(style.path.utf8).bytes)
        text.append("\";\n")
        text.append(workerScript)
        return text.array
    }()

    /// What the pages need when there is no network.
    private static let kept = [style, icon, siteScript, tagsScript, progressScript]
}

private let workerScript: StaticString = #"""
    const keptMilliseconds = 3600 * 1000;
    const pagesMax = 30;
    const assetCache = "assets " + assets.join(" ");
    const pageCache = "pages";

    self.addEventListener("install", (event) => event.waitUntil(install()));
    self.addEventListener("activate", (event) => event.waitUntil(activate()));
    self.addEventListener("fetch", (event) => {
      const request = event.request;
      const url = new URL(request.url);
      if (url.origin !== location.origin) return;
      if (request.method !== "GET") {
        if (url.pathname === "/signout" || url.pathname.startsWith("/account")) {
          event.waitUntil(caches.delete(pageCache));
        }
      } else if (url.pathname.startsWith("/assets/")) {
        event.respondWith(asset(request));
      } else if (request.mode === "navigate" || url.pathname === "/help") {
        event.respondWith(page(event, url));
      }
    });

    async function install() {
      const cache = await caches.open(assetCache);
      await cache.addAll(assets);
      await self.skipWaiting();
    }

    async function activate() {
      for (const name of await caches.keys()) {
        if (name !== assetCache && name !== pageCache) await caches.delete(name);
      }
      await self.clients.claim();
    }

    async function asset(request) {
      return (await caches.match(request)) ?? fetch(request);
    }

    async function page(event, url) {
      let answer;
      try {
        answer = await fetch(event.request);
      } catch {
        return copy(url);
      }
      const done = url.searchParams.get("done");
      if (done === "bye" || done === "signed-out") {
        event.waitUntil(caches.delete(pageCache));
      } else if (["/", "/tags", "/help"].includes(url.pathname) && answer.status === 200
        && !answer.redirected) {
        event.waitUntil(keep(url, answer.clone()));
      }
      return answer;
    }

    // What was said once on top of a page makes it no other page.
    function name(url) {
      const plain = new URL(url);
      for (const word of ["done", "undo", "job"]) plain.searchParams.delete(word);
      return plain.href;
    }

    async function keep(url, answer) {
      const cache = await caches.open(pageCache);
      const headers = new Headers(answer.headers);
      headers.set("x-kept", String(Date.now()));
      await cache.delete(name(url));
      await cache.put(name(url), new Response(await answer.blob(), { headers }));
      const all = await cache.keys();
      for (const old of all.slice(0, Math.max(0, all.length - pagesMax))) await cache.delete(old);
      for (const each of await cache.keys()) await fresh(cache, each);
    }

    // A copy that is young enough; an older one is dropped.
    async function fresh(cache, key) {
      const found = await cache.match(key);
      if (!found) return undefined;
      if (Date.now() - Number(found.headers.get("x-kept")) < keptMilliseconds) return found;
      await cache.delete(key);
      return undefined;
    }

    async function copy(url) {
      const found = await fresh(await caches.open(pageCache), name(url));
      if (!found) return absent();
      const time = new Date(Number(found.headers.get("x-kept")))
        .toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      const note = `<p class="notice" id="offline" role="status">Offline copy of ${time}. `
        + "Changes cannot be saved until there is a connection.</p>";
      const text = (await found.text()).replace(/<main [^>]*>/, (start) => start + note);
      return new Response(text, { headers: found.headers });
    }

    function absent() {
      const text = `<!doctype html><html lang="en"><head><meta charset="utf-8">
    <title>Offline · apus</title><meta name="viewport" content="width=device-width">
    <link rel="stylesheet" href="${style}"></head><body><main class="wide"><h1>Offline</h1>
    <p>There is no connection, and no copy of this page from the last hour.</p>
    <p class="acts"><a class="button" href="/">Your bookmarks</a></p></main></body></html>`;
      return new Response(text, {
        status: 503, headers: { "content-type": "text/html; charset=utf-8" },
      });
    }
    """#
