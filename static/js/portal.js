// Enhancements only: every page works without this file.
// Loaded in the head and not deferred, so that a chosen theme stands before the first paint; the rest waits for the page.
(() => {
  "use strict";
  const root = document.documentElement;

  function kept(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // storage refused: follow the system
    }
  }

  function keep(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch {
      // for this page only
    }
  }

  function changeTheme() {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    keep("theme", root.dataset.theme);
  }

  // A shortcut of a single character must be possible to switch off (WCAG 2.1.4): it disturbs who speaks to the computer.
  // Other scripts ask the root element (`data-keys`).
  let shortcut = kept("shortcut") !== "off";
  root.dataset.keys = shortcut ? "on" : "off";

  function showShortcut(button) {
    button.textContent = shortcut ? button.dataset.on : button.dataset.off;
  }

  function changeShortcut(button) {
    shortcut = !shortcut;
    root.dataset.keys = shortcut ? "on" : "off";
    keep("shortcut", root.dataset.keys);
    showShortcut(button);
  }

  // The demonstration's accounts: fill in the sign-in form; sending it is still the person's act.
  function fillSignIn(button) {
    const login = document.querySelector("[name=login]");
    const password = document.querySelector("[name=password]");
    if (!login || !password) return;
    login.closest("details")?.setAttribute("open", "");
    login.value = button.dataset.fillLogin;
    password.value = button.dataset.fillPassword;
    login.form.querySelector("[type=submit]").focus();
  }

  // `what` the print is to hold, where the page asks (print.css); the next print by the browser's own key is as before.
  function printed(what) {
    root.dataset.prints = what;
    print();
    delete root.dataset.prints;
  }

  // What only works with scripts is hidden in the markup and shown here. `part` is the page or what htmx put in it.
  function enhance(part) {
    part.querySelectorAll("[data-theme-set], [data-shortcut-set], [data-print], [data-fill-login], [data-scripted]").forEach((button) => {
      button.hidden = false;
    });
    part.querySelectorAll("[data-shortcut-set]").forEach(showShortcut);
    part.querySelectorAll(".chart__in").forEach((chart) => {
      chart.scrollLeft = chart.scrollWidth; // newest first in sight
    });
    const wide = matchMedia("(min-width: 62rem)").matches;
    part.querySelectorAll("details[data-open-wide]").forEach((details) => {
      details.open = wide;
    });
  }

  const theme = kept("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;

  document.addEventListener("DOMContentLoaded", () => {
    enhance(document);
    const summary = document.querySelector(".errors[tabindex]");
    if (summary && !location.hash) summary.focus();
  });
  document.addEventListener("htmx:load", (event) => enhance(event.target));

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(
      "[data-theme-set], [data-shortcut-set], [data-open], [data-print], [data-fill-login]",
    );
    if (!button) return;
    if ("themeSet" in button.dataset) changeTheme();
    else if ("shortcutSet" in button.dataset) changeShortcut(button);
    else if ("print" in button.dataset) printed(button.dataset.print);
    else if ("fillLogin" in button.dataset) fillSignIn(button);
    else {
      const dialog = document.getElementById(button.dataset.open);
      if (dialog?.showModal) {
        event.preventDefault(); // the button may be a link or a submit that works without scripts
        dialog.showModal();
      }
    }
  });

  document.addEventListener("keydown", (event) => {
    if (!shortcut || event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const box = document.querySelector("input[type=search]");
    if (box) {
      event.preventDefault();
      box.focus();
    }
  });
})();
