// A telephone that sends and gets SMS, with parts and delivery of each message.

import { ask, clock, draw, element, frame, sendOnEnter } from "./handsets.js";

const STATES = {
  accepted: "tatt imot", queued: "i kø", sending: "sendes", sent: "sendt", delivered: "levert",
  undelivered: "ikke levert", failed: "feilet", received: "framme",
};

export function texts(number, options) {
  const handset = frame("texts", number, options);
  const { find } = handset;
  const form = find(".compose");
  let line = "";

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = form.elements.body;
    if (await ask("texts", { from: handset.number(), to: line, body: body.value })) body.value = "";
  });
  sendOnEnter(form);

  function update(state) {
    line = state.numbers.sms;
    find(".line").textContent = line;
    const mine = state.texts.filter((text) => (text.inbound ? text.from : text.to) === handset.number());
    draw(find(".log"), mine, (text) => text.sid, (text) => {
      const item = element("li", text.body);
      if (text.inbound) item.classList.add("mine");
      const parts = text.parts === 1 ? "1 del" : `${text.parts} deler`;
      let facts = `${clock(text.at)} · ${parts} · ${text.encoding} · ${STATES[text.status] ?? text.status}`;
      if (text.media) facts += ` · ${text.media} vedlegg`;
      if (text.error_code) facts += ` (feil ${text.error_code})`;
      if (text.trouble) facts += " · nådde ikke tjenesten";
      item.append(element("small", facts));
      return item;
    });
  }
  return { ...handset, update };
}
