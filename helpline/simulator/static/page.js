// The page: which handsets there are, the simulator's state kept fresh, and what happens behind the scenes.

import { chat } from "./chat.js";
import { ask, clock, draw, element } from "./handsets.js";
import { telephone } from "./telephone.js";
import { texts } from "./texts.js";

const KINDS = { telephone, advisor: telephone, texts, chat };
const STORE = "helpline-handsets";
const area = document.getElementById("handsets");
const connection = document.getElementById("connection");
const kindList = document.querySelector("#fault-form [name=kind]");
let state = null;
let shown = [];

function keep() {
  try {
    localStorage.setItem(STORE, JSON.stringify(shown.map(({ kind, number, placed }) => ({ kind, number, placed }))));
  } catch {
    // Without storage the page starts afresh next time; nothing else depends on it.
  }
}

function kept() {
  try {
    const read = JSON.parse(localStorage.getItem(STORE) ?? "[]");
    return Array.isArray(read) ? read.filter((one) => one.kind in KINDS) : [];
  } catch {
    return [];
  }
}

function add(kind, number, placed = null) {
  const entry = { kind, number, placed };
  entry.handset = KINDS[kind](number, {
    kind,
    placed,
    keep: (value) => { entry.number = value; keep(); redraw(); },
    place: (sid) => { entry.placed = sid; keep(); redraw(); },
    remove: () => { shown = shown.filter((one) => one !== entry); keep(); area.focus(); },
    redraw,
  });
  shown.push(entry);
  area.append(entry.handset.node);
  return entry;
}

function unused(kind) {
  const taken = new Set(shown.map((one) => one.number));
  const from = kind === "chat" ? 1001 : kind === "advisor" ? 90000091 : 90000001;
  for (let next = from; ; next += 1) {
    const number = kind === "chat" ? String(next) : `+47${next}`;
    if (!taken.has(number)) return number;
  }
}

for (const button of document.querySelectorAll("[data-add]")) {
  button.addEventListener("click", () => {
    const entry = add(button.dataset.add, unused(button.dataset.add));
    keep();
    redraw();
    entry.handset.find("[name=number]").focus();
  });
}

function furnish() {
  for (const one of kept()) add(one.kind, one.number, one.placed);
  if (shown.length) return;
  add("telephone", "+4790000001");
  add("texts", "+4790000002");
  add("chat", "1001");
  for (const number of state.advisors.slice(0, 3)) add("advisor", number);
  if (!state.advisors.length) add("advisor", unused("advisor"));
}

// A telephone that rings must be on the page, or nobody could answer it. A number that is no advisor's is a caller's,
// who left it to be rung back.
function showWhoeverRings() {
  for (const leg of state.calls) {
    if (leg.expects !== "ringing" || leg.direction === "inbound") continue;
    const there = shown.some((one) => ["telephone", "advisor"].includes(one.kind) && one.number === leg.to);
    const theirs = state.advisors.length && !state.advisors.includes(leg.to);
    if (!there) { add(theirs ? "telephone" : "advisor", leg.to); keep(); }
  }
}

// The one that rings may stand further down than anyone looks.
function pointToWhoeverRings() {
  const rung = shown.filter((one) => one.handset.node.classList.contains("ringing"));
  draw(document.getElementById("ringing"), rung.map((one) => ({ name: one.handset.node.getAttribute("aria-label") })),
    (one) => one.name, ({ name }) => {
      const line = element("span", `Det ringer: ${name} `);
      const go = element("button", "Gå dit");
      go.type = "button";
      go.addEventListener("click", () => {
        const { node } = shown.find((one) => one.handset.node.getAttribute("aria-label") === name).handset;
        node.scrollIntoView({ block: "center" });
        node.querySelector(".answer").focus({ preventScroll: true });
      });
      line.append(go);
      return line;
    });
}

const often = (number) => (number === 1 ? "én gang" : `${number} ganger`);

function whereInWords(target) {
  const known = [...document.querySelector("#fault-form [name=target]").options].find((one) => one.value === target);
  return known?.textContent ?? target;
}

function redraw() {
  if (!state) return;
  showWhoeverRings();
  for (const one of shown) one.handset.update(state);
  pointToWhoeverRings();
  document.getElementById("fault-count").textContent = state.faults.reduce((sum, fault) => sum + fault.times, 0);
  document.getElementById("alert-count").textContent = state.alerts.length;
  document.getElementById("opt-out").checked = state.opt_out;
  if (!kindList.options.length) for (const one of state.fault_kinds) kindList.append(new Option(one.meaning, one.kind));
  const indexed = (items) => items.map((item, index) => ({ ...item, index }));
  draw(document.getElementById("faults"), indexed(state.faults), (one) => one.index,
    (one) => element("li", `${whereInWords(one.target)}: ${one.meaning}, ${often(one.times)} til`));
  draw(document.getElementById("alerts"), indexed(state.alerts), (one) => `${one.at}${one.index}`,
    (one) => element("li", `${clock(one.at)} ${one.code} ${one.text} (${one.about})`));
  draw(document.getElementById("webhooks"), indexed(state.webhooks), (one) => `${one.at}${one.index}`,
    (one) => element("li", `${clock(one.at)} ${one.status ?? "–"} ${one.url}${one.number ? ` (gang ${one.number + 1})` : ""} ${one.error}`));
  const { telegram } = state;
  const way = telegram.webhook ? `webhook ${telegram.webhook}` : telegram.polling ? "tjenesten spør selv" : "ingen henter";
  document.getElementById("telegram-state").textContent = `Telegram: ${way}, ${telegram.pending} venter`;
}

document.getElementById("fault-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { kind, target, times, seconds } = event.target.elements;
  ask("faults", { kind: kind.value, target: target.value, times: Number(times.value), seconds: Number(seconds.value) });
});
document.getElementById("fault-clear").addEventListener("click", () => ask("faults", undefined, "DELETE"));
document.getElementById("opt-out").addEventListener("change", (event) => ask("opt-out", { on: event.target.checked }));

async function watch() {
  let after = -1;
  for (;;) {
    try {
      const answer = await fetch(`/simulator/api/state?after=${after}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const first = state === null;
      state = await answer.json();
      after = state.revision;
      if (connection.textContent) connection.textContent = "";
      if (first) furnish();
      redraw();
    } catch {
      after = -1;
      connection.textContent = "Øvelsen svarer ikke akkurat nå. Siden prøver igjen.";
      await new Promise((resume) => { setTimeout(resume, 1500); });
    }
  }
}

watch();
