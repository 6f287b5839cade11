// Suggestions under the search boxes. Without this file the box is a plain form.
(() => {
  "use strict";
  const WAIT = 120;

  function suggest(form) {
    const box = form.querySelector("input[type=search]");
    const list = document.createElement("div");
    list.className = "suggest";
    list.id = `${box.id}-forslag`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", document.querySelector(`label[for="${box.id}"]`)?.textContent ?? "");
    form.append(list);
    for (const [name, value] of [
      ["role", "combobox"],
      ["autocomplete", "off"],
      ["aria-autocomplete", "list"],
      ["aria-expanded", "false"],
      ["aria-controls", list.id],
    ]) {
      box.setAttribute(name, value);
    }
    let asked = null; // the request on its way
    let timer = 0;
    let shown = null; // for which text the list is

    const rows = () => [...list.querySelectorAll("[role=option]")];
    const chosen = () => list.querySelector("[aria-selected=true]");

    function show(open) {
      list.hidden = !open || rows().length === 0;
      box.setAttribute("aria-expanded", String(!list.hidden));
      if (list.hidden) choose(null);
    }

    function choose(row) {
      chosen()?.removeAttribute("aria-selected");
      if (row) {
        row.setAttribute("aria-selected", "true");
        box.setAttribute("aria-activedescendant", row.id);
        row.scrollIntoView({ block: "nearest" });
      } else {
        box.removeAttribute("aria-activedescendant");
      }
    }

    async function ask() {
      const text = box.value.trim();
      if (text === shown) return show(true);
      asked?.abort();
      asked = new AbortController();
      try {
        const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(text)}`, {
          signal: asked.signal,
          headers: { Accept: "text/html" },
        });
        if (!answer.ok) return show(false);
        list.innerHTML = await answer.text(); // our own page's part, escaped there
        rows().forEach((row, n) => {
          row.id = `${list.id}-${n}`;
        });
        shown = text;
        show(document.activeElement === box);
      } catch {
        show(false); // another letter was typed, or there is no connection: the form still works
      }
    }

    box.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    box.addEventListener("focus", ask);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        show(false);
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && rows().length) {
        event.preventDefault();
        if (list.hidden) show(true);
        const all = rows();
        const at = all.indexOf(chosen()) + (event.key === "ArrowDown" ? 1 : -1);
        choose(at >= all.length || at === -1 ? null : all[at < -1 ? all.length - 1 : at]);
      } else if (event.key === "Enter" && chosen()) {
        event.preventDefault();
        location.assign(chosen().href);
      }
    });
    // Not at once: a click on a row takes the focus from the box before it is a click.
    form.addEventListener("focusout", (event) => {
      if (!form.contains(event.relatedTarget)) show(false);
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form[data-suggest]").forEach(suggest);
  });
})();
