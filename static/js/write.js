// A picture is put where the writer was in the text, and what it shows is asked for before it is sent: a page that came
// back would have lost the file. Without this file it is put last.
(() => {
  "use strict";
  const body = document.getElementById("id_body");
  const at = document.getElementById("id_picture_at");
  const says = document.getElementById("id_picture_says");
  if (!body || !at) return;
  let visited = false;
  body.addEventListener("focus", () => { visited = true; });
  body.form.addEventListener(
    "submit",
    (event) => {
      const adds = event.submitter?.name === "add_picture";
      at.value = visited && adds ? body.selectionStart : "";
      says.required = adds;
      says.setCustomValidity(adds && !says.value.trim() ? says.dataset.missing : "");
      if (!adds || says.reportValidity()) return;
      event.preventDefault();
      event.stopImmediatePropagation(); // nothing is on its way: the draft goes on being kept
    },
    { capture: true },
  );
  says.addEventListener("input", () => says.setCustomValidity(""));
})();
