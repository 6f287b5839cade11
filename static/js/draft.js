// Nothing typed is lost: a form with data-draft-url posts itself while it is typed in. Without network, or signed out,
// the text is kept on the device (device.js) and sent when the network is back. The form works without this file.
(() => {
  "use strict";
  const PAUSE = 1500;
  // The device's own copy is never older than this, so that a sending which never arrives has lost nothing.
  const COPY_PAUSE = 300;
  const AGAIN = 4000;

  function payload(form) {
    const data = new FormData(form);
    // Files are not kept in drafts; and keepalive holds 64 kB.
    form.querySelectorAll("input[type=file]").forEach((input) => data.delete(input.name));
    return new URLSearchParams(data);
  }

  class SignedOut extends Error {}

  function watch(form) {
    const said = document.getElementById(form.dataset.draftSaved) || form.querySelector(".saved");
    const text = said?.querySelector("[data-saved-text]") || said;
    const url = form.dataset.draftUrl;
    // Tells this tab from another one with the same draft; stays when the browser shows the page again as it was.
    const writer = Object.assign(document.createElement("input"), { type: "hidden", name: "writer", value: crypto.randomUUID?.() || String(Math.random()) });
    form.append(writer);
    let timer = 0;
    let under = null;
    let dirty = false;
    let sending = false;
    let waiting = 0;
    let copying = 0;
    // Whether the portal was out of reach when it was asked last.
    let doubt = false;
    let name = "";
    window.device?.nameOf(url).then((found) => {
      name = found;
    });

    const keepCopy = () => window.device?.put(url, { fields: [...payload(form)] });

    function say(words, link) {
      if (!text) return;
      said.hidden = false;
      said.classList.toggle("saved--not", Boolean(link) || waiting > 0);
      text.textContent = words;
      if (!link) return;
      const away = Object.assign(document.createElement("a"), { href: link, target: "_blank", textContent: device.words.signIn });
      text.append(" ", away);
    }

    // Kept here, and said which: not saved at all is said too.
    async function keepHere(fault) {
      const kept = await keepCopy();
      const at = kept ? device.clock(Date.now()) : "";
      if (fault instanceof SignedOut) {
        const back = encodeURIComponent(location.pathname + location.search);
        say(kept ? device.words.signedOutKept.replace("{at}", at) : device.words.signedOut, `/konto/login/?next=${back}`);
      } else say(kept ? device.words.offline.replace("{at}", at) : form.dataset.draftFailed || "");
    }

    async function save() {
      clearTimeout(timer);
      if (!dirty || sending || waiting) return;
      dirty = false;
      try {
        under = new AbortController();
        const answer = await fetch(url, { method: "POST", body: payload(form), credentials: "same-origin", signal: under.signal });
        const type = answer.headers.get("content-type") || "";
        if (!type.includes("json")) throw new SignedOut();
        const told = await answer.json();
        // The form goes on with the draft as it now is.
        if (told.token) form.elements.namedItem("token").value = told.token;
        doubt = false;
        say(told.message);
        if (told.saved) {
          clearTimeout(copying);
          window.device?.drop(url);
        }
      } catch (fault) {
        if (sending) return;
        doubt = !(fault instanceof SignedOut);
        dirty = true; // tried again at the next key, and at the latest when the page is left
        await keepHere(fault);
      }
    }

    // Whether the sending may go on to the portal now; without network it waits here, on this page, until there is one.
    async function mayGo(submitter) {
      const kept = await keepCopy();
      if (await device.reachable()) return true;
      waiting ||= setInterval(async () => {
        if (!(await device.reachable())) return;
        clearInterval(waiting);
        waiting = 0;
        form.requestSubmit(submitter);
      }, AGAIN);
      say(kept ? device.words.waits : device.words.waitsOpen);
      said?.scrollIntoView({ block: "nearest" });
      return false;
    }

    // The next page asks whether it has arrived, and only then does the copy leave the device.
    function goes() {
      if (!name) return;
      const told = { name, url, token: form.elements.namedItem("token").value, at: Date.now(), page: location.pathname };
      sessionStorage.setItem("device-sent", JSON.stringify(told));
    }

    form.addEventListener("input", () => {
      dirty = true;
      clearTimeout(copying);
      copying = setTimeout(keepCopy, COPY_PAUSE);
      clearTimeout(timer);
      timer = setTimeout(save, PAUSE);
    });
    form.addEventListener("submit", async (event) => {
      if (sending && !form.dataset.goes) {
        event.preventDefault(); // a second click, while the first looks for the network
        return;
      }
      sending = true;
      clearTimeout(timer);
      under?.abort();
      clearTimeout(copying);
      if (form.dataset.goes || !window.device?.words || (navigator.onLine && !doubt)) return goes();
      event.preventDefault();
      if (await mayGo(event.submitter)) {
        form.dataset.goes = "1";
        form.requestSubmit(event.submitter);
      } else sending = false;
    });
    addEventListener("pageshow", () => {
      sending = false; // back from the page that followed
      delete form.dataset.goes;
    });
    addEventListener("pagehide", () => {
      if (!dirty || sending) return;
      dirty = false;
      goes();
      const body = payload(form);
      fetch(url, { method: "POST", body, credentials: "same-origin", keepalive: body.toString().length < 60000 }).catch(
        () => {},
      );
    });
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("form[data-draft-url]").forEach(watch));
})();
