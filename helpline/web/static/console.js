// The console's hands: keyboard, tabs, drafts, knowledge into replies, and being called.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const writing = (element) => element && (element.matches("input:not([type=checkbox], [type=radio]), textarea, select") || element.isContentEditable);
  const openContact = () => document.querySelector("[data-contact]")?.dataset.contact;

  // ---- Being called: title, icon and sound, for as long as an offer stands.
  const title = document.title;
  let plain = title;
  function call() {
    const calling = document.querySelector("[data-offer]");
    const length = Number(byId("queue-length")?.dataset.length || 0);
    const count = calling ? Math.max(1, length) : length;
    document.title = (count ? `(${count}) ` : "") + plain;
    const icon = byId("icon");
    const wanted = calling ? icon.dataset.calling : icon.dataset.quiet;
    if (icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
    window.sound.repeat(Boolean(calling));
  }

  // ---- The chosen line of the queue.
  let chosen = null;
  const places = () => [...document.querySelectorAll("#waiting [data-place]")];
  function choose(place, focus) {
    chosen = place ? place.dataset.place : null;
    for (const one of places()) one.classList.toggle("chosen", one === place);
    if (place && focus) place.querySelector("a").focus();
  }
  function step(by) {
    const all = places();
    if (!all.length) return;
    const at = all.findIndex((place) => place.dataset.place === chosen);
    choose(all[Math.min(all.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by))], true);
  }
  function mark() {
    const open = openContact();
    for (const link of document.querySelectorAll("[data-opens-contact]")) {
      if (link.dataset.opensContact === open) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const again = places().find((place) => place.dataset.place === chosen);
    for (const one of places()) one.classList.toggle("chosen", one === again);
    byId("console")?.classList.toggle("working", Boolean(open));
  }

  // ---- Tabs beside the conversation.
  function show(name, focus) {
    const tab = byId(`tab-${name}`);
    if (!tab) {
      if (name === "note") byId("note-text")?.focus();
      return false;
    }
    for (const one of document.querySelectorAll("[role=tab]")) {
      const selected = one === tab;
      one.setAttribute("aria-selected", String(selected));
      one.tabIndex = selected ? 0 : -1;
      byId(one.getAttribute("aria-controls")).hidden = !selected;
    }
    if (focus) {
      const first = { knowledge: "#ask", note: "#note-text", closing: "#panel-closing input:not([type=hidden]), #panel-closing button:not(:disabled)" }[name];
      const field = document.querySelector(first);
      field?.focus();
      field?.scrollIntoView({ block: "nearest" });
    }
    return true;
  }

  // ---- The conversation stays at its end, unless somebody is reading further up.
  function atEnd(course) {
    return course.scrollHeight - course.scrollTop - course.clientHeight < 120;
  }
  function toEnd() {
    const course = byId("course");
    if (course) course.scrollTop = course.scrollHeight;
  }
  let follow = true;

  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) show(tab.id.slice(4), false);
    const insert = event.target.closest("[data-inserts]");
    if (insert) {
      const field = byId("reply-text");
      if (field) {
        const before = field.value.slice(0, field.selectionEnd);
        const gap = before && !before.endsWith("\n") ? "\n\n" : "";
        field.setRangeText(gap + insert.dataset.inserts, field.selectionEnd, field.selectionEnd, "end");
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.focus();
        htmx.ajax("POST", insert.dataset.used, { swap: "none" });
      }
    }
    const article = event.target.closest("a[data-article]");
    if (article && byId("knowledge")) {
      event.preventDefault();
      htmx.ajax("GET", article.getAttribute("href"), { target: "#knowledge", swap: "innerHTML" }).then(() => byId("knowledge").scrollIntoView({ block: "nearest" }));
    }
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!show("knowledge", true) && byId("ask")) byId("ask").focus();
      else if (!byId("ask")) location.assign("/knowledge");
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.matches("[data-sends]")) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.target.matches?.("[role=tab]") && ["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
      const tabs = [...document.querySelectorAll("[role=tab]")];
      const at = tabs.indexOf(event.target);
      const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key];
      const tab = tabs[(next + tabs.length) % tabs.length];
      show(tab.id.slice(4), false);
      tab.focus();
      event.preventDefault();
      return;
    }
    if (event.key === "Escape" && writing(event.target)) {
      event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key !== "?" && localStorage.getItem("letters") === "off") return;
    const act = {
      j: () => step(1),
      k: () => step(-1),
      a: () => (document.querySelector("[data-accept]") || document.querySelector("[data-take-open]") || document.querySelector("#waiting .chosen [data-take]"))?.click(),
      r: () => byId("reply-text")?.focus(),
      n: () => show("note", true),
      c: () => show("closing", true),
      q: () => document.querySelector(".to-queue")?.click(),
      "?": () => byId("keys").showModal(),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  document.addEventListener("focusin", (event) => {
    const place = event.target.closest("[data-place]");
    if (place) choose(place, false);
  });

  // ---- What was said of earlier work goes; what this very answer says of what was done stays for a while.
  function unsay(answer) {
    const said = byId("said");
    const done = said?.querySelector("[data-done]");
    if (done && (done.answer ??= answer) === answer) {
      clearTimeout(said.timer);
      // Not under the hands of somebody who is about to follow its link.
      said.timer = setTimeout(() => said.contains(document.activeElement) || said.replaceChildren(), 15000);
    } else said?.replaceChildren();
  }

  // ---- What htmx swaps in.
  // What stands in a part already, but for its clocks. The same again is not drawn: hands and ears are on it.
  const drawn = new WeakMap();
  const same = (target, html) => {
    const told = html.replace(/>\s*\d+(:\d\d)+\s*</g, "><");
    const before = drawn.get(target);
    drawn.set(target, told);
    return told === before;
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const course = byId("course");
    if (course) follow = atEnd(course);
    // A failure on our side says so; its raw text takes no part's place. Failures that know their words are for «said».
    if (event.detail.xhr.status >= 500 && event.detail.target.id !== "said") {
      event.detail.shouldSwap = false;
      const said = byId("said");
      const sentence = document.createElement("p");
      sentence.className = "ds-alert";
      sentence.dataset.color = "danger";
      sentence.textContent = said.dataset.failed;
      said.replaceChildren(sentence);
      clearTimeout(said.timer);
      said.timer = setTimeout(() => said.replaceChildren(), 9000);
      return;
    }
    // Words of a note that nobody has saved are not taken away when the contact closes: they can still be saved.
    if (event.detail.target.id === "note" && event.detail.requestConfig.verb === "get" && byId("note-text")?.value.trim()) {
      event.detail.shouldSwap = false;
      return;
    }
    // A list of pauses that stands open is not drawn away under the hand; when it closes, the rail is fetched anew.
    if (event.detail.target.id === "rail" && event.detail.requestConfig.verb === "get" && document.querySelector("#pauses:popover-open")) {
      event.detail.shouldSwap = false;
      return;
    }
    if (["rail", "queue"].includes(event.detail.target.id) && event.detail.shouldSwap && same(event.detail.target, event.detail.serverResponse)) {
      event.detail.shouldSwap = false;
      return;
    }
    // The part that has the keyboard keeps it when it is drawn anew.
    const held = document.activeElement;
    const holds = held && (event.detail.target.contains(held) || (event.detail.target.id === "rail" && held.closest("#pauses")));
    event.detail.target.dataset.held = holds ? held.id || held.closest("[data-place]")?.dataset.place || held.dataset.opensContact || held.value || held.tagName : "";
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.target;
    if (target.id === "main") {
      follow = true;
      toEnd();
      plain = (byId("stage-title")?.textContent.trim().replace(/\s+/g, " ") || title) + " – " + (document.querySelector(".brand")?.textContent.trim() || "");
      const field = byId("reply-text");
      if (field && target.querySelector("[data-contact]")) field.focus();
      else byId("stage-title")?.focus();
      htmx.trigger(document.body, "live:mine");
    } else if (target.id === "composer") {
      const field = byId("reply-text");
      if (field && event.detail.requestConfig?.verb === "post") {
        field.focus();
        field.selectionStart = field.value.length;
      }
      toEnd();
    } else if (target.id === "panel-closing" && target.querySelector("[data-ends]")) {
      show("closing", false);
    } else if (target.id === "course" && follow) {
      toEnd();
    } else if (target.id === "queue" && target.dataset.held) {
      places().find((place) => place.dataset.place === target.dataset.held)?.querySelector("a")?.focus();
    } else if (target.id === "rail" && target.dataset.held) {
      const held = target.dataset.held;
      const again = target.querySelector(`[data-opens-contact="${CSS.escape(held)}"]`) || target.querySelector(`.switch [value="${CSS.escape(held)}"]`);
      (again || target.querySelector(".switch button"))?.focus();
    } else if (target.id === "said") {
      clearTimeout(target.timer);
      target.timer = setTimeout(() => target.replaceChildren(), 9000);
    }
    if (event.target.id !== "said" && event.detail.requestConfig?.verb === "post" && event.detail.successful) unsay(event.detail.xhr);
    mark();
    call();
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id === "course" && follow) toEnd();
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.id === "pauses" && event.newState === "closed" && event.target.isConnected) htmx.trigger(document.body, "live:mine");
  }, true);
  document.addEventListener("htmx:sendError", () => window.dispatchEvent(new Event("offline")));

  document.addEventListener("DOMContentLoaded", () => {
    const letters = byId("letters");
    letters.checked = localStorage.getItem("letters") !== "off";
    letters.addEventListener("change", () => localStorage.setItem("letters", letters.checked ? "on" : "off"));
    toEnd();
    mark();
    call();
  });
})();
