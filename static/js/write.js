// A picture is put where the writer was in the text. Without this file it is put last.
(() => {
  "use strict";
  const body = document.getElementById("id_body");
  const at = document.getElementById("id_picture_at");
  if (!body || !at) return;
  let visited = false;
  body.addEventListener("focus", () => { visited = true; });
  body.form.addEventListener("submit", (event) => {
    at.value = visited && event.submitter?.name === "add_picture" ? body.selectionStart : "";
  });
})();
