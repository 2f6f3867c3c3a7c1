// One-time pages work without this. It copies the letter's text, and takes whoever went wrong to what is wrong.
"use strict";

for (const button of document.querySelectorAll("[data-copies]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const said = document.getElementById(button.dataset.said);
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
    said.textContent = said.dataset.text;
  });
}

const first = document.querySelector("#danger, #stop, #problems");
if (first) {
  first.tabIndex = -1;
  first.focus();
}
