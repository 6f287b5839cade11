// The visual editor: shows the text of the box as it will look, and writes what is changed back into the box, which is
// what is saved, kept and previewed. Without this file the box is the page's own.
(() => {
  "use strict";
  const W = window.Writing;
  const { schema, read, fragment, written, cleaned, WORDS } = window.writing;
  const { nodes, marks } = schema;
  const PAUSE = 200;

  const ancestor = (state, ...types) => {
    const { $from } = state.selection;
    for (let depth = $from.depth; depth > 0; depth -= 1) if (types.includes($from.node(depth).type)) return depth;
    return 0;
  };

  // A list is begun, made a list of the other kind, or left.
  const list = (type) => (state, dispatch) => {
    const depth = ancestor(state, nodes.bullet_list, nodes.ordered_list);
    if (!depth) return W.wrapInList(type)(state, dispatch);
    const { $from } = state.selection;
    if ($from.node(depth).type === type) return W.liftListItem(nodes.list_item)(state, dispatch);
    const { tight } = $from.node(depth).attrs;
    if (dispatch) dispatch(state.tr.setNodeMarkup($from.before(depth), type, { tight }));
    return true;
  };

  const callout = (word) => (state, dispatch) => {
    const depth = ancestor(state, nodes.callout);
    const { $from } = state.selection;
    if (!depth) return W.wrapIn(nodes.callout, { word })(state, dispatch);
    const box = $from.node(depth);
    const change = box.attrs.word === word
      ? state.tr.replaceWith($from.before(depth), $from.after(depth), box.content)
      : state.tr.setNodeMarkup($from.before(depth), null, { ...box.attrs, word });
    if (dispatch) dispatch(change.scrollIntoView());
    return true;
  };

  function insertTable(state, dispatch) {
    if (W.isInTable(state)) return false;
    const cell = (type) => type.create(null, nodes.paragraph.create());
    const row = (type) => nodes.table_row.create(null, [cell(type), cell(type), cell(type)]);
    const made = nodes.table.create(null, [row(nodes.table_header), row(nodes.table_cell), row(nodes.table_cell)]);
    const { $from } = state.selection;
    const here = $from.node(1);
    const isEmpty = here.type === nodes.paragraph && !here.content.size;
    const at = isEmpty ? $from.before(1) : $from.after(1);
    if (dispatch) {
      const change = isEmpty ? state.tr.replaceWith(at, $from.after(1), made) : state.tr.insert(at, made);
      dispatch(change.setSelection(W.TextSelection.near(change.doc.resolve(at + 3))).scrollIntoView());
    }
    return true;
  }

  // Figures of a column to the right, or to the left again.
  function figures(state, dispatch) {
    if (!W.isInTable(state)) return false;
    const { map, tableStart, table, left, right } = W.selectedRect(state);
    const cells = map.cellsInRect({ left, right, top: 0, bottom: map.height });
    const align = table.nodeAt(cells[0]).attrs.align ? null : "right";
    if (dispatch) dispatch(cells.reduce((tr, at) => tr.setNodeMarkup(tableStart + at, null, { ...table.nodeAt(at).attrs, align }), state.tr));
    return true;
  }

  function nextRow(state, dispatch) {
    if (!W.isInTable(state)) return false;
    const { map, tableStart, bottom, left } = W.selectedRect(state);
    if (bottom === map.height) W.addRowAfter(state, dispatch);
    else if (dispatch) dispatch(state.tr.setSelection(W.TextSelection.near(state.doc.resolve(tableStart + map.map[bottom * map.width + left] + 1))).scrollIntoView());
    return true;
  }

  const lineBreak = (state, dispatch) => {
    if (W.isInTable(state) || state.selection.$from.parent.type !== nodes.paragraph) return true;
    if (dispatch) dispatch(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
    return true;
  };

  // Each has a command, and how to tell whether it is in force where one stands.
  const acts = {
    undo: { run: () => W.undo, can: (state) => W.undoDepth(state) > 0 },
    redo: { run: () => W.redo, can: (state) => W.redoDepth(state) > 0 },
    paragraph: { run: () => W.setBlockType(nodes.paragraph), on: (state) => state.selection.$from.parent.type === nodes.paragraph },
    heading: {
      run: (level) => W.setBlockType(nodes.heading, { level: Number(level) }),
      on: (state, level) => state.selection.$from.parent.type === nodes.heading && state.selection.$from.parent.attrs.level === Number(level),
    },
    mark: {
      run: (name) => W.toggleMark(marks[name]),
      on: ({ selection: { from, to, empty, $from }, storedMarks, doc }, name) =>
        empty ? Boolean(marks[name].isInSet(storedMarks || $from.marks())) : doc.rangeHasMark(from, to, marks[name]),
    },
    list: { run: (name) => list(nodes[name]), on: (state, name) => ancestor(state, nodes[name]) > 0 && isInner(state, name) },
    indent: { run: () => W.sinkListItem(nodes.list_item), can: (state) => W.sinkListItem(nodes.list_item)(state) },
    outdent: { run: () => W.liftListItem(nodes.list_item), can: (state) => ancestor(state, nodes.list_item) > 0 },
    callout: { run: callout, on: (state, word) => state.selection.$from.node(ancestor(state, nodes.callout))?.attrs.word === word },
    table: { run: () => insertTable },
    row: { run: () => W.addRowAfter },
    column: { run: () => W.addColumnAfter },
    deleteRow: { run: () => W.deleteRow },
    deleteColumn: { run: () => W.deleteColumn },
    deleteTable: { run: () => W.deleteTable },
    figures: { run: () => figures, on: (state) => W.isInTable(state) && Boolean(state.doc.nodeAt(cellAt(state))?.attrs.align) },
  };
  const isInner = (state, name) => state.selection.$from.node(ancestor(state, nodes.bullet_list, nodes.ordered_list)).type === nodes[name];
  function cellAt(state) {
    const { map, tableStart, top, left } = W.selectedRect(state);
    return tableStart + map.map[top * map.width + left];
  }

  // The first row of a table is its header, as Markdown has it; after a last block that is no paragraph one can go on.
  const shape = new W.Plugin({
    appendTransaction(changes, _, state) {
      if (!changes.some((change) => change.docChanged)) return null;
      const { tr } = state;
      state.doc.descendants((node, at) => {
        if (node.type !== nodes.table) return !node.isTextblock;
        node.forEach((row, inTable, y) =>
          row.forEach((cell, inRow) => {
            const type = y ? nodes.table_cell : nodes.table_header;
            if (cell.type !== type) tr.setNodeMarkup(at + inTable + inRow + 2, type, cell.attrs);
          }),
        );
        return false;
      });
      if (state.doc.lastChild.type !== nodes.paragraph) tr.insert(tr.doc.content.size, nodes.paragraph.create());
      return tr.docChanged ? tr : null;
    },
  });

  const rules = W.inputRules({
    rules: [
      W.textblockTypeInputRule(/^(#{2,4})\s$/, nodes.heading, (found) => ({ level: found[1].length })),
      W.wrappingInputRule(/^\s*([-*])\s$/, nodes.bullet_list),
      W.wrappingInputRule(/^(\d+)[.)]\s$/, nodes.ordered_list, (found) => ({ order: Number(found[1]) })),
      new W.InputRule(/\[\[\s*([A-ZÅÄÖ]{2,8}-[0-9][0-9A-Za-z._-]*)\s*\]\]$/, (state, found, from, to) =>
        state.tr.replaceWith(from, to, nodes.document.create({ number: found[1] })),
      ),
    ],
  });

  function keys(ask, toTools) {
    let leaving = false;
    const tab = (command) => (state, dispatch, view) => {
      if (leaving) return false;
      return command(state, dispatch, view);
    };
    const map = W.keymap({
      "Mod-z": W.undo,
      "Mod-y": W.redo,
      "Shift-Mod-z": W.redo,
      "Mod-b": W.toggleMark(marks.strong),
      "Mod-i": W.toggleMark(marks.em),
      "Mod-k": () => ask("link"),
      "Mod-Alt-0": W.setBlockType(nodes.paragraph),
      "Mod-Alt-2": W.setBlockType(nodes.heading, { level: 2 }),
      "Mod-Alt-3": W.setBlockType(nodes.heading, { level: 3 }),
      "Mod-Alt-4": W.setBlockType(nodes.heading, { level: 4 }),
      "Mod-Shift-8": list(nodes.bullet_list),
      "Mod-Shift-7": list(nodes.ordered_list),
      "Alt-F10": toTools,
      Enter: W.chainCommands(nextRow, W.splitListItem(nodes.list_item)),
      "Shift-Enter": W.chainCommands(W.exitCode, lineBreak),
      Tab: tab(W.chainCommands(W.goToNextCell(1), (state, dispatch) => W.isInTable(state) && nextRow(state, dispatch), W.sinkListItem(nodes.list_item))),
      "Shift-Tab": tab(W.chainCommands(W.goToNextCell(-1), W.liftListItem(nodes.list_item))),
      Backspace: W.undoInputRule,
    });
    // Escape, and the next Tab leaves the text: a keyboard is never caught in it.
    const escape = new W.Plugin({
      props: {
        handleKeyDown(_, event) {
          if (event.key === "Escape") leaving = true;
          else if (event.key !== "Tab" && event.key !== "Shift") leaving = false;
          return false;
        },
        handleDOMEvents: { blur: () => ((leaving = false), false) },
      },
    });
    return [escape, map, W.keymap(W.baseKeymap)];
  }

  // Words alone go into a cell: it has one line.
  function intoCell(view, slice) {
    if (!W.isInTable(view.state) || slice.content.firstChild?.type.spec.tableRole) return false;
    const held = [];
    slice.content.descendants((node) => {
      if (node.type === nodes.table) return false;
      if (!node.isTextblock) return true;
      if (held.length) held.push(schema.text(" "));
      node.forEach((child) => held.push(child.type === nodes.hard_break ? schema.text(" ") : child));
      return false;
    });
    if (!held.length) return false;
    view.dispatch(view.state.tr.replaceSelection(new W.Slice(W.Fragment.from(held), 0, 0)).scrollIntoView());
    return true;
  }

  // `area`: the box. `ask(what, with)`: opens a window of the tools. `told`: what a pasting lost, and what readers would
  // see otherwise. `moved(state)`: the caret or the text is another.
  function open({ area, place, base, labelled, ask, toTools, told, moved }) {
    const text = read(area.value);
    let timer = 0;
    let dirty = false;

    function sync() {
      clearTimeout(timer);
      if (!dirty) return;
      dirty = false;
      const now = text.write(view.state.doc);
      told.unsure(now.unsure.length);
      if (area.value === now.text) return;
      area.value = now.text;
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }

    const images = (data) => [...(data?.files || [])].filter((file) => file.type.startsWith("image/"));
    const view = new W.EditorView(place, {
      state: W.EditorState.create({
        doc: text.doc,
        plugins: [rules, ...keys(ask, toTools), W.history(), W.dropCursor(), W.gapCursor(), W.tableEditing(), shape],
      }),
      attributes: { class: "prose editor__text", role: "textbox", "aria-multiline": "true", lang: "sv", spellcheck: "true", ...labelled },
      dispatchTransaction(change) {
        view.updateState(view.state.apply(change));
        moved(view.state);
        if (!change.docChanged) return;
        dirty = true;
        clearTimeout(timer);
        timer = setTimeout(sync, PAUSE);
      },
      handleDOMEvents: { blur: () => (sync(), false) },
      transformPastedHTML(html) {
        const { html: kept, lost } = cleaned(html, base);
        told.lost(lost);
        return kept;
      },
      clipboardTextParser: (pasted) => W.Slice.maxOpen(fragment(pasted.replace(/\r\n?/g, "\n"))),
      clipboardTextSerializer: ({ content }) =>
        content.content.map((node) => (node.isBlock ? written(node) : node.textContent)).join(content.firstChild?.isBlock ? "\n\n" : ""),
      handlePaste(_, event, slice) {
        const [image] = images(event.clipboardData);
        const says = event.clipboardData?.types.some((type) => type === "text/html" || type === "text/plain");
        if (image && !says) return ask("picture", { file: image });
        return intoCell(view, slice);
      },
      handleDrop(_, event) {
        const [image] = images(event.dataTransfer);
        if (!image) return false;
        event.preventDefault();
        const found = view.posAtCoords({ left: event.clientX, top: event.clientY });
        if (found) view.dispatch(view.state.tr.setSelection(W.TextSelection.near(view.state.doc.resolve(found.pos))));
        return ask("picture", { file: image });
      },
    });
    moved(view.state);
    return { view, sync, write: (options) => text.write(view.state.doc, options) };
  }

  Object.assign(window.writing, { acts, open, WORDS });
})();
