// A person with Telegram: text, buttons, corrections, attachments, a group, blocking.

import { ask, clock, draw, element, frame, sendOnEnter } from "./handsets.js";

const THINGS = {
  photo: "🖼 bilde", document: "📄 dokument", voice: "🎤 talemelding", location: "📍 sted", contact: "👤 kontakt",
  sticker: "🙂 klistremerke",
};
const ACTIONS = { typing: "skriver …", upload_document: "sender et dokument …" };

export function chat(number, options) {
  const handset = frame("chat", number, options);
  const { find } = handset;
  const form = find(".compose");
  let place = null;
  let blocked = false;
  let editing = null;
  let own = [];

  const person = () => Number.parseInt(handset.number(), 10) || 1;
  const path = (verb) => `telegram/${person()}/${verb}`;
  const group = () => -100000 - person();
  const here = () => (place === null ? {} : { chat: place });

  function stopEditing() {
    editing = null;
    find(".composing").textContent = "Ny melding";
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = form.elements.text;
    const told = editing === null
      ? await ask(path("say"), { text: text.value, ...here() })
      : await ask(path("edit"), { message: editing, text: text.value, ...here() });
    if (told) { text.value = ""; stopEditing(); }
  });
  sendOnEnter(form);
  find(".start").addEventListener("click", () => ask(path("say"), { text: "/start", ...here() }));
  find(".edit").addEventListener("click", () => {
    const last = own.at(-1);
    if (!last) return;
    editing = last.id;
    form.elements.text.value = last.text;
    find(".composing").textContent = "Rett meldingen";
    form.elements.text.focus();
  });
  find(".attach").addEventListener("click", () => ask(path("send"), { kind: find("[name=kind]").value, ...here() }));
  find(".block").addEventListener("click", () => ask(path("block"), { on: !blocked }));
  find(".unreadable").addEventListener("click", () => ask(path("unreadable")));
  find(".group").addEventListener("click", async () => {
    if (place === null) {
      if (await ask(path("group"), { group: group(), member: true })) place = group();
    } else {
      place = null;
    }
    options.redraw();
  });

  function buttons(message) {
    const area = element("div", undefined, "buttons");
    for (const row of message.buttons) {
      const line = element("div");
      for (const button of row) {
        const made = element("button", button.url ? `${button.text} ↗` : button.text);
        made.type = "button";
        if (button.callback_data) {
          made.addEventListener("click", () => {
            // Whoever scrolled up to an old button sees what it led to.
            find(".log").scrollTop = find(".log").scrollHeight;
            ask(path("press"), { message: message.id, data: button.callback_data, ...here() });
          });
        } else {
          made.disabled = true;
          made.title = button.url ?? "";
        }
        line.append(made);
      }
      area.append(line);
    }
    return area;
  }

  function bubble(message) {
    const item = element("li", message.text);
    if (!message.bot) item.classList.add("mine");
    if (message.file && message.bot) {
      const link = element("a", `📄 ${message.file.name}`);
      link.href = `/simulator/files/${encodeURIComponent(message.file.id)}`;
      item.append(element("br"), link);
    } else if (message.attachment) {
      item.append(element("div", THINGS[message.attachment]));
    }
    item.append(element("small", `${message.bot ? message.sender : "du"} · ${clock(message.at)}${message.edited ? " · rettet" : ""}`));
    if (message.buttons.length) item.append(buttons(message));
    return item;
  }

  function update(state) {
    const found = state.chats.find((one) => one.id === (place ?? person()));
    const messages = found?.messages ?? [];
    blocked = state.chats.find((one) => one.id === person())?.blocked ?? false;
    own = messages.filter((message) => !message.bot && message.text && !message.attachment);
    let text = place === null ? state.telegram.name : `Gruppe: ${found?.name ?? ""}`;
    if (blocked) text += " · du har blokkert denne";
    if (found?.action) text += ` · ${ACTIONS[found.action] ?? "er opptatt …"}`;
    if (state.telegram.shown) text += ` · «${state.telegram.shown}»`;
    if (find(".status").textContent !== text) find(".status").textContent = text;
    find(".block").textContent = blocked ? "Opphev blokkering" : "Blokker";
    find(".group").textContent = place === null ? "Skriv i gruppe" : "Tilbake fra gruppen";
    find(".edit").disabled = own.length === 0;
    draw(find(".log"), messages, (message) => `${place ?? person()}:${message.id}`, bubble);
    const rows = found?.keyboard ?? [];
    const keyboard = find(".keyboard");
    keyboard.hidden = rows.length === 0;
    draw(keyboard, rows.map((row, index) => ({ row, index })), (line) => line.index, ({ row }) => {
      const line = element("div");
      for (const button of row) {
        const words = typeof button === "string" ? button : button.text;
        const made = element("button", words);
        made.type = "button";
        made.addEventListener("click", () => ask(path("say"), { text: words, ...here() }));
        line.append(made);
      }
      return line;
    });
  }
  return { ...handset, update };
}
