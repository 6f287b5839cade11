// A page of the file, large: zoom by button, key, two fingers or two taps, to the next page and back. Without this the picture opens by itself.
(() => {
  "use strict";
  const LEAST = 0.5;
  const MOST = 4;
  const STEP = 1.25;
  // On a telephone a page is read at some two and a half widths of the window. Taps nearer than this are two of one.
  const READING = 2.5;
  const TAPS = 320;

  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn--second btn--s";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  function start(holder) {
    const links = [...holder.querySelectorAll("[data-sheet]")];
    const dialog = document.createElement("dialog");
    dialog.className = "sheet-large";
    const bar = document.createElement("div");
    bar.className = "row row--between";
    const title = document.createElement("strong");
    title.setAttribute("aria-live", "polite");
    const pane = document.createElement("div");
    pane.className = "sheet-large__pane";
    pane.tabIndex = 0;
    const picture = document.createElement("img");
    pane.append(picture);
    let at = 0;
    let zoom = 1;

    function draw() {
      // As wide as the window, but no wider than a page is read at; then so much larger or smaller.
      picture.style.width = `min(${zoom * 100}%, ${zoom * 60}rem)`;
    }

    function show(n) {
      at = Math.min(Math.max(n, 0), links.length - 1);
      const small = links[at].querySelector("img");
      picture.src = links[at].href;
      picture.alt = small.alt;
      title.textContent = small.alt;
      pane.scrollTo(0, 0);
      draw();
    }

    function scale(by) {
      zoom = by ? Math.min(Math.max(zoom * by, LEAST), MOST) : 1;
      draw();
    }

    // The place between the fingers stays where it is while the page grows under them.
    function scaleAt(to, x, y) {
      const before = picture.getBoundingClientRect();
      const [across, down] = [(x - before.left) / before.width, (y - before.top) / before.height];
      zoom = Math.min(Math.max(to, LEAST), MOST);
      draw();
      const after = picture.getBoundingClientRect();
      pane.scrollBy(after.left + across * after.width - x, after.top + down * after.height - y);
    }

    const apart = ([one, two]) => Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY);
    let pinched = null;
    let tapped = 0;
    pane.addEventListener("touchstart", ({ touches }) => {
      pinched = touches.length === 2 ? { apart: apart(touches), zoom } : null;
    });
    pane.addEventListener(
      "touchmove",
      (event) => {
        if (!pinched || event.touches.length !== 2) return;
        event.preventDefault(); // else the browser makes the whole window larger
        const [one, two] = event.touches;
        scaleAt((pinched.zoom * apart(event.touches)) / pinched.apart, (one.clientX + two.clientX) / 2, (one.clientY + two.clientY) / 2);
      },
      { passive: false },
    );
    pane.addEventListener("touchend", (event) => {
      if (pinched || event.touches.length) return;
      const [{ clientX, clientY }] = event.changedTouches;
      // Two taps: between the width of the window and a size to read at.
      if (event.timeStamp - tapped < TAPS) scaleAt(zoom > 1 ? 1 : READING, clientX, clientY);
      tapped = event.timeStamp;
    });

    function close() {
      dialog.close();
      links[at].closest("figure").scrollIntoView({ block: "nearest" });
      links[at].focus();
    }

    const said = holder.dataset;
    const acts = document.createElement("span");
    acts.className = "row";
    const previous = button("‹", () => show(at - 1));
    const next = button("›", () => show(at + 1));
    const smaller = button("−", () => scale(1 / STEP));
    const larger = button("+", () => scale(STEP));
    previous.setAttribute("aria-label", said.previous);
    next.setAttribute("aria-label", said.next);
    smaller.setAttribute("aria-label", said.smaller);
    larger.setAttribute("aria-label", said.larger);
    acts.append(previous, next, smaller, larger, button(said.closed, close));
    bar.append(title, acts);
    dialog.append(bar, pane);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close();
    });
    dialog.addEventListener("keydown", (event) => {
      const keys = {
        "+": () => scale(STEP),
        "-": () => scale(1 / STEP),
        0: () => scale(0),
        PageDown: () => show(at + 1),
        PageUp: () => show(at - 1),
        ...(zoom <= 1 && { ArrowRight: () => show(at + 1), ArrowLeft: () => show(at - 1) }),
      };
      if (keys[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        keys[event.key]();
      }
    });
    document.body.append(dialog);
    links.forEach((link, n) => {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
        event.preventDefault();
        zoom = 1;
        dialog.showModal();
        show(n);
        pane.focus();
      });
    });
  }

  document.querySelectorAll("[data-sheets]").forEach(start);
})();
