// What every handset has in common: asking the simulator, drawing lists without losing the place, its frame.

const problem = document.getElementById("problem");
let clearing = 0;

export function tell(text) {
  problem.textContent = text;
  clearTimeout(clearing);
  clearing = setTimeout(() => { problem.textContent = ""; }, 8000);
}

// Asks the simulator to do something; null and a message on the page when it cannot.
export async function ask(path, body, method = "POST") {
  const request = { method };
  if (body !== undefined) {
    request.headers = { "Content-Type": "application/json" };
    request.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(`/simulator/api/${path}`, request);
  } catch {
    tell("Øvelsen svarer ikke.");
    return null;
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    tell(`Det gikk ikke: ${told.error ?? "ugyldig innhold"}`);
    return null;
  }
  return told;
}

// Draws `items` into `list`, keeping nodes whose content is the same, so that focus and selection stay.
// A reader at the end of the list is kept at the end; of something taller than the list, its beginning is shown.
export function draw(list, items, key, make) {
  const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8 || String(list.scrollTop) === list.dataset.left;
  const old = new Map([...list.children].map((node) => [node.dataset.key, node]));
  let changed = false;
  let place = null;
  for (const item of items) {
    const name = String(key(item));
    const content = JSON.stringify(item);
    let node = old.get(name);
    if (!node || node.dataset.content !== content) {
      const made = make(item);
      made.dataset.key = name;
      made.dataset.content = content;
      if (node) node.replaceWith(made);
      node = made;
      changed = true;
    }
    old.delete(name);
    const next = place ? place.nextSibling : list.firstChild;
    if (next !== node) list.insertBefore(node, next);
    place = node;
  }
  for (const gone of old.values()) { gone.remove(); changed = true; }
  if (changed && atEnd) {
    list.scrollTop = place && place.offsetHeight > list.clientHeight ? place.offsetTop - list.offsetTop : list.scrollHeight;
    list.dataset.left = String(list.scrollTop);
  }
}

export function element(name, text, ...classes) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  made.classList.add(...classes);
  return made;
}

export function clock(at) {
  return new Date(at).toLocaleTimeString("nb-NO", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

// Copies a template and wires what all handsets have: number, removal. `keep` is called when the number changes.
export function frame(template, number, { keep, remove, title }) {
  const node = document.getElementById(template).content.firstElementChild.cloneNode(true);
  const input = node.querySelector("[name=number]");
  const heading = node.querySelector("h2");
  if (title) heading.textContent = title;
  const name = () => node.setAttribute("aria-label", `${heading.textContent} ${input.value}`);
  input.value = number;
  name();
  input.addEventListener("change", () => { input.value = input.value.replace(/\s/g, ""); name(); keep(input.value); });
  node.querySelector(".remove").addEventListener("click", () => { node.remove(); remove(); });
  return { node, number: () => input.value, find: (selector) => node.querySelector(selector) };
}

// Enter sends, Shift+Enter makes a new line.
export function sendOnEnter(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.tagName === "TEXTAREA") {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}
