// Names for whoever hears the administration's pages, where Django's own pages give none: boxes in tables, boxes that
// one searches in, headings of columns that are empty.
(() => {
  "use strict";
  const said = (element) => element?.textContent.replace(/\s+/g, " ").trim() || "";

  // A box in a table is named by its column, and by its row where that has a name.
  function inTables(root) {
    for (const box of root.querySelectorAll(".inline-group .tabular td :is(input, select, textarea):not([type=hidden])")) {
      if (box.labels?.length || box.hasAttribute("aria-label")) continue;
      const cell = box.closest("td");
      const column = said(box.closest("table").tHead?.rows[0].cells[cell.cellIndex]);
      const row = said(box.closest("tr").querySelector(".original p"));
      box.setAttribute("aria-label", [column, row].filter(Boolean).join(", "));
    }
    for (const heading of root.querySelectorAll(".tabular thead th")) {
      if (said(heading)) continue;
      const cell = document.createElement("td");
      cell.className = heading.className;
      heading.replaceWith(cell);
    }
  }

  function searched(root) {
    for (const box of root.querySelectorAll(".select2-selection[role=combobox]")) {
      const select = box.closest(".select2")?.previousElementSibling;
      const name = said(select?.labels?.[0]) || select?.getAttribute("aria-label");
      for (const part of name ? [box, ...box.querySelectorAll("[role=textbox]")] : []) part.setAttribute("aria-label", name);
    }
    for (const help of root.querySelectorAll(".help-tooltip[aria-label]")) help.setAttribute("role", "img");
    const search = root.querySelector("#searchbar");
    if (search) search.setAttribute("aria-label", search.labels[0]?.querySelector("img")?.alt || said(search.labels[0]));
  }

  let waits = false;
  function name() {
    waits = false;
    inTables(document);
    searched(document);
  }
  name();
  // Django's own scripts make boxes when the page is whole, and rows that are added.
  new MutationObserver(() => {
    if (!waits) requestAnimationFrame(name);
    waits = true;
  }).observe(document.body, { childList: true, subtree: true });
})();
