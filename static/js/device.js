// Text that has not reached the portal is kept on this device until it has: encrypted with a key of the person's, which
// the portal hands out to whoever is signed in as them and which is never stored here. Without the key nobody learns
// what lies here, or which page it was written on; only how many texts there are of one person's.
(() => {
  "use strict";
  const words = document.getElementById("device-words")?.dataset;
  const person = words?.person;
  const PREFIX = `unsent:${person}:`;
  // A text older than this is thrown away: the portal's own drafts live as long.
  const LONGEST = 30 * 86_400_000;
  let key = null;

  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));

  // While the network is there: later it may be too late to ask.
  async function ready() {
    if (key || !person || !crypto.subtle) return key;
    const answer = await fetch(words.keyUrl, { credentials: "same-origin" });
    if (!(answer.headers.get("content-type") || "").includes("json")) return null;
    const told = await answer.json();
    if (told.person === person) {
      key = await crypto.subtle.importKey("raw", bytes(told.key), "AES-GCM", false, ["encrypt", "decrypt"]);
    }
    return key;
  }

  // The page as it goes on with a draft: not the address that begins anew.
  function pageOf() {
    const here = new URL(location.href);
    here.searchParams.delete("ny");
    return here.pathname + here.search;
  }

  async function nameOf(url) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${person} ${url}`));
    return PREFIX + text(digest).slice(0, 16);
  }

  // `fields`: names and values, without files. False where it could not be kept.
  async function put(url, kept) {
    try {
      if (!(await ready())) return false;
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const told = JSON.stringify({ url, page: pageOf(), title: document.querySelector("h1")?.textContent.trim(), at: Date.now(), ...kept });
      const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(told));
      localStorage.setItem(await nameOf(url), JSON.stringify({ iv: text(iv), data: text(data) }));
      return true;
    } catch {
      return false;
    }
  }

  function names() {
    try {
      return person ? Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)) : [];
    } catch {
      return []; // storage refused
    }
  }

  async function read(name) {
    try {
      const { iv, data } = JSON.parse(localStorage.getItem(name));
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(iv) }, key, bytes(data));
      const kept = JSON.parse(new TextDecoder().decode(plain));
      if (Date.now() - kept.at < LONGEST) return { ...kept, name };
    } catch {
      // written with another key, or spoilt: nobody can read it any more
    }
    localStorage.removeItem(name);
    return null;
  }

  async function all() {
    if (!names().length || !(await ready())) return [];
    return (await Promise.all(names().map(read))).filter(Boolean);
  }

  const drop = async (url) => localStorage.removeItem(await nameOf(url));

  async function reachable() {
    try {
      const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(4000) });
      return answer.ok;
    } catch {
      return false;
    }
  }

  const clock = (at) => new Date(at).toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit" }).replace(":", ".");

  // The page after a sending. The text leaves the device when the portal says that it has it, as a thing or as a draft;
  // a form that leaves no draft behind, when this is the page that answered it.
  async function arrived() {
    const sent = JSON.parse(sessionStorage.getItem("device-sent") || "null");
    sessionStorage.removeItem("device-sent");
    if (!sent || !person) return;
    const here = performance.getEntriesByType("navigation")[0];
    const answered = here?.type === "navigate" && !(here.responseStatus >= 400) && document.referrer.startsWith(location.origin + sent.page);
    const asked = new URLSearchParams({ token: sent.token, at: sent.at });
    // What was saved as the page was left may be under way still.
    for (let tries = 0; tries < 3; tries += 1) {
      const answer = await fetch(`${sent.url}lage/?${asked}`, { credentials: "same-origin" }).catch(() => null);
      const told = answer?.ok ? await answer.json().catch(() => ({})) : {};
      if (told.arrived || (told.arrived === false && answered)) return localStorage.removeItem(sent.name);
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
  }

  async function tell() {
    const list = document.getElementById("unsent");
    const found = await all();
    const here = new Set([...document.querySelectorAll("form[data-draft-url]")].map((form) => form.dataset.draftUrl));
    for (const kept of found) {
      const row = list.querySelector("template").content.cloneNode(true);
      row.querySelector("[data-what]").textContent = `${kept.title || ""} ${clock(kept.at)}`.trim();
      const open = row.querySelector("[data-take]");
      // On its own page the text is taken into the form, by the portal's draft; on others one goes there first.
      if (here.has(kept.url)) open.addEventListener("click", () => take(kept));
      else open.addEventListener("click", () => location.assign(kept.page));
      row.querySelector("[data-throw]").addEventListener("click", (event) => {
        localStorage.removeItem(kept.name);
        event.target.closest("li").remove();
        list.hidden = !list.querySelector("li");
      });
      list.querySelector("ul").append(row);
    }
    list.hidden = !found.length;
  }

  async function take(kept) {
    const form = [...document.querySelectorAll("form[data-draft-url]")].find((one) => one.dataset.draftUrl === kept.url);
    const body = new URLSearchParams(kept.fields.filter(([name]) => !["token", "csrfmiddlewaretoken", "writer", "opened_as"].includes(name)));
    for (const name of ["token", "csrfmiddlewaretoken", "writer", "opened_as"]) {
      const field = form.elements.namedItem(name);
      if (field) body.append(name, field.value);
    }
    const answer = await fetch(kept.url, { method: "POST", body, credentials: "same-origin" });
    if (!answer.ok) return;
    localStorage.removeItem(kept.name);
    location.assign(pageOf());
  }

  window.device = { ready, put, drop, reachable, clock, nameOf, words };
  if (!person) {
    // A page of ours that knows nobody, such as that of a fault: it does not tell that anything has arrived.
    if (!document.querySelector("form[action*='/login']")) sessionStorage.removeItem("device-sent");
    return;
  }
  document.addEventListener("DOMContentLoaded", async () => {
    await arrived();
    tell();
    const asks = document.querySelector("[data-unsent-asks]");
    if (asks) {
      asks.hidden = !names().length;
      asks.querySelector("[data-throw-all]").addEventListener("click", () => {
        names().forEach((name) => localStorage.removeItem(name));
        asks.hidden = true;
      });
    }
    if (document.querySelector("form[data-draft-url]")) ready().catch(() => {});
  });
})();
