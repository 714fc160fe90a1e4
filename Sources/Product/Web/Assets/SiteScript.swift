// The module of every page of one's own: keys, the sheet that tells them, what is selected, and
// deleting with undo on the spot. Each of these is only quicker: without it the same is done by
// the links and forms of the page.

/// `site.js`.
let siteScript: StaticString = #"""
    const one = (selector, from = document) => from.querySelector(selector);
    const all = (selector, from = document) => [...from.querySelectorAll(selector)];

    // The bookmark where the focus is, or was.
    let at = null;
    const rows = () => all("article.bookmark");
    document.addEventListener("focusin", (event) => {
      at = event.target.closest("article.bookmark") ?? at;
    });
    function move(step) {
      const list = rows();
      if (!list.length) return;
      const index = list.indexOf(at);
      const next = index < 0 ? (step > 0 ? 0 : list.length - 1)
        : Math.min(Math.max(index + step, 0), list.length - 1);
      at = list[next];
      one("h2 a", at).focus();
      at.scrollIntoView({ block: "nearest" });
    }

    // Told aloud, and shown on top of the page.
    function say(text, action, run) {
      one("#said")?.remove();
      const note = document.createElement("p");
      note.id = "said";
      note.className = "notice good floating";
      note.setAttribute("role", "status");
      document.body.append(note);
      note.append(text);
      if (action) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "plain";
        button.id = "undo";
        button.textContent = action;
        button.addEventListener("click", run);
        note.append(" ", button);
      }
    }

    async function remove(row) {
      const id = row.id.slice(2);
      const answer = await fetch(`/api/v1/bookmarks/${id}`, { method: "DELETE" });
      if (!answer.ok) return false;
      const place = answer.headers.get("location");
      const list = rows();
      const index = list.indexOf(row);
      const next = list[index + 1] ?? list[index - 1];
      row.hidden = true;
      row.classList.remove("bookmark");
      at = next ?? null;
      (next ? one("h2 a", next) : one("#content")).focus();
      say("Deleted. It stays in the trash for 30 days.", "Undo", async () => {
        const back = await fetch(`${place}/restore`, { method: "POST" });
        if (!back.ok) return location.assign("/trash");
        row.classList.add("bookmark");
        row.hidden = false;
        one("h2 a", row).focus();
        say("It is back.");
      });
      return true;
    }
    document.addEventListener("click", async (event) => {
      const button = event.target.closest("article.bookmark button.delete");
      if (!button) return;
      event.preventDefault();
      const row = button.closest("article.bookmark");
      try {
        if (await remove(row)) return;
      } catch { /* The form says what is wrong. */ }
      button.form.action = button.formAction;
      button.form.submit();
    });

    // How many are selected; from one to another with the shift key.
    const bulk = one("#bulk");
    let last = null;
    if (bulk) {
      const picks = () => all("input[name=id].pick");
      const count = () => {
        const every = one("input[name=all]")?.checked;
        const number = picks().filter((pick) => pick.checked).length;
        one("output", bulk).textContent = every ? "All that match" : `${number} selected`;
      };
      document.addEventListener("click", (event) => {
        const pick = event.target.closest?.("input[name=id].pick");
        if (!pick) return;
        const list = picks();
        if (event.shiftKey && last) {
          const ends = [list.indexOf(last), list.indexOf(pick)].sort((a, b) => a - b);
          list.slice(ends[0], ends[1] + 1).forEach((each) => { each.checked = pick.checked; });
        }
        last = pick;
        count();
      });
      document.addEventListener("change", count);
      window.addEventListener("pageshow", count);
      const tags = one("[name=tags]", bulk);
      const change = one("[name=change]", bulk);
      const wanted = () => {
        const isTag = change.value.endsWith("tags");
        tags.closest(".field").hidden = !isTag;
        tags.required = isTag;
      };
      change.addEventListener("change", wanted);
      wanted();
    }

    // The sheet is the part of the help page that lists the keys.
    async function help() {
      let sheet = one("#sheet");
      if (!sheet) {
        const answer = await fetch("/help");
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        sheet = document.createElement("dialog");
        sheet.id = "sheet";
        sheet.setAttribute("aria-label", "Keys");
        const close = document.createElement("button");
        close.type = "button";
        close.className = "quiet";
        close.textContent = "Close";
        close.addEventListener("click", () => sheet.close());
        sheet.append(...one("#keys", page).childNodes, close);
        document.body.append(sheet);
        sheet.addEventListener("click", (event) => {
          if (event.target === sheet) sheet.close();
        });
      }
      if (!sheet.open) sheet.showModal();
    }

    const places = { b: "/", t: "/tags", i: "/import", x: "/trash" };
    const keys = {
      "?": help,
      "/": () => {
        const field = one("#q");
        if (!field) return location.assign("/");
        field.focus();
        field.select();
      },
      a: () => location.assign("/add"),
      j: () => move(1),
      k: () => move(-1),
      o: () => at && one("h2 a", at).click(),
      O: () => at && window.open(one("h2 a", at).href, "_blank", "noreferrer"),
      e: () => at && one(".edit", at).click(),
      r: () => at && one(".read", at)?.click(),
      d: () => at && one(".delete", at).click(),
      u: () => one("#undo")?.click(),
      x: () => at && one(".pick", at).click(),
    };
    let isGoing = false;
    const isTyping = (element) => element.isContentEditable
      || element.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (isTyping(event.target)) {
        if (event.key === "Escape") event.target.blur();
        return;
      }
      if (one("dialog[open]")) return;
      if (isGoing) {
        isGoing = false;
        if (!places[event.key]) return;
        event.preventDefault();
        return location.assign(places[event.key]);
      }
      if (event.key === "g") {
        isGoing = true;
        setTimeout(() => { isGoing = false; }, 1500);
        return;
      }
      const run = keys[event.key];
      if (!run) return;
      event.preventDefault();
      run();
    });

    if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js");
    """#
