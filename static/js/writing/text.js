// A text to what the visual editor shows, and back. A block that nobody has changed is written as it was, letter by
// letter; one that the editor could not write back so that it looks the same to readers is shown as its source.
(() => {
  "use strict";
  const { MarkdownParser, MarkdownSerializer, Fragment } = window.Writing;
  const { schema, WORDS, markdown } = window.writing;
  const { md, parse, look, blocks } = markdown;
  const WORD = new RegExp(String.raw`^\s*(${WORDS.join("|")})\s*(:?)\s*`);

  const tight = (tokens, n) => Boolean(tokens.slice(n + 1).find((token) => token.type !== "list_item_open")?.hidden);
  const side = (token) => ({ align: /right/.test(token.attrGet("style") || "") ? "right" : null });
  const parser = new MarkdownParser(schema, { parse }, {
    paragraph: { block: "paragraph" },
    heading: { block: "heading", getAttrs: (token) => ({ level: Number(token.tag.slice(1)) }) },
    blockquote: { block: "blockquote" },
    bullet_list: { block: "bullet_list", getAttrs: (token, all, n) => ({ tight: tight(all, n), mark: token.markup }) },
    ordered_list: {
      block: "ordered_list",
      getAttrs: (token, all, n) => ({ tight: tight(all, n), mark: token.markup, order: Number(token.attrGet("start") ?? 1) }),
    },
    list_item: { block: "list_item", getAttrs: (token) => ({ value: token.attrGet("value") ? Number(token.attrGet("value")) : null }) },
    hr: { node: "rule" },
    code_block: { block: "code_block", noCloseToken: true },
    fence: { block: "code_block", getAttrs: (token) => ({ language: token.info || "" }), noCloseToken: true },
    table: { block: "table" },
    thead: { ignore: true },
    tbody: { ignore: true },
    tr: { block: "table_row" },
    th: { block: "table_header", getAttrs: side },
    td: { block: "table_cell", getAttrs: side },
    document: { node: "document", getAttrs: (token) => ({ number: token.content }) },
    image: {
      node: "image",
      getAttrs: (token) => ({ src: token.attrGet("src"), alt: md.renderer.renderInlineAsText(token.children, md.options, {}), title: token.attrGet("title") || "" }),
    },
    hardbreak: { node: "hard_break" },
    em: { mark: "em" },
    strong: { mark: "strong" },
    s: { mark: "strike" },
    link: { mark: "link", getAttrs: (token) => ({ href: token.attrGet("href"), title: token.attrGet("title") || "" }) },
    code_inline: { mark: "code", noCloseToken: true },
  });

  // Cells hold their words in a paragraph; markdown-it gives them without one.
  const cell = (name) => (state, token) => {
    state.openNode(schema.nodes[name], side(token));
    state.openNode(schema.nodes.paragraph, null);
  };
  const closed = (state) => [state.closeNode(), state.closeNode()];
  for (const [token, name] of [["th", "table_header"], ["td", "table_cell"]]) {
    parser.tokenHandlers[`${token}_open`] = cell(name);
    parser.tokenHandlers[`${token}_close`] = closed;
  }

  // A quotation that begins with one of the words is a call-out, wherever it stands.
  function withCallouts(node) {
    if (!node.isBlock || node.isTextblock || node.isLeaf) return node;
    const held = node.copy(Fragment.from(node.content.content.map(withCallouts)));
    const first = held.type === schema.nodes.blockquote && held.firstChild;
    if (!first || first.type !== schema.nodes.paragraph || !first.firstChild?.isText) return held;
    const bold = first.firstChild.marks.some((mark) => mark.type === schema.marks.strong);
    const found = WORD.exec(first.firstChild.text);
    const follows = (bold && found && found[0].length === first.firstChild.nodeSize && first.maybeChild(1)) || null;
    if (!found || (bold ? found[0].length !== first.firstChild.nodeSize : !found[2])) return held;
    // The colon after the word, and the blank, belong to the word.
    const blank = follows?.isText ? /^\s*:?\s*/.exec(follows.text)[0].length : 0;
    const rest = first.cut(found[0].length + (bold ? blank : 0));
    return schema.nodes.callout.create({ ...held.attrs, word: found[1] }, held.content.replaceChild(0, rest));
  }

  // Signs that would mean something to the parser are written so that they do not.
  function escaped(text, { starts, ends }) {
    let out = text.replace(/[`*\\~[\]_]/g, (sign, n) => {
      const [before, after] = [text[n - 1], text[n + 1]];
      if (sign === "_" && /[\p{L}\p{N}]/u.test(before || "") && /[\p{L}\p{N}]/u.test(after || "")) return sign;
      if (sign === "*" && /\d/.test(before || "") && /[\p{L}\p{N}]/u.test(after || "")) return sign;
      if ("*_~".includes(sign)) {
        let [from, to] = [n, n + 1];
        while (text[from - 1] === sign) from -= 1;
        while (text[to] === sign) to += 1;
        const [left, right] = [text[from - 1], text[to]];
        if (left !== undefined && /\s/.test(left) && (right === undefined ? ends : /\s/.test(right))) return sign;
      }
      return `\\${sign}`;
    });
    out = out.replace(/&(?=#?\w+;)/g, "\\&").replace(/<(?=[^\s<>]*[:@][^<>]*>)/g, "\\<");
    if (!starts) return out;
    if (markdown.LIMIT.test(out)) return out;
    if (/^[|:=-][\s|:=-]*$/.test(out)) return `\\${out}`;
    return out
      .replace(/^([+-])(?=\s|$)/, "\\$1")
      .replace(/^>/, "\\>")
      .replace(/^(#{1,6})(?=\s|$)/, "\\$1")
      .replace(/^(\d{1,9})([.)])(?=\s|$)/, "$1\\$2");
  }

  const atLineStart = (state) => state.atBlockStart || /\n[> ]*$/.test(state.out);
  const inCell = (state) => state.cells;

  function list(state, node, first) {
    let counted = node.attrs.order ?? 0;
    const firsts = [];
    node.forEach((item) => {
      counted = item.attrs.value ?? counted;
      firsts.push(first(counted));
      counted += 1;
    });
    const before = state.inTightList;
    if (before) state.flushClose(1);
    state.inTightList = node.attrs.tight;
    node.forEach((item, _, n) => {
      if (n && node.attrs.tight) state.flushClose(1);
      state.wrapBlock(" ".repeat(firsts[n].length), firsts[n], node, () => state.renderContent(item));
    });
    state.inTightList = before;
  }

  const nodes = {
    paragraph(state, node) {
      if (!node.childCount) state.write();
      state.renderInline(node);
      state.closeBlock(node);
    },
    heading(state, node) {
      state.write(`${"#".repeat(node.attrs.level)} `);
      const from = state.out.length;
      state.renderInline(node, false);
      // A last sign of this kind would be taken for the heading's own closing.
      state.out = state.out.slice(0, from) + state.out.slice(from).replace(/(^|\s)(#+)$/, "$1\\$2");
      state.closeBlock(node);
    },
    bullet_list: (state, node) => list(state, node, () => `${node.attrs.mark} `),
    ordered_list: (state, node) => list(state, node, (n) => `${n}${node.attrs.mark} `),
    list_item: (state, node) => state.renderContent(node),
    callout(state, node) {
      state.wrapBlock("> ", null, node, () => {
        const first = node.firstChild;
        state.write(`**${node.attrs.word}:**`);
        const is_text = first.type === schema.nodes.paragraph;
        if (is_text && first.childCount) {
          state.write(" ");
          state.renderInline(first, false);
        }
        state.closeBlock(first);
        node.forEach((child, _, n) => (n || !is_text) && state.render(child, node, n));
      });
    },
    blockquote: (state, node) => state.wrapBlock("> ", null, node, () => state.renderContent(node)),
    rule(state, node) {
      state.write("---");
      state.closeBlock(node);
    },
    code_block(state, node) {
      const longest = Math.max(2, ...(node.textContent.match(/`+/g) || []).map((ticks) => ticks.length));
      const fence = "`".repeat(longest + 1);
      state.write(`${fence}${node.attrs.language}\n`);
      state.text(node.textContent, false);
      state.write("\n");
      state.write(fence);
      state.closeBlock(node);
    },
    source(state, node) {
      state.text(node.textContent, false);
      state.closeBlock(node);
    },
    table(state, node) {
      const row = (one) => `| ${one.content.content.map((held) => inline(held.firstChild)).join(" | ")} |`;
      node.forEach((one, _, n) => {
        state.write(row(one));
        state.ensureNewLine();
        if (n) return;
        state.write(`|${one.content.content.map((held) => (held.attrs.align ? "---:" : "---")).join("|")}|`);
        state.ensureNewLine();
      });
      state.closeBlock(node);
    },
    text(state, node, parent, n) {
      const text = node.text.replace(/\n/g, " ");
      state.text(escaped(text, { starts: atLineStart(state), ends: n === parent.childCount - 1 }), false);
    },
    hard_break: (state) => state.write(inCell(state) ? " " : "\\\n"),
    document: (state, node) => state.text(`[[${node.attrs.number}]]`, false),
    image(state, { attrs }) {
      const title = attrs.title ? ` "${attrs.title.replace(/"/g, '\\"')}"` : "";
      state.write(`![${escaped(attrs.alt, { starts: false, ends: false })}](${attrs.src.replace(/[()]/g, "\\$&")}${title})`);
    },
  };
  const bound = (sign) => ({ open: sign, close: sign, mixable: true, expelEnclosingWhitespace: true });
  const address = (mark) => mark.attrs.href.replace(/[()]/g, "\\$&") + (mark.attrs.title ? ` "${mark.attrs.title.replace(/"/g, '\\"')}"` : "");
  const ticks = (text) => "`".repeat(1 + Math.max(0, ...(text.match(/`+/g) || []).map((run) => run.length)));
  const marks = {
    strong: bound("**"),
    em: bound("*"),
    strike: bound("~~"),
    link: { open: "[", close: (_, mark) => `](${address(mark)})`, mixable: true },
    code: {
      open: (_, __, parent, n) => ticks(parent.child(n).text) + (/^`|`$|^ .* $/.test(parent.child(n).text) ? " " : ""),
      close: (_, __, parent, n) => (/^`|`$|^ .* $/.test(parent.child(n - 1).text) ? " " : "") + ticks(parent.child(n - 1).text),
      escape: false,
    },
  };
  const serializer = new MarkdownSerializer(nodes, marks);

  // The words of a cell, on one line.
  const inline = (paragraph) =>
    serializer.serialize(schema.nodes.doc.create(null, paragraph)).replace(/\\?\n/g, " ").replace(/\|/g, "\\|").trim();

  // Blanks at the ends of bold words are not bold: Markdown could not say so, and nobody sees it.
  function withPlainBlanks(node) {
    if (!node.isText || node.marks.some((mark) => mark.type === schema.marks.code)) return [node];
    const [, before, words, after] = /^(\s*)([^]*?)(\s*)$/.exec(node.text);
    const plain = node.marks.filter((mark) => mark.type === schema.marks.link);
    return [[before, plain], [words, node.marks], [after, plain]].filter(([text]) => text).map(([text, marks]) => schema.text(text, marks));
  }

  // Blanks at the ends of a line say nothing, and four of them would make it a quotation of code.
  function tidy(node) {
    if (node.isText || node.isLeaf || node.type.spec.code) return node;
    if (!node.isTextblock) {
      const within = [];
      for (const child of node.content.content) within.push(besides(tidy(child), within.at(-1)));
      return node.copy(Fragment.from(within));
    }
    const held = node.content.content.flatMap(withPlainBlanks);
    const trim = (n, pattern) => {
      while (held.at(n)?.isText || held.at(n)?.type === schema.nodes.hard_break) {
        const text = held.at(n).isText ? held.at(n).text.replace(pattern, "") : "";
        if (text) {
          held.splice(n, 1, schema.text(text, held.at(n).marks));
          return;
        }
        held.splice(n, 1);
      }
    };
    trim(0, /^\s+/);
    trim(-1, /\s+$/);
    return node.copy(Fragment.from(held));
  }

  const isEmpty = (node) => node.isTextblock && !node.type.spec.code && !node.childCount;
  const written = (node) => (isEmpty(tidy(node)) ? "" : serializer.serialize(schema.nodes.doc.create(null, tidy(node))).replace(/\s+$/, ""));

  function held(body) {
    try {
      const read = withCallouts(parser.parse(body));
      if (read.childCount !== 1 || look(written(read.firstChild)) !== look(body)) return null;
      return read.firstChild;
    } catch {
      return null; // something that the editor has no part for
    }
  }

  // Two lists of a kind beside each other have other marks: else the second would go on with the first.
  const OTHER = { "-": "*", "*": "-", "+": "-", ".": ")", ")": "." };
  const besides = (node, before) =>
    before?.type === node.type && node.attrs.mark && before.attrs.mark === node.attrs.mark
      ? node.type.create({ ...node.attrs, mark: OTHER[node.attrs.mark] }, node.content)
      : node;

  const numbered = (node, block) => node.type.create({ ...node.attrs, block }, node.content, node.marks);

  // One text, as it was read. `doc`: for the editor. `write(doc)`: the text of the doc, and the blocks that readers
  // would see otherwise than the editor shows them. `anew`: write every block, also those that are as they were.
  function read(text) {
    const parts = blocks(text).map((part, n) => {
      const node = held(part.body) || schema.nodes.source.create(null, part.body ? schema.text(part.body) : null);
      return { ...part, node: numbered(node, n) };
    });
    const doc = schema.nodes.doc.create(null, parts.length ? parts.map((part) => part.node) : schema.nodes.paragraph.create());
    const head = parts.length ? text.slice(0, parts[0].begin) : "";

    function write(now, { anew = false } = {}) {
      const out = [];
      now.forEach((given, _, index) => {
        const part = parts[given.attrs.block];
        const node = besides(given, out.at(-1)?.node);
        const same = Boolean(part) && !anew && part.node.eq(node);
        const body = same ? part.body : written(node);
        if (body) out.push({ body, part, same, node, index });
      });
      const join = (gapOf) => out.map((one, n) => one.body + (n < out.length - 1 ? gapOf(one, out[n + 1]) : "")).join("");
      // The blank lines between two that stood beside each other stay as they were, if that says the same.
      const kept = (one, next) => {
        const beside = one.part && next.part && parts.indexOf(one.part) + 1 === parts.indexOf(next.part);
        return beside && one.node.type === one.part.node.type && next.node.type === next.part.node.type ? one.part.gap : "\n\n";
      };
      const wide = (one, next) => (one.same && next.same ? kept(one, next) : "\n\n");
      let joined = join(kept);
      const alone = out.map((one) => look(one.body)).join("");
      if (look(joined) !== alone) joined = join(wide);
      const last = out.at(-1);
      const tail = last?.part && last.part === parts.at(-1) ? last.part.gap : text.endsWith("\n") ? "\n" : "";
      const unsure = out.filter((one) => !one.same && one.node.type !== schema.nodes.source && !reads(one)).map((one) => one.index);
      if (!out.length) return { text: parts.length ? "" : text, unsure };
      return { text: (out[0].part === parts[0] ? head : "") + joined + tail, unsure };
    }
    return { doc, write };
  }

  // Whether what was written for a block is read as the block that it was.
  function reads({ node, body }) {
    const again = withCallouts(parser.parse(body));
    const plain = (one) => numbered(tidy(one), null).toString();
    return again.childCount === 1 && plain(again.firstChild) === plain(node);
  }

  // A pasted or written piece of Markdown, as blocks of no text.
  const fragment = (text) => Fragment.from(read(text).doc.content.content.map((node) => numbered(node, null)));

  Object.assign(window.writing, { read, fragment, written });
})();
