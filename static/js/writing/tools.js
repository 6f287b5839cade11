// The tools over the visual editor, the way to the text as it is written and back, and the preview beside, which
// follows the caret in both.
(() => {
  "use strict";
  const { acts, open, windows, markdown } = window.writing;
  const KEY = "writing-as-source";

  const remembered = () => {
    try {
      return localStorage.getItem(KEY) === "1";
    } catch {
      return false; // storage refused
    }
  };
  const remember = (asSource) => {
    try {
      localStorage.setItem(KEY, asSource ? "1" : "0");
    } catch {
      // It is asked for again next time.
    }
  };

  // The part of the preview that holds what one writes on stays in sight.
  function follow(index) {
    const pane = document.querySelector("#visning .pane");
    const parts = pane?.querySelector(".prose")?.children;
    if (!parts) return;
    for (const part of parts) part.classList.toggle("is-here", part === parts[index]);
    const here = parts[index];
    if (!here) return;
    const [top, bottom] = [here.offsetTop - pane.offsetTop, here.offsetTop - pane.offsetTop + here.offsetHeight];
    if (top < pane.scrollTop || bottom > pane.scrollTop + pane.clientHeight) pane.scrollTop = Math.max(0, top - pane.clientHeight / 3);
  }

  function toolbar(bar, getView) {
    const buttons = [...bar.querySelectorAll("[data-do]")];
    const actOf = (button) => acts[button.dataset.do];

    function choose(button) {
      for (const one of bar.querySelectorAll("button")) one.tabIndex = one === button ? 0 : -1;
    }
    bar.addEventListener("keydown", (event) => {
      const all = [...bar.querySelectorAll("button")].filter((button) => button.offsetParent && !button.disabled);
      const now = all.indexOf(document.activeElement);
      const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: all.length - 1 }[event.key];
      if (event.key === "Escape") getView().focus();
      if (to === undefined) return;
      event.preventDefault();
      const next = all[(to + all.length) % all.length];
      choose(next);
      next.focus();
    });
    bar.addEventListener("mousedown", (event) => event.preventDefault()); // the text keeps what is chosen in it
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (!button || button.getAttribute("aria-disabled") === "true") return;
      const view = getView();
      actOf(button).run(button.dataset.with)(view.state, view.dispatch, view);
      view.focus();
    });
    choose(bar.querySelector("button"));

    return (state) => {
      const inTable = window.Writing.isInTable(state);
      for (const group of bar.querySelectorAll("[data-in-table]")) group.hidden = !inTable;
      for (const button of buttons) {
        const { on, can } = actOf(button);
        if (on) button.setAttribute("aria-pressed", String(Boolean(on(state, button.dataset.with))));
        if (can) button.setAttribute("aria-disabled", String(!can(state)));
      }
    };
  }

  function begin(host) {
    const area = document.getElementById(host.dataset.for);
    const label = document.querySelector(`label[for="${area.id}"]`);
    const bar = host.querySelector("[role=toolbar]");
    const toggle = host.querySelector("[data-as-source]");
    const place = host.querySelector("[data-text]");
    const [lost, unsure] = ["lost", "unsure"].map((name) => host.querySelector(`[data-told-${name}]`));
    let editor = null;
    const getView = () => editor?.view;
    const ask = windows(host, getView);
    const show = toolbar(bar, getView);
    let index = 0;

    const told = {
      lost(counts) {
        for (const row of lost.querySelectorAll("[data-lost]")) {
          const count = counts[row.dataset.lost];
          row.hidden = !count;
          row.querySelector("b").textContent = count;
        }
        lost.hidden = !Object.values(counts).some(Boolean);
      },
      unsure(count) {
        unsure.hidden = !count;
      },
    };

    function moved(state) {
      show(state);
      // Empty paragraphs are nothing that readers see.
      let before = 0;
      for (let n = 0; n < state.selection.$from.index(0); n += 1) if (state.doc.child(n).type.name !== "paragraph" || state.doc.child(n).content.size) before += 1;
      index = before;
      follow(index);
    }

    function inSource() {
      const at = area.selectionStart;
      index = Math.max(0, markdown.blocks(area.value).findLastIndex((block) => block.begin <= at));
      follow(index);
    }

    function visual(now) {
      if (!now) {
        editor?.sync();
        editor?.view.destroy();
        editor = null;
      }
      area.hidden = now;
      for (const part of [bar, place]) part.hidden = !now;
      for (const part of document.querySelectorAll("[data-source-only]")) part.hidden = now;
      toggle.textContent = now ? toggle.dataset.toSource : toggle.dataset.toTools;
      lost.hidden = unsure.hidden = true;
      if (!now) return;
      label.id ||= `${area.id}_label`;
      const labelled = { "aria-labelledby": label.id };
      if (area.getAttribute("aria-describedby")) labelled["aria-describedby"] = area.getAttribute("aria-describedby");
      if (area.getAttribute("aria-invalid")) labelled["aria-invalid"] = "true";
      editor = open({ area, place, base: host.dataset.pictures, labelled, ask, told, moved, toTools: () => (bar.querySelector("[tabindex='0']").focus(), true) });
      host.editor = editor;
    }

    lost.querySelector("button").addEventListener("click", () => {
      lost.hidden = true;
      editor?.view.focus();
    });
    toggle.addEventListener("click", () => {
      const now = editor === null;
      remember(!now);
      visual(now);
      (editor?.view || area).focus();
    });
    label.addEventListener("click", () => editor?.view.focus());
    for (const name of ["link", "picture"]) host.querySelector(`[data-ask=${name}]`).addEventListener("click", () => ask(name));
    // Before the form is kept or sent: the last letters are in the box.
    area.form.addEventListener("submit", () => editor?.sync(), { capture: true });
    addEventListener("pagehide", () => editor?.sync(), { capture: true });
    for (const name of ["keyup", "click", "input"]) area.addEventListener(name, () => editor || inSource());
    document.addEventListener("htmx:afterSettle", () => follow(index));

    host.hidden = false;
    visual(!remembered() && area.value.length < 200_000);
  }

  const host = document.querySelector("[data-editor]");
  if (host && document.getElementById(host.dataset.for)) begin(host);
})();
