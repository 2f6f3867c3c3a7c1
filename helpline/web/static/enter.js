// A half-filled record outlives an offer that is accepted, a link that is followed and a page that is loaded anew. It is
// kept in this tab, for this sign-in, until it is saved. Codes only: nothing else can be typed.
(() => {
  "use strict";
  const place = (address) => `entering ${document.body.dataset.csrf} ${address}`;
  for (const saved of document.querySelectorAll("[data-saved]")) sessionStorage.removeItem(place(saved.dataset.saved));

  const form = document.querySelector("form[data-keeps]");
  if (!form) return;
  const here = place(form.getAttribute("action"));
  const fields = () => [...form.elements].filter((field) => field.name && field.type !== "hidden");
  const kept = JSON.parse(sessionStorage.getItem(here) || "null");
  // After an error the page holds what was typed already.
  if (kept && !document.getElementById("problem")) {
    for (const field of fields()) {
      const values = kept[field.name] || [];
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (values.length) field.value = values[0];
      if (field.checked || (field.value && field.tagName === "SELECT")) field.closest("details")?.setAttribute("open", "");
    }
  }
  form.addEventListener("change", () => {
    const values = {};
    for (const field of fields()) {
      const chosen = !["checkbox", "radio"].includes(field.type) || field.checked;
      if (chosen && field.tagName !== "BUTTON") (values[field.name] ||= []).push(field.value);
    }
    sessionStorage.setItem(here, JSON.stringify(values));
  });
})();
