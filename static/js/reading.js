// A long text: the list of contents follows the reader, and a table that goes on past its edge says so.
(() => {
  "use strict";

  // The heading that was last passed is the one that is read.
  function follow(list) {
    const links = [...list.querySelectorAll('a[href^="#"]')];
    const places = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
    if (!places.some(Boolean)) return;
    let current = null;
    let waits = false;

    function look() {
      waits = false;
      let at = 0;
      places.forEach((place, n) => {
        if (place && place.getBoundingClientRect().top < innerHeight / 3) at = n;
      });
      if (links[at] === current) return;
      current?.removeAttribute("aria-current");
      current = links[at];
      current.setAttribute("aria-current", "true");
      // Only the list itself moves, never the page.
      const box = list.getBoundingClientRect();
      const shown = current.getBoundingClientRect();
      if (list.scrollHeight > list.clientHeight && (shown.top < box.top || shown.bottom > box.bottom)) {
        list.scrollTop += shown.top - box.top - box.height / 3;
      }
    }

    addEventListener(
      "scroll",
      () => {
        if (!waits) requestAnimationFrame(look);
        waits = true;
      },
      { passive: true },
    );
    look();
  }

  function edges(box) {
    const look = () => {
      const left = box.scrollWidth - box.clientWidth - Math.abs(box.scrollLeft);
      box.classList.toggle("has-more", left > 2);
    };
    box.addEventListener("scroll", look, { passive: true });
    new ResizeObserver(look).observe(box);
    look();
  }

  document.querySelectorAll(".doc-toc").forEach(follow);
  document.querySelectorAll(".prose .scroll").forEach(edges);
  // The way back to the contents opens them, where they are folded.
  document.querySelectorAll("[data-to-contents]").forEach((link) => {
    const list = document.querySelector(link.hash);
    // Not in the way while the contents themselves are in sight.
    if (list) new IntersectionObserver(([seen]) => link.classList.toggle("is-idle", seen.isIntersecting)).observe(list);
    link.addEventListener("click", () => {
      const contents = document.querySelector(`${link.hash} details`);
      if (contents) contents.open = true;
    });
  });
})();
