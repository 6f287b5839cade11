// Keys of a single letter in lists of cases and in a case, and the choice of many. The page works without this.
(() => {
  "use strict";
  const rows = [...document.querySelectorAll("[data-row]")];
  const boxes = [...document.querySelectorAll("[data-chosen-form] input[name=v]")];
  const all = document.querySelector("[data-choose-all]");
  const bar = document.querySelector("[data-chosen-bar]");

  function boxOf(link) {
    return link?.closest("tr").querySelector("input[name=v]");
  }

  // The row that the focus is in, by its link.
  function current() {
    return document.activeElement?.closest("tr")?.querySelector("[data-row]");
  }

  function show() {
    const chosen = boxes.filter((box) => box.checked).length;
    const count = bar?.querySelector("[data-chosen-count]");
    if (!count) return;
    count.hidden = false;
    const words = chosen === 0 ? count.dataset.none : chosen === 1 ? count.dataset.one : count.dataset.many;
    count.textContent = words.replace("{n}", chosen);
    bar.classList.toggle("chosen-bar--none", chosen === 0 && !("stays" in bar.dataset));
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }

  function go(by) {
    const here = rows.indexOf(current());
    const next = rows[here < 0 ? 0 : Math.min(Math.max(here + by, 0), rows.length - 1)];
    next.focus({ preventScroll: true });
    next.closest("tr").scrollIntoView({ block: "nearest" });
  }

  function walk(way) {
    document.querySelector(`nav a[rel=${way}]`)?.click();
  }

  // What a key presses: a button is pressed, a field or a heading gets the focus. Of a list: with the row one stands
  // on, where none is chosen.
  function press(element) {
    if ("ofChosen" in element.dataset && !boxes.some((box) => box.checked)) {
      const box = boxOf(current());
      if (!box) return;
      box.checked = true;
      show();
    }
    if (!("keyFocus" in element.dataset)) return element.click();
    element.closest("details:not([open])")?.setAttribute("open", "");
    element.scrollIntoView({ block: "center" });
    element.focus();
  }

  const moves = {
    j: () => (rows.length ? go(1) : walk("next")),
    k: () => (rows.length ? go(-1) : walk("prev")),
    x: () => boxOf(current())?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (document.documentElement.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest?.("textarea, select, [contenteditable], dialog, input:not([type=checkbox])");
    if (typing) return;
    const element = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!element && !Object.hasOwn(moves, event.key)) return;
    event.preventDefault();
    if (element) press(element);
    else moves[event.key]();
  });

  all?.addEventListener("change", () => {
    boxes.forEach((box) => {
      box.checked = all.checked;
    });
    show();
  });
  boxes.forEach((box) => box.addEventListener("change", show));
  show();
})();
