// The parts that a text can have, for the visual editor: those of our Markdown (core/sandbox/written_text.py), and no
// others. Each block that stands by itself carries the number of the block it was read from (`text.js`).
(() => {
  "use strict";
  const { Schema, tableNodes } = window.Writing;
  const WORDS = ["Viktigt", "Observera", "Varning"];
  const host = () => document.querySelector("[data-editor]");
  const sourceSays = () => host()?.dataset.sourceSays || "";
  const block = { block: { default: null } };

  // Alignment is a class: the policy lets no inline style through.
  const align = { default: null, getFromDOM: (cell) => (cell.classList.contains("n") ? "right" : null) };
  align.setDOMAttr = (value, attrs) => value === "right" && Object.assign(attrs, { class: "n" });
  const tables = tableNodes({ tableGroup: "block", cellContent: "paragraph", cellAttributes: { align } });

  const nodes = {
    doc: { content: "block+" },
    paragraph: { content: "inline*", group: "block", attrs: block, parseDOM: [{ tag: "p" }], toDOM: () => ["p", 0] },
    heading: {
      content: "(text | document | image)*",
      group: "block",
      defining: true,
      attrs: { ...block, level: { default: 2 } },
      parseDOM: [2, 3, 4, 5, 6].map((level) => ({ tag: `h${level}`, attrs: { level } })),
      toDOM: (node) => [`h${node.attrs.level}`, 0],
    },
    bullet_list: {
      content: "list_item+",
      group: "block",
      attrs: { ...block, tight: { default: true }, mark: { default: "-" } },
      parseDOM: [{ tag: "ul" }],
      toDOM: () => ["ul", 0],
    },
    ordered_list: {
      content: "list_item+",
      group: "block",
      attrs: { ...block, tight: { default: true }, mark: { default: "." }, order: { default: 1 } },
      parseDOM: [{ tag: "ol", getAttrs: (list) => ({ order: Number(list.getAttribute("start")) || 1 }) }],
      toDOM: (node) => (node.attrs.order === 1 ? ["ol", 0] : ["ol", { start: node.attrs.order }, 0]),
    },
    list_item: {
      content: "paragraph block*",
      defining: true,
      attrs: { value: { default: null } },
      parseDOM: [{ tag: "li", getAttrs: (item) => ({ value: Number(item.getAttribute("value")) || null }) }],
      toDOM: (node) => (node.attrs.value === null ? ["li", 0] : ["li", { value: node.attrs.value }, 0]),
    },
    callout: {
      content: "block+",
      group: "block",
      defining: true,
      attrs: { ...block, word: { default: WORDS[0] } },
      parseDOM: [
        {
          tag: "div[data-callout]",
          contentElement: ".callout__text",
          getAttrs: (box) => ({ word: WORDS.includes(box.dataset.callout) ? box.dataset.callout : WORDS[0] }),
        },
      ],
      toDOM: ({ attrs: { word } }) => [
        "div",
        { class: "callout", "data-callout": word },
        ["p", { class: "callout__word", contenteditable: "false" }, ["strong", word]],
        ["div", { class: "callout__text" }, 0],
      ],
    },
    blockquote: {
      content: "block+",
      group: "block",
      defining: true,
      attrs: block,
      parseDOM: [{ tag: "blockquote" }],
      toDOM: () => ["blockquote", 0],
    },
    rule: { group: "block", attrs: block, parseDOM: [{ tag: "hr" }], toDOM: () => ["hr"] },
    code_block: {
      content: "text*",
      marks: "",
      group: "block",
      code: true,
      defining: true,
      attrs: { ...block, language: { default: "" } },
      parseDOM: [{ tag: "pre", preserveWhitespace: "full" }],
      toDOM: () => ["pre", ["code", 0]],
    },
    // A block that none of the others can hold, as it is written.
    source: {
      content: "text*",
      marks: "",
      group: "block",
      code: true,
      defining: true,
      isolating: true,
      attrs: block,
      parseDOM: [{ tag: "pre[data-source]", preserveWhitespace: "full", priority: 60 }],
      toDOM: () => ["pre", { class: "source-block", "data-source": sourceSays() }, 0],
    },
    ...tables,
    text: { group: "inline" },
    hard_break: { inline: true, group: "inline", selectable: false, parseDOM: [{ tag: "br" }], toDOM: () => ["br"] },
    document: {
      inline: true,
      group: "inline",
      atom: true,
      attrs: { number: {} },
      leafText: (node) => node.attrs.number,
      parseDOM: [{ tag: "a[data-number]", getAttrs: (link) => ({ number: link.dataset.number }), priority: 60 }],
      toDOM: ({ attrs: { number } }) => ["a", { class: "chip", "data-number": number }, number],
    },
    image: {
      inline: true,
      group: "inline",
      atom: true,
      draggable: true,
      attrs: { src: {}, alt: { default: "" }, title: { default: "" } },
      leafText: (node) => node.attrs.alt,
      parseDOM: [
        {
          tag: "img[src]",
          getAttrs(image) {
            const found = /^bild-\d+$|\/bild\/(\d+)\/$/.exec(image.dataset.picture || image.getAttribute("src"));
            return found && { src: found[1] ? `bild-${found[1]}` : found[0], alt: image.getAttribute("alt") || "" };
          },
        },
      ],
      toDOM({ attrs: { src, alt } }) {
        const number = /^bild-(\d+)$/.exec(src);
        // A picture from elsewhere is never fetched; readers get its words alone.
        if (!number) return ["span", { class: "doc-image" }, alt || src];
        return ["img", { src: `${host().dataset.pictures}${number[1]}/`, alt, "data-picture": src }];
      },
    },
  };
  // Tables are blocks that stand by themselves too.
  nodes.table = { ...tables.table, attrs: { ...tables.table.attrs, ...block } };

  const marks = {
    link: {
      attrs: { href: {}, title: { default: "" } },
      inclusive: false,
      parseDOM: [{ tag: "a[href]", getAttrs: (link) => ({ href: link.getAttribute("href") }) }],
      toDOM: (mark) => ["a", { href: mark.attrs.href, rel: "noopener noreferrer" }, 0],
    },
    strong: { parseDOM: [{ tag: "strong" }, { tag: "b" }], toDOM: () => ["strong", 0] },
    em: { parseDOM: [{ tag: "em" }, { tag: "i" }], toDOM: () => ["em", 0] },
    strike: { parseDOM: [{ tag: "s" }, { tag: "del" }, { tag: "strike" }], toDOM: () => ["s", 0] },
    code: { code: true, parseDOM: [{ tag: "code" }], toDOM: () => ["code", 0] },
  };

  window.writing = { WORDS, schema: new Schema({ nodes, marks }) };
})();
