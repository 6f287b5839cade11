// What was chosen in a box for files: each picture small, so that one sees that it is the right one, and its name and
// size. Drawn from the file itself: nothing is sent by it.
(() => {
  "use strict";
  const HEIGHT = 120;
  const MB = 1_000_000;

  const written = (number, digits) => number.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits });
  const size = (bytes) => (bytes < MB / 10 ? `${written(Math.max(1, bytes / 1000), 0)} kB` : `${written(bytes / MB, 1)} MB`);

  async function drawn(file) {
    if (!/^image\/(jpeg|png)$/.test(file.type)) return null;
    try {
      const picture = await createImageBitmap(file, { resizeHeight: HEIGHT * 2, resizeQuality: "medium", imageOrientation: "from-image" });
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [picture.width, picture.height];
      canvas.getContext("2d").drawImage(picture, 0, 0);
      canvas.setAttribute("aria-hidden", "true"); // its name stands beside
      return canvas;
    } catch {
      return null; // no picture after all: the portal says so when it is sent
    }
  }

  document.addEventListener("change", async ({ target }) => {
    const box = target.closest?.(".filebox");
    if (!box || target.type !== "file") return;
    let list = box.querySelector("ul.chosen");
    if (!list) {
      const told = box.appendChild(document.createElement("div"));
      told.setAttribute("role", "status");
      list = told.appendChild(document.createElement("ul"));
      list.className = "chosen";
    }
    const files = [...target.files];
    const rows = await Promise.all(
      files.map(async (file) => {
        const row = document.createElement("li");
        const picture = await drawn(file);
        if (picture) row.append(picture);
        const words = row.appendChild(document.createElement("span"));
        words.textContent = `${file.name}, ${size(file.size)}`;
        return row;
      }),
    );
    // Another choice may have been made meanwhile.
    if (files.length === target.files.length && files.every((file, n) => file === target.files[n])) list.replaceChildren(...rows);
  });
})();
