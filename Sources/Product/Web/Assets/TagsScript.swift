// The module that completes tags in a field with commas: the list of the WAI-ARIA pattern
// "combobox with list autocomplete", filled by the API as one types.

/// `tags.js`.
let tagsScript: StaticString = #"""
    const limit = 8;
    let serial = 0;
    for (const field of document.querySelectorAll("input[data-tags]")) complete(field);

    function complete(field) {
      const list = document.createElement("ul");
      list.id = `complete-${serial += 1}`;
      list.className = "complete";
      list.setAttribute("role", "listbox");
      list.setAttribute("aria-label", "Tags");
      list.hidden = true;
      field.after(list);
      for (const [name, value] of Object.entries({
        role: "combobox", autocomplete: "off", "aria-autocomplete": "list",
        "aria-expanded": "false", "aria-controls": list.id,
      })) field.setAttribute(name, value);
      let chosen = -1;
      let asked = 0;

      const options = () => [...list.children];
      function close() {
        list.hidden = true;
        chosen = -1;
        field.setAttribute("aria-expanded", "false");
        field.removeAttribute("aria-activedescendant");
      }
      function choose(index) {
        const rows = options();
        chosen = (index + rows.length) % rows.length;
        rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === chosen)));
        field.setAttribute("aria-activedescendant", rows[chosen].id);
      }
      function take(name) {
        const before = field.value.slice(0, field.value.lastIndexOf(",") + 1);
        field.value = `${before}${before ? " " : ""}${name}, `;
        close();
        field.focus();
      }
      async function ask() {
        const typed = field.value.slice(field.value.lastIndexOf(",") + 1).trim();
        const turn = asked += 1;
        if (!typed || field.selectionStart !== field.value.length) return close();
        const query = new URLSearchParams({ prefix: typed, order: "count", limit });
        let tags = [];
        try {
          const answer = await fetch(`/api/v1/tags?${query}`);
          if (answer.ok) tags = (await answer.json()).items;
        } catch { /* Without a list one types on. */ }
        if (turn !== asked) return;
        const there = new Set(field.value.split(",").slice(0, -1)
          .map((tag) => tag.trim().toLowerCase()));
        tags = tags.filter((tag) => !there.has(tag.name.toLowerCase()));
        list.replaceChildren(...tags.map((tag, index) => {
          const row = document.createElement("li");
          row.id = `${list.id}-${index}`;
          row.setAttribute("role", "option");
          row.setAttribute("aria-selected", "false");
          const name = document.createElement("bdi");
          name.textContent = tag.name;
          const count = document.createElement("span");
          count.className = "hint";
          count.textContent = tag.count.toLocaleString(document.documentElement.lang);
          row.append(name, " ", count);
          row.addEventListener("pointerdown", (event) => {
            event.preventDefault();
            take(tag.name);
          });
          return row;
        }));
        if (!tags.length) return close();
        chosen = -1;
        list.hidden = false;
        field.setAttribute("aria-expanded", "true");
      }
      field.addEventListener("input", ask);
      field.addEventListener("blur", close);
      field.addEventListener("keydown", (event) => {
        if (list.hidden) return;
        if (event.key === "ArrowDown") choose(chosen + 1);
        else if (event.key === "ArrowUp") choose(chosen < 0 ? -1 : chosen - 1);
        else if (event.key === "Escape") {
          close();
          event.stopPropagation();
        } else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) {
          take(options()[chosen].querySelector("bdi").textContent);
        } else return;
        event.preventDefault();
      });
    }
    """#
