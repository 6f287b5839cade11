// Nothing typed is lost: a form with data-draft-url posts itself while it is typed in. The form works without this file.
(() => {
  "use strict";
  const PAUSE = 1500;

  function payload(form) {
    const data = new FormData(form);
    // Files are not kept in drafts; and keepalive holds 64 kB.
    form.querySelectorAll("input[type=file]").forEach((input) => data.delete(input.name));
    return new URLSearchParams(data);
  }

  function watch(form) {
    const said = document.getElementById(form.dataset.draftSaved) || form.querySelector(".saved");
    const text = said?.querySelector("[data-saved-text]") || said;
    // Tells this tab from another one with the same draft; stays when the browser shows the page again as it was.
    const writer = Object.assign(document.createElement("input"), { type: "hidden", name: "writer", value: crypto.randomUUID?.() || String(Math.random()) });
    form.append(writer);
    let timer = 0;
    let under = null;
    let dirty = false;
    let sending = false;

    function say(words) {
      if (!text) return;
      said.hidden = false;
      text.textContent = words;
    }

    async function save() {
      clearTimeout(timer);
      if (!dirty || sending) return;
      dirty = false;
      try {
        under = new AbortController();
        const answer = await fetch(form.dataset.draftUrl, { method: "POST", body: payload(form), credentials: "same-origin", signal: under.signal });
        const type = answer.headers.get("content-type") || "";
        if (!type.includes("json")) throw new Error("signed out");
        const told = await answer.json();
        // The form goes on with the draft as it now is.
        if (told.token) form.elements.namedItem("token").value = told.token;
        say(told.message);
      } catch {
        if (sending) return;
        dirty = true; // tried again at the next key, and at the latest when the page is left
        say(form.dataset.draftFailed || "");
      }
    }

    form.addEventListener("input", () => {
      dirty = true;
      clearTimeout(timer);
      timer = setTimeout(save, PAUSE);
    });
    form.addEventListener("submit", () => {
      sending = true;
      clearTimeout(timer);
      under?.abort();
    });
    addEventListener("pageshow", () => {
      sending = false; // back from the page that followed
    });
    addEventListener("pagehide", () => {
      if (!dirty || sending) return;
      dirty = false;
      const body = payload(form);
      fetch(form.dataset.draftUrl, { method: "POST", body, credentials: "same-origin", keepalive: body.toString().length < 60000 }).catch(
        () => {},
      );
    });
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("form[data-draft-url]").forEach(watch));
})();
