// Dialogs, timers and the few things that every page shares.
"use strict";
(() => {
  // Clocks on the page count from the server's time, whatever the computer's own clock says.
  const ahead = () => Number(document.body.dataset.ahead || 0);
  window.serverNow = () => Date.now() + ahead();

  function lasting(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const pad = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor((whole % 3600) / 60);
    return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
  }

  function tick() {
    for (const element of document.querySelectorAll("[data-since]")) {
      const text = lasting((window.serverNow() - Date.parse(element.dataset.since)) / 1000);
      if (element.textContent !== text) element.textContent = text;
    }
    for (const element of document.querySelectorAll("[data-until]")) {
      const left = Math.max(0, Math.ceil((Date.parse(element.dataset.until) - window.serverNow()) / 1000));
      if (element.tagName === "PROGRESS") element.value = left;
      else element.textContent = String(left);
      if (left === 0 && element.dataset.then) {
        const event = element.dataset.then;
        delete element.dataset.then;
        setTimeout(() => window.htmx && htmx.trigger(document.body, event), 700);
      }
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.body.dataset.ahead = String(Date.parse(document.body.dataset.now) - Date.now());
    tick();
    setInterval(tick, 1000);
    document.body.addEventListener("htmx:afterSettle", tick);
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.opens);
      if (dialog) dialog.showModal();
    }
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog").close();
  });
})();
