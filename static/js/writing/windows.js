// The windows of the visual editor: a link to a document that one searches for or to an address, and a picture.
(() => {
  "use strict";
  const W = window.Writing;
  const { schema } = window.writing;
  const { nodes, marks } = schema;
  const WAIT = 150;

  // The whole of the link that one stands in, or what is chosen.
  function linkAround(state) {
    const { from, to, empty, $from } = state.selection;
    const mark = marks.link.isInSet($from.marks()) || marks.link.isInSet($from.nodeAfter?.marks || []);
    if (!empty || !mark) return { from, to, mark };
    let [start, end] = [$from.pos - $from.parentOffset, 0];
    for (let n = 0; n < $from.parent.childCount; n += 1) {
      const child = $from.parent.child(n);
      end = start + child.nodeSize;
      if (mark.isInSet(child.marks) && start <= from && end >= from) return { from: start, to: end, mark };
      start = end;
    }
    return { from, to, mark };
  }

  function linkWindow(host, getView) {
    const box = document.getElementById("lank");
    const [search, found, address, text, remove] = ["search", "found", "address", "text", "remove"].map((name) => box.querySelector(`[data-${name}]`));
    const said = box.querySelector("[data-said]");
    let timer = 0;
    let asked = null;
    let around = null;

    function put(node, mark) {
      const view = getView();
      const { from, to } = around;
      if (mark) view.dispatch(view.state.tr.removeMark(from, to, marks.link).addMark(from, to, mark));
      else view.dispatch(view.state.tr.replaceRangeWith(from, to, node).scrollIntoView());
      box.close();
    }

    // Over chosen words the link is those words; else it is the document's number, which the page shows as its title.
    const choose = (number) =>
      around.from === around.to ? put(nodes.document.create({ number })) : put(null, marks.link.create({ href: `/dokument/${number}/` }));

    async function look() {
      asked?.abort();
      asked = new AbortController();
      const answer = await fetch(`${host.dataset.search}?q=${encodeURIComponent(search.value.trim())}`, { signal: asked.signal }).catch(() => null);
      if (!answer?.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const rows = [...page.querySelectorAll("a[href^='/dokument/']")].filter((row) => /^\/dokument\/[^/?]+\/$/.test(row.getAttribute("href")));
      found.replaceChildren(
        ...rows.map((row) => {
          const item = document.createElement("li");
          const button = item.appendChild(document.createElement("button"));
          const number = decodeURIComponent(row.getAttribute("href").split("/")[2]);
          button.type = "button";
          button.className = "btn btn--second editor__found";
          button.textContent = row.textContent.replace(/\s+/g, " ").trim();
          button.addEventListener("click", () => choose(number));
          return item;
        }),
      );
      said.textContent = rows.length ? "" : search.value.trim().length > 1 ? said.dataset.none : "";
    }

    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(look, WAIT);
    });
    search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") found.querySelector("button")?.focus();
      if (event.key !== "Enter") return;
      event.preventDefault();
      found.querySelector("button")?.click();
    });
    found.addEventListener("keydown", (event) => {
      const item = event.target.closest("li");
      const next = event.key === "ArrowDown" ? item.nextElementSibling : event.key === "ArrowUp" ? item.previousElementSibling : null;
      if (event.key === "ArrowUp" && !next) search.focus();
      if (!next) return;
      event.preventDefault();
      next.firstElementChild.focus();
    });
    remove.addEventListener("click", () => {
      const view = getView();
      view.dispatch(view.state.tr.removeMark(around.from, around.to, marks.link));
      box.close();
    });
    box.querySelector("form").addEventListener("submit", (event) => {
      if (event.submitter?.value === "close") return;
      event.preventDefault();
      let href = address.value.trim();
      if (/^[\w-]+(\.[\w-]+)+([/?#].*)?$/.test(href)) href = `https://${href}`;
      if (/^[^\s@/:]+@[^\s@/:]+$/.test(href)) href = `mailto:${href}`;
      if (/^\+?[\d\s-]{5,}$/.test(href)) href = `tel:${href.replace(/[^\d+]/g, "")}`;
      // As the portal itself takes them (core/sandbox/written_text.py); others would lead nowhere.
      if (!/^(https?:\/\/|mailto:|tel:|\/(?![/\\])|#)\S+$/i.test(href)) {
        said.textContent = said.dataset.address;
        address.focus();
        return;
      }
      const mark = marks.link.create({ href });
      if (around.from === around.to) put(schema.text(text.value.trim() || address.value.trim(), [mark]));
      else put(null, mark);
    });

    return () => {
      around = linkAround(getView().state);
      search.value = "";
      text.value = "";
      found.replaceChildren();
      said.textContent = "";
      address.value = around.mark?.attrs.href || "";
      remove.hidden = !around.mark;
      text.closest(".field").hidden = around.from !== around.to;
      box.showModal();
      (around.mark ? address : search).focus();
    };
  }

  function pictureWindow(host, getView) {
    const box = document.getElementById("bild");
    const [choice, says, said, own] = ["file", "says", "said", "own"].map((name) => box.querySelector(`[data-${name}]`));
    let file = null;

    function show(chosen) {
      file = chosen;
      said.textContent = file ? file.name : "";
    }

    function put(src, alt) {
      const view = getView();
      view.dispatch(view.state.tr.replaceSelectionWith(nodes.image.create({ src, alt })).scrollIntoView());
      box.close();
    }

    choice.addEventListener("change", () => show(choice.files[0] || null));
    own.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-src]");
      if (button) put(button.dataset.src, button.dataset.alt);
    });
    box.querySelector("form").addEventListener("submit", async (event) => {
      if (event.submitter?.value === "close") return;
      event.preventDefault();
      if (!file || !says.value.trim()) {
        said.textContent = file ? said.dataset.says : said.dataset.file;
        (file ? says : choice).focus();
        return;
      }
      const form = document.getElementById("id_body").form;
      const sent = new FormData();
      sent.append("picture", file, file.name || "bild.png");
      sent.append("picture_says", says.value);
      for (const name of ["csrfmiddlewaretoken", "opened_as"]) if (form.elements.namedItem(name)) sent.append(name, form.elements.namedItem(name).value);
      event.submitter.disabled = true;
      try {
        const answer = await fetch(host.dataset.upload, { method: "POST", body: sent, credentials: "same-origin" });
        const told = (answer.headers.get("content-type") || "").includes("json") ? await answer.json() : {};
        if (told.src) {
          own.previousElementSibling.hidden = false;
          const item = own.appendChild(document.createElement("li"));
          item.innerHTML = '<button type="button" class="editor__picture"><img alt=""></button>';
          Object.assign(item.firstChild.dataset, { src: told.src, alt: told.alt });
          Object.assign(item.querySelector("img"), { src: told.url, alt: told.alt });
          put(told.src, told.alt);
        } else said.textContent = told.error || said.dataset.failed;
      } catch {
        said.textContent = said.dataset.failed; // no network: the window stays, with all that is in it
      } finally {
        event.submitter.disabled = false;
      }
    });

    return (given) => {
      choice.value = "";
      says.value = "";
      show(given?.file || null);
      box.showModal();
      (file ? says : choice).focus();
    };
  }

  window.writing.windows = (host, getView) => {
    const open = { link: linkWindow(host, getView), picture: pictureWindow(host, getView) };
    for (const box of document.querySelectorAll(".editor-window")) box.addEventListener("close", () => getView()?.focus());
    return (what, given) => {
      open[what](given);
      return true;
    };
  };
})();
