// A question in a row that only some answers before it ask for: shown when one of them is chosen, and not sent while
// hidden. Without this script all are shown, and what is written is sent.
"use strict";

(() => {
  const settle = (form) => {
    for (const part of form.querySelectorAll("[data-when]")) {
      const chosen = new FormData(form).getAll(part.dataset.when);
      const asked = part.dataset.oneOf.split(" ").some((code) => chosen.includes(code));
      part.hidden = !asked;
      for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = !asked;
    }
  };
  const settleAll = () => document.querySelectorAll("form").forEach(settle);

  settleAll();
  document.addEventListener("change", (event) => event.target.form && settle(event.target.form));
  document.addEventListener("htmx:afterSettle", settleAll);
})();
