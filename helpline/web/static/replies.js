// Ready sentences: «/» in the reply opens a list, which is chosen from with the keyboard or the mouse.
"use strict";
(() => {
  const field = () => document.getElementById("reply-text");
  const list = () => document.getElementById("replies");
  const shown = () => [...list().querySelectorAll("[role=option]:not([hidden])")];
  const plain = (text) => text.toLowerCase().normalize("NFC");
  let closedAt = null; // where a «/» stands that Escape has been said to

  // The «/» that is being written, and what stands after it: at the beginning, or after a space; «og/eller» is none.
  function asked() {
    const one = field();
    if (!one || one.selectionStart !== one.selectionEnd) return null;
    const found = /(^|\s)\/([^\s/][^/\n]{0,30})?$/.exec(one.value.slice(0, one.selectionStart));
    return found && { from: found.index + found[1].length, query: plain(found[2] || "").trim() };
  }

  function tell(count) {
    const told = document.getElementById("replies-told");
    told.textContent = count === 0 ? told.dataset.none : count === 1 ? told.dataset.one : told.dataset.many.replace("{number}", count);
  }

  function point(option) {
    for (const one of list().querySelectorAll("[role=option]")) one.setAttribute("aria-selected", String(one === option));
    if (option) {
      field().setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else field().removeAttribute("aria-activedescendant");
  }

  function close() {
    if (!list() || list().hidden) return;
    list().hidden = true;
    document.getElementById("replies-told").textContent = "";
    point(null);
  }

  function look() {
    if (!list()) return;
    const now = asked();
    if (!now) {
      closedAt = null;
      document.getElementById("replies-told").textContent = "";
      return close();
    }
    if (closedAt === now.from) return;
    const words = now.query.split(/\s+/).filter(Boolean);
    for (const one of list().querySelectorAll("[role=option]")) {
      const text = plain(one.textContent);
      one.hidden = !words.every((word) => text.includes(word));
    }
    const found = shown();
    if (!found.length) {
      close();
      return tell(0);
    }
    list().hidden = false;
    tell(found.length);
    point(found[0]);
  }

  function choose(option) {
    const one = field();
    const now = asked();
    if (!now || !option) return;
    one.setRangeText(option.dataset.words, now.from, one.selectionStart, "end");
    close();
    one.dispatchEvent(new Event("input", { bubbles: true }));
    one.focus();
  }

  document.addEventListener("input", (event) => {
    if (event.target === field()) look();
  });
  document.addEventListener("focusout", (event) => {
    if (event.target === field()) close();
  });

  // Before all other keys of the page: while the list is open they belong to it.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.target !== field() || !list() || list().hidden || event.isComposing) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const all = shown();
      const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
      if (event.key === "ArrowDown") point(all[(at + 1) % all.length]);
      else if (event.key === "ArrowUp") point(all[(at - 1 + all.length) % all.length]);
      else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) choose(all[at]);
      else if (event.key === "Escape") {
        closedAt = asked()?.from ?? null;
        close();
      } else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );

  // The field keeps the keyboard while one clicks.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest?.("#replies")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const option = event.target.closest?.("#replies [role=option]");
    if (option) choose(option);
  });
})();
