// A page copied from Word (or Writer, or a browser) to HTML that the editor has parts for. All that a part is missing
// for is told: `lost` counts it by kind.
(() => {
  "use strict";
  const RAISED = Object.fromEntries([..."0123456789+-−–()n"].map((sign, n) => [sign, [..."⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾ⁿ"][n]]));
  const LOWERED = Object.fromEntries([..."0123456789+-−–()"].map((sign, n) => [sign, [..."₀₁₂₃₄₅₆₇₈₉₊₋₋₋₍₎"][n]]));
  const BLOCKS = "p,h1,h2,h3,h4,h5,h6,li,div,blockquote,pre,table,ul,ol,dl,tr";

  const style = (element) => element.getAttribute("data-style") || "";
  const words = (element) => element.textContent.replace(/[\s\u00a0]+/g, " ").trim();

  function renamed(element, tag) {
    const made = element.ownerDocument.createElement(tag);
    made.append(...element.childNodes);
    element.replaceWith(made);
    return made;
  }

  const unwrap = (element) => element.replaceWith(...element.childNodes);

  // The signs of an index or exponent: "10⁹" must not become "109".
  function moved(element, signs, lost) {
    const text = words(element);
    const known = text && [...text].every((sign) => signs[sign]);
    if (!known && text) lost.raised += 1;
    element.replaceWith(known ? [...text].map((sign) => signs[sign]).join("") : text && `(${text})`);
  }

  function marks(body, lost) {
    for (const element of body.querySelectorAll("span,font,b,strong,i,em")) {
      const said = style(element);
      if (/vertical-align:\s*super/.test(said)) renamed(element, "sup");
      else if (/vertical-align:\s*sub/.test(said)) renamed(element, "sub");
      else if (/^(b|strong)$/i.test(element.tagName) && /(^|[;\s])font-weight:\s*(normal|[1-4]00)/.test(said)) unwrap(element);
      else if (/^(span|font)$/i.test(element.tagName)) {
        let held = element;
        if (/(^|[;\s])font-weight:\s*(bold|[6-9]00)/.test(said)) held = renamed(held, "strong");
        if (/(^|[;\s])font-style:\s*italic/.test(said)) held.replaceChildren(wrapped(held, "em"));
        if (/line-through/.test(said)) held.replaceChildren(wrapped(held, "s"));
      }
    }
    for (const element of body.querySelectorAll("sup")) moved(element, RAISED, lost);
    for (const element of body.querySelectorAll("sub")) moved(element, LOWERED, lost);
    for (const element of body.querySelectorAll(":is(h1,h2,h3,h4,h5,h6) :is(b,strong)")) unwrap(element);
    lost.underlined += [...body.querySelectorAll("u")].filter((element) => words(element)).length;
  }

  function wrapped(element, tag) {
    const made = element.ownerDocument.createElement(tag);
    made.append(...element.childNodes);
    return made;
  }

  // Lists as Word writes them: paragraphs, each with its level in its style and its mark in its text.
  function itemOf(element, lost) {
    const level = Number(/mso-list:[^;]*level(\d)/.exec(style(element))?.[1] || element.dataset.ariaLevel || 0);
    if (!level || /^h[1-6]$/i.test(element.tagName)) return null;
    const sign = [...element.querySelectorAll("span")].find((span) => /mso-list:\s*Ignore/i.test(style(span)));
    const mark = sign ? words(sign) : "";
    sign?.remove();
    const list = element.closest("ol,ul");
    const number = /^\(?(\d+)[.)]/.exec(mark)?.[1];
    const letters = /^\(?[a-zA-Z]{1,4}[.)]/.test(mark);
    if (letters) lost.letters += 1;
    return { level, ordered: list ? list.tagName === "OL" : Boolean(number) || letters, start: Number(number || 1), element };
  }

  function lists(body, lost) {
    const online = [...body.querySelectorAll("li[data-aria-level]")].map((item) => item.closest("ul,ol")).filter(Boolean);
    const found = [...body.querySelectorAll("p,li[data-aria-level]")];
    let stack = [];
    let last = null;
    for (const element of found) {
      const place = element.tagName === "LI" ? element.closest("ul,ol").parentElement.closest(".ListContainerWrapper") || element.closest("ul,ol") : element;
      const item = itemOf(element, lost);
      if (!item) continue;
      const beside = last && nextWords(last) === place;
      if (!beside) stack = [];
      while (stack.length && stack.at(-1).level > item.level) stack.pop();
      if (stack.at(-1)?.level === item.level && stack.at(-1).ordered !== item.ordered) stack.pop();
      if (stack.at(-1)?.level !== item.level) {
        const list = body.ownerDocument.createElement(item.ordered ? "ol" : "ul");
        if (item.ordered && item.start > 1) list.setAttribute("start", item.start);
        if (stack.length) stack.at(-1).list.lastElementChild.append(list);
        else if (beside) last.after(list);
        else place.before(list);
        stack.push({ level: item.level, ordered: item.ordered, list });
      }
      const made = body.ownerDocument.createElement("li");
      made.append(...element.childNodes);
      stack.at(-1).list.append(made);
      last = stack[0].list;
      element.remove();
    }
    for (const list of online) if (!list.querySelector("li")) (list.closest(".ListContainerWrapper") || list).remove();
  }

  // The next element that says something.
  function nextWords(element) {
    let next = element.nextElementSibling;
    while (next && !words(next) && !next.querySelector("img,table")) next = next.nextElementSibling;
    return next;
  }

  function headings(body) {
    for (const title of body.querySelectorAll("p.MsoTitle")) renamed(title, "h1");
    const found = [...body.querySelectorAll("h1,h2,h3,h4,h5,h6")];
    const levels = found.map((heading) => Number(heading.tagName[1]));
    const title = levels.filter((level) => level === 1).length === 1 && levels[0] === 1 && levels.length > 1;
    const by = title ? 0 : 2 - Math.min(...levels);
    found.forEach((heading, n) => {
      for (const sign of heading.querySelectorAll("span")) if (/mso-list:\s*Ignore/i.test(style(sign))) sign.replaceWith(`${words(sign)} `);
      const level = Math.min(6, Math.max(2, levels[n] + by));
      if (words(heading)) renamed(heading, `h${level}`);
      else heading.remove();
    });
  }

  // The words of a cell on one line: a table of ours has no lines within its cells.
  function oneLine(cell, lost) {
    const lines = [];
    let line = [];
    const end = () => {
      if (line.some((node) => words(node))) lines.push(line);
      line = [];
    };
    const walk = (node) => {
      for (const child of [...node.childNodes]) {
        if (child.nodeType === 1 && child.tagName === "BR") end();
        else if (child.nodeType === 1 && child.matches(BLOCKS)) {
          end();
          walk(child);
          end();
        } else if (child.nodeType === 1 && child.querySelector(`${BLOCKS},br`)) walk(child);
        else line.push(child);
      }
    };
    walk(cell);
    end();
    if (lines.length > 1) lost.lines += 1;
    const made = cell.ownerDocument.createElement("p");
    lines.forEach((nodes, n) => {
      if (n) made.append(/[.,:;!?]$/.test(words(made)) ? " " : "; ");
      made.append(...nodes);
    });
    return made;
  }

  function table(element, lost) {
    const page = element.ownerDocument;
    const rows = [...element.querySelectorAll("tr")].filter((row) => row.closest("table") === element);
    const cells = rows.map((row) => [...row.children].filter((cell) => /^T[DH]$/.test(cell.tagName)));
    if (cells.flat().length === 1) {
      // A box around some text is made so in Word.
      const box = page.createElement("blockquote");
      box.append(...cells.flat()[0].childNodes);
      element.replaceWith(box);
      return;
    }
    const grid = rows.map(() => []);
    cells.forEach((row, y) => {
      let x = 0;
      for (const cell of row) {
        while (grid[y][x]) x += 1;
        const [wide, high] = ["colspan", "rowspan"].map((name) => Math.max(1, Math.min(100, Number(cell.getAttribute(name)) || 1)));
        if (wide * high > 1) lost.merged += 1;
        const held = oneLine(cell, lost);
        for (let down = 0; down < Math.min(high, rows.length - y); down += 1) {
          for (let across = 0; across < wide; across += 1) {
            // What holds for several rows is said in each, and so is the heading of several columns.
            grid[y + down][x + across] = across && y ? page.createElement("p") : held.cloneNode(true);
          }
        }
        x += wide;
      }
    });
    const widest = Math.max(...grid.map((row) => row.length));
    const made = page.createElement("table");
    grid.forEach((row, y) => {
      const line = made.appendChild(page.createElement("tr"));
      for (let x = 0; x < widest; x += 1) line.appendChild(page.createElement(y ? "td" : "th")).append(row[x] || page.createElement("p"));
    });
    element.replaceWith(made);
  }

  function pictures(body, base, lost) {
    for (const picture of body.querySelectorAll("img")) {
      const address = (picture.getAttribute("src") || "").replace(location.origin, "");
      // A picture of another document has the same name here, and is another one.
      const own = address.startsWith(base) && /^(\d+)\/$/.exec(address.slice(base.length));
      if (own) picture.setAttribute("data-picture", `bild-${own[1]}`);
      else {
        lost.pictures += 1;
        picture.remove();
      }
    }
  }

  function links(body) {
    for (const link of body.querySelectorAll("a")) {
      const address = (link.getAttribute("href") || "").trim().replace(location.origin, "");
      if (link.dataset.number) continue;
      if (/^(https?:|mailto:|tel:)/i.test(address) || /^\/(?![/\\])/.test(address)) link.setAttribute("href", address);
      else unwrap(link);
    }
  }

  function callouts(body) {
    for (const box of body.querySelectorAll("div.callout:not([data-callout])")) {
      const word = box.querySelector(":scope > p:first-child > strong:only-child");
      if (!word) continue;
      const text = box.ownerDocument.createElement("div");
      text.className = "callout__text";
      box.dataset.callout = words(word);
      word.parentElement.remove();
      text.append(...box.childNodes);
      box.append(text);
    }
  }

  // `base`: the address that this document's pictures begin with.
  function cleaned(html, base) {
    const lost = { pictures: 0, merged: 0, lines: 0, letters: 0, raised: 0, contents: 0, underlined: 0 };
    // Styles are read as words. As styles the policy would stop them, and say so for each.
    const still = html.replace(/<style[\s>][^]*?<\/style>/gi, "").replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
    const body = new DOMParser().parseFromString(still, "text/html").body;
    for (const element of body.querySelectorAll("style,script,meta,link,title,xml,template,object,svg,[hidden]")) element.remove();
    for (const element of [...body.querySelectorAll("*")].filter((one) => one.tagName.includes(":"))) {
      if (/^v:/i.test(element.tagName)) element.remove();
      else unwrap(element);
    }
    // What the editor itself put on the clipboard is whole already.
    if (!body.querySelector("[data-pm-slice]")) {
      for (const line of body.querySelectorAll("p[class*=MsoToc]")) {
        lost.contents += 1;
        line.remove();
      }
      pictures(body, base, lost);
      links(body);
      marks(body, lost);
      lists(body, lost);
      headings(body);
      callouts(body);
      for (const element of [...body.querySelectorAll("table")].reverse()) if (element.isConnected) table(element, lost);
      for (const line of body.querySelectorAll("p")) if (!words(line) && !line.closest("td,th") && !line.querySelector("img")) line.remove();
    } else pictures(body, base, lost);
    for (const element of body.querySelectorAll("[data-style]")) element.removeAttribute("data-style");
    return { html: body.innerHTML, lost };
  }

  window.writing.cleaned = cleaned;
})();
