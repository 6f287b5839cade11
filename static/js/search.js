// Suggestions under the search boxes, and under boxes for a document's number: there the one that is chosen is put in the
// box, and its title beside. Without this file the box is a plain one.
(() => {
  "use strict";
  const WAIT = 120;

  const isDocument = (row) => /^\/dokument\/[^/?]+\/$/.test(row.getAttribute("href"));

  // `around` holds the box and the list; `pick` takes a row that is chosen, and `fits` tells which rows are offered.
  function suggest(box, around, address, pick, fits = () => true) {
    const list = document.createElement("div");
    list.className = "suggest";
    list.id = `${box.id}-forslag`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", document.querySelector(`label[for="${box.id}"]`)?.textContent ?? "");
    around.append(list);
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
      if (text === box.dataset.picked) return show(false);
      if (text === shown) return show(true);
      asked?.abort();
      asked = new AbortController();
      try {
        const answer = await fetch(`${address}?q=${encodeURIComponent(text)}`, {
          signal: asked.signal,
          headers: { Accept: "text/html" },
        });
        if (!answer.ok) return show(false);
        list.innerHTML = await answer.text(); // our own page's part, escaped there
        for (const row of rows()) if (!fits(row)) row.remove();
        for (const group of list.querySelectorAll("[role=group]")) if (!group.querySelector("[role=option]")) group.remove();
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
        pick(chosen());
        show(false);
      }
    });
    // Not at once: a click on a row takes the focus from the box before it is a click.
    around.addEventListener("focusout", (event) => {
      if (!around.contains(event.relatedTarget)) show(false);
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      pick(row);
      show(false);
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[data-suggest]")) {
      suggest(form.querySelector("input[type=search]"), form, form.dataset.suggest, (row) => location.assign(row.href));
    }
    for (const box of document.querySelectorAll("input[data-suggest]")) {
      const around = document.createElement("div");
      around.className = "suggest-box";
      box.replaceWith(around);
      const title = document.createElement("p");
      title.className = "hint";
      title.setAttribute("role", "status");
      around.append(box, title);
      const pick = (row) => {
        box.value = box.dataset.picked = decodeURIComponent(row.getAttribute("href").split("/")[2]);
        title.textContent = row.textContent.replace(/\s+/g, " ").trim();
        box.dispatchEvent(new Event("input", { bubbles: true }));
      };
      box.addEventListener("input", () => (title.textContent = title.textContent.includes(box.value) && box.value ? title.textContent : ""));
      suggest(box, around, box.dataset.suggest, pick, isDocument);
    }
  });
})();
