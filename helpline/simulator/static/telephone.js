// A telephone: it can ring us, be rung, press keys and speak. What is heard stands as text.

import { ask, draw, element, frame } from "./handsets.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const OVER = new Set(["completed", "busy", "failed", "no-answer", "canceled"]);
const STATES = {
  completed: "Samtalen er slutt", busy: "Opptatt", failed: "Nummeret svarer ikke", "no-answer": "Ikke besvart",
  canceled: "Anropet ble avbrutt", queued: "Kobler opp …", ringing: "Ringer …", "in-progress": "I samtale",
};
const EXPECTED = { digits: "trykk en tast", speech: "si noe", queue: "du venter i kø" };
const MANNERS = {
  rings: "ringer til noen svarer", answers: "svarer av seg selv", voicemail: "telefonsvarer tar den",
  busy: "er opptatt", silent: "svarer aldri", unreachable: "er ikke i bruk",
};
const SOUNDS = { play: "♪", pause: "stille i", beep: "", tone: "♪", key: "tast", voice: "stemme:", note: "" };
// What the simulator tells of sounds, in words for the page.
const TOLD = {
  connected: "koblet sammen", "hold music": "ventemusikk", "back in the conversation": "tilbake i samtalen",
  "the provider's hold music": "leverandørens ventemusikk", ringing: "det ringer", busy: "opptatt",
  "not in service": "nummeret er ikke i bruk", beep: "pip",
};

export function telephone(number, options) {
  const advisor = options.kind === "advisor";
  const handset = frame("telephone", number, { ...options, title: advisor ? "Rådgivers telefon" : "Telefon" });
  const { node, find } = handset;
  let call = null;
  let placed = options.placed ?? null;

  find(".withhold").hidden = advisor;
  find(".manner").hidden = !advisor;
  const withheld = find("[name=withheld]");
  const manner = find("[name=manner]");
  for (const [value, text] of Object.entries(MANNERS)) manner.append(new Option(text, value));
  manner.addEventListener("change", () => ask(`telephones/${encodeURIComponent(handset.number())}`, { manner: manner.value }));

  const keypad = find(".keypad");
  for (const key of KEYS) {
    const button = element("button", key);
    button.type = "button";
    button.setAttribute("aria-label", key === "*" ? "stjerne" : key === "#" ? "firkant" : key);
    button.addEventListener("click", () => { if (call) ask(`calls/${call.sid}/press`, { keys: key }); });
    keypad.append(button);
  }
  node.addEventListener("keydown", (event) => {
    if (KEYS.includes(event.key) && call && !["INPUT", "SELECT"].includes(event.target.tagName)) {
      event.preventDefault();
      ask(`calls/${call.sid}/press`, { keys: event.key });
    }
  });
  find(".ring").addEventListener("click", async () => {
    const told = await ask("calls", { from: withheld.checked ? null : handset.number() });
    if (told) { placed = told.sid; options.place(placed); }
  });
  find(".answer").addEventListener("click", () => ask(`calls/${call.sid}/answer`));
  find(".decline").addEventListener("click", () => ask(`calls/${call.sid}/decline`, { busy: true }));
  find(".hang-up").addEventListener("click", () => ask(`calls/${call.sid}/hang-up`));
  find(".speak").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = event.target.elements.words;
    if (call && words.value.trim()) ask(`calls/${call.sid}/speak`, { words: words.value.trim() });
    words.value = "";
  });

  function update(state) {
    const mine = state.calls.filter((leg) =>
      leg.sid === placed || (leg.direction === "inbound" ? leg.from : leg.to) === handset.number());
    call = mine.findLast((leg) => !OVER.has(leg.status)) ?? mine.at(-1) ?? null;
    const alive = call !== null && !OVER.has(call.status);
    const rung = alive && call.direction !== "inbound" && call.expects === "ringing";
    const talking = alive && call.status === "in-progress";
    node.classList.toggle("ringing", rung);
    let text = call ? STATES[call.status] ?? call.status : "Ledig";
    if (rung) text = `Det ringer fra ${call.from}`;
    else if (talking && EXPECTED[call.expects]) text = `I samtale: ${EXPECTED[call.expects]}`;
    const status = find(".status");
    if (status.textContent !== text) status.textContent = text;
    find(".ring").hidden = alive || advisor;
    find(".line").textContent = state.numbers.voice;
    find(".answer").hidden = find(".decline").hidden = !rung;
    find(".hang-up").hidden = !alive || rung;
    find(".speak button").disabled = !talking;
    for (const key of keypad.children) key.disabled = !talking;
    const heard = call ? call.heard.map((line, index) => ({ ...line, index })) : [];
    draw(find(".heard"), heard, (line) => `${call.sid}-${line.index}`, (line) => {
      const mark = SOUNDS[line.sound] ?? "";
      const words = ["say", "voice"].includes(line.sound) ? line.text : TOLD[line.text] ?? line.text;
      const item = element("li", `${mark} ${words}`.trim(), line.sound);
      if (line.language) item.lang = line.language;
      return item;
    });
  }
  return { ...handset, update };
}
