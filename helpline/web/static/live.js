// One stream a tab. It carries ids only; what changed is fetched through the ordinary pages.
"use strict";
(() => {
  const SILENT = 45000; // the server says something every 15 seconds
  let last = null;
  let source = null;
  let heard = Date.now();
  let lostAt = null;
  let retry = null;

  const banner = () => document.getElementById("lost");

  function changed(topic, contact) {
    htmx.trigger(document.body, `live:${topic}`);
    if (!contact) return;
    htmx.trigger(document.body, `live:contact-${contact}`);
    if (topic === "contact" && document.querySelector(`#rail [data-opens-contact="${contact}"]`)) htmx.trigger(document.body, "live:mine");
  }

  function everything() {
    changed("queue");
    changed("duty");
    changed("hours");
    const open = document.querySelector("[data-contact]");
    if (open) htmx.trigger(document.body, `live:contact-${open.dataset.contact}`);
  }

  function lose() {
    if (lostAt) return;
    lostAt = new Date();
    const time = lostAt.toLocaleTimeString(document.body.dataset.language === "en" ? "en-GB" : "nb-NO", {
      hour: "2-digit",
      minute: "2-digit",
    });
    const text = banner().querySelector("strong");
    text.textContent = banner().dataset.text.replace("{time}", time.replace(":", document.body.dataset.language === "en" ? ":" : "."));
    banner().hidden = false;
    document.body.classList.add("offline");
  }

  function regain() {
    heard = Date.now();
    if (!lostAt) return;
    lostAt = null;
    banner().hidden = true;
    document.body.classList.remove("offline");
    const said = document.getElementById("said");
    said.replaceChildren(Object.assign(document.createElement("p"), { className: "ds-alert", textContent: banner().dataset.back }));
    said.firstChild.dataset.color = "success";
    setTimeout(() => said.replaceChildren(), 5000);
    everything();
  }

  function open() {
    clearTimeout(retry);
    if (source) source.close();
    source = new EventSource(document.body.dataset.live + (last === null ? "" : `?after=${last}`));
    source.addEventListener("hello", (event) => {
      if (last === null) {
        last = Number(event.lastEventId) || 0;
        // What changed after the page was drawn and before the stream began is told by nobody.
        changed("queue");
        changed("duty");
      }
      regain();
    });
    source.addEventListener("beat", regain);
    source.addEventListener("change", (event) => {
      regain();
      const told = JSON.parse(event.data);
      last = Math.max(last || 0, Number(event.lastEventId) || 0);
      if (told.topic === "everything") everything();
      else changed(told.topic, told.contact);
    });
    source.addEventListener("again", () => open());
    source.onerror = () => {
      // A short break is nobody's business; a longer one is said.
      retry = setTimeout(() => {
        if (source.readyState === EventSource.OPEN) return;
        lose();
        open();
      }, 2500);
    };
  }

  document.addEventListener("DOMContentLoaded", () => {
    open();
    setInterval(() => {
      if (Date.now() - heard > SILENT) {
        lose();
        open();
      }
    }, 5000);
  });
  window.addEventListener("offline", lose);
  window.addEventListener("online", open);
  window.addEventListener("pagehide", () => source && source.close());
  // Signing out off duty is news to every page. This one is leaving, and would be refused what it fetched.
  document.addEventListener("submit", (event) => {
    if (source && event.target.getAttribute("action") === "/sign-out") source.close();
  });

  // A button that is drawn anew between going down and coming up loses its click. News of the part that somebody
  // presses on waits until it is let go, and is then fetched anew.
  let pressed = null;
  let waits = false;
  let end = null;
  function press(event) {
    clearTimeout(end);
    pressed = event.target;
  }
  function letGo() {
    // A finger's click comes a little after the finger has left.
    end = setTimeout(() => {
      pressed = null;
      if (waits) everything();
      waits = false;
    }, 50);
  }
  document.addEventListener("pointerdown", (event) => event.button === 0 && press(event), true);
  document.addEventListener("pointerup", letGo, true);
  document.addEventListener("pointercancel", letGo, true);
  document.addEventListener("keydown", (event) => event.key === " " && press(event), true);
  document.addEventListener("keyup", (event) => event.key === " " && letGo(), true);
  window.addEventListener("blur", letGo);
  document.addEventListener(
    "htmx:beforeSwap",
    (event) => {
      const { elt, verb } = event.detail.requestConfig;
      if (verb !== "get" || !elt.matches("[hx-trigger*='live:']") || !event.detail.target.contains(pressed)) return;
      event.detail.shouldSwap = false;
      waits = true;
    },
    true,
  );

  // Nothing leaves while we are cut off: the colleague's answer may already be there, unseen.
  document.addEventListener(
    "htmx:confirm",
    (event) => {
      if (lostAt && event.detail.verb !== "get") event.preventDefault();
    },
    true,
  );
})();
