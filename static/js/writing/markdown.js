// Our Markdown in the browser: the rules of core/sandbox/written_text.py and as_typed.py, told once more in this
// language. A test renders every text of the demonstration by both.
(() => {
  "use strict";
  const { MarkdownIt } = window.Writing;
  const NUMBER = String.raw`(?=[^/]*\d)[A-ZÅÄÖ]{2,8}-[0-9][0-9A-Za-z._-]*/?`;
  const DOCUMENT = new RegExp(String.raw`\[\[\s*(${NUMBER})\s*\]\]`, "y");
  const LIMIT = />\s*[=±+−-]?\s*\d/y;
  const FENCE = /^\s{0,3}(```|~~~)/;
  const DASHES = /^\s{0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
  const ALPHANUMERIC = /[\p{L}\p{N}]/u;
  const DIGIT = /\p{Nd}/u;

  // Line and regular expression: whether it matches just there.
  const at = (pattern, text, position) => {
    pattern.lastIndex = position;
    return pattern.exec(text);
  };

  const md = new MarkdownIt("commonmark", { html: false }).enable(["table", "strikethrough"]);
  const blockquote = md.block.ruler.__rules__.find((rule) => rule.name === "blockquote").fn;
  // "> 38,5 grader" is no quotation.
  const quotation = (state, start, end, silent) =>
    !at(LIMIT, state.src.slice(0, state.eMarks[start]), state.bMarks[start] + state.tShift[start]) && blockquote(state, start, end, silent);
  md.block.ruler.at("blockquote", quotation, { alt: ["paragraph", "reference", "blockquote", "list"] });
  md.block.ruler.disable("reference");

  // A star between a number and what it is taken times.
  md.inline.ruler.before("emphasis", "times", (state, silent) => {
    const [before, sign, after] = [state.src[state.pos - 1] || "", state.src[state.pos], state.src[state.pos + 1] || ""];
    if (sign !== "*" || !ALPHANUMERIC.test(before) || !ALPHANUMERIC.test(after) || !(DIGIT.test(before) || DIGIT.test(after))) return false;
    if (!silent) state.pending += sign;
    state.pos += 1;
    return true;
  });

  md.inline.ruler.before("link", "document", (state, silent) => {
    const found = at(DOCUMENT, state.src, state.pos);
    if (!found) return false;
    if (!silent) state.push("document", "", 0).content = found[1];
    state.pos += found[0].length;
    return true;
  });
  md.renderer.rules.document = (tokens, n) => `<a href="${tokens[n].content}">${tokens[n].content}</a>`;

  // Cells of a line of a table, as markdown-it divides it.
  function cells(line) {
    const found = [];
    let last = 0;
    let kept = "";
    let escaped = false;
    const text = line.trim();
    for (let n = 0; n < text.length; n += 1) {
      if (text[n] === "|" && escaped) {
        kept += text.slice(last, n - 1);
        last = n;
      } else if (text[n] === "|") {
        found.push(kept + text.slice(last, n));
        kept = "";
        last = n + 1;
      }
      escaped = text[n] === "\\";
    }
    found.push(kept + text.slice(last));
    if (found[0] === "") found.shift();
    if (found.at(-1) === "") found.pop();
    return found;
  }

  const wider = (line, cell, by) => `${line.trimEnd()}${line.trimEnd().endsWith("|") ? "" : "|"}${`${cell}|`.repeat(by)}`;

  // Headers of tables are made as wide as their widest row: what is beyond the header would be dropped.
  function withAllCells(body) {
    if (!body.includes("|")) return body;
    const lines = body.split("\n");
    let isCode = false;
    let n = 1;
    while (n < lines.length) {
      const line = lines[n];
      if (FENCE.test(lines[n - 1])) isCode = !isCode;
      n += 1;
      if (isCode || !lines[n - 2].includes("|") || !DASHES.test(line)) continue;
      const across = cells(lines[n - 2]).length;
      if (across !== cells(line).length) continue;
      const head = n - 2;
      let widest = across;
      for (; n < lines.length && lines[n].trim(); n += 1) widest = Math.max(widest, cells(lines[n]).length);
      if (widest > across) {
        lines[head] = wider(lines[head], " ", widest - across);
        lines[head + 1] = wider(line, "---", widest - across);
      }
    }
    return lines.join("\n");
  }

  // Each item of a numbered list gets the number that was typed, where counting on would give another.
  function numbered(tokens) {
    const expected = [];
    for (const token of tokens) {
      if (/^(ordered|bullet)_list_open$/.test(token.type)) {
        expected.push(token.type === "ordered_list_open" ? Number(token.attrGet("start") ?? 1) : null);
      } else if (/^(ordered|bullet)_list_close$/.test(token.type)) expected.pop();
      else if (token.type === "list_item_open" && expected.at(-1) !== null) {
        const counted = expected.at(-1);
        const typed = /^\d+$/.test(token.info) ? Number(token.info) : counted;
        const own = typed !== counted && typed !== 1;
        if (own) token.attrSet("value", String(typed));
        expected[expected.length - 1] = (own ? typed : counted) + 1;
      }
    }
    return tokens;
  }

  function parse(text) {
    const tokens = numbered(md.parse(withAllCells(text), {}));
    // The page's own heading is the only one of the first level.
    for (const token of tokens) if (token.tag === "h1") token.tag = "h2";
    return tokens;
  }

  const render = (text) => md.renderer.render(parse(text), md.options, {});

  // As readers see it: lines within a paragraph, and which side of the colon a call-out's word ends, say nothing.
  function look(text) {
    return render(text)
      .replace(/<strong>\s*(Viktigt|Observera|Varning)\s*:?\s*<\/strong>\s*:?\s*/g, "<strong>$1:</strong> ")
      .replace(/<p>(Viktigt|Observera|Varning)\s*:\s*/g, "<p><strong>$1:</strong> ")
      .replace(/\s+/g, " ")
      .replace(/ ?(<\/?(?:p|h[2-6]|li|ul|ol|blockquote|table|thead|tbody|tr|t[hd]|pre|hr|br)\b[^>]*>) ?/g, "$1")
      .trim();
  }

  // The blocks that a text is made of, one after the other: where each begins and ends, and the blank lines after it.
  function blocks(text) {
    const lines = text.split("\n");
    const starts = [0];
    for (const line of lines) starts.push(starts.at(-1) + line.length + 1);
    const begins = md
      .parse(withAllCells(text), {})
      .filter((token) => token.level === 0 && token.map && token.nesting !== -1)
      .map((token) => starts[token.map[0]]);
    return begins.map((begin, n) => {
      const whole = text.slice(begin, begins[n + 1] ?? text.length);
      const body = whole.replace(/\s+$/, "");
      return { begin, body, gap: whole.slice(body.length) };
    });
  }

  Object.assign(window.writing, { markdown: { md, parse, render, look, blocks, DASHES, LIMIT: /^>\s*[=±+−-]?\s*\d/ } });
})();
