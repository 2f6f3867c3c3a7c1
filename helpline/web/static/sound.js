// The tone that says that somebody waits. Made by the browser itself, so that no file can be missing.
"use strict";
window.sound = (() => {
  const TONES = {
    soft: { type: "sine", notes: [[523.25, 0], [659.25, 0.22]], length: 0.9, volume: 0.35 },
    clear: { type: "triangle", notes: [[783.99, 0], [1046.5, 0.18], [783.99, 0.36]], length: 0.6, volume: 0.4 },
    bell: { type: "sine", notes: [[880, 0], [1760, 0], [2637, 0]], length: 1.8, volume: 0.22 },
  };
  const AGAIN = 4000;
  let context = null;
  let repeating = null;
  let blocked = false;

  const chosen = () => localStorage.getItem("tone") || "soft";

  function wake() {
    context = context || new AudioContext();
    return context.state === "suspended" ? context.resume() : Promise.resolve();
  }

  function ring(name) {
    const tone = TONES[name];
    if (!tone || !context || context.state !== "running") return;
    const start = context.currentTime + 0.02;
    for (const [frequency, after] of tone.notes) {
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      oscillator.type = tone.type;
      oscillator.frequency.value = frequency;
      gain.gain.setValueAtTime(0, start + after);
      gain.gain.linearRampToValueAtTime(tone.volume / tone.notes.length, start + after + 0.015);
      gain.gain.exponentialRampToValueAtTime(0.0005, start + after + tone.length);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(start + after);
      oscillator.stop(start + after + tone.length + 0.05);
    }
  }

  async function play(name) {
    // A browser may refuse sound before the first click; then resume() waits, and we say so instead of staying silent.
    await Promise.race([wake().catch(() => {}), new Promise((done) => setTimeout(done, 300))]);
    blocked = context.state !== "running";
    ring(name || chosen());
    show();
  }

  function repeat(on) {
    if (on && !repeating) {
      play();
      repeating = setInterval(play, AGAIN);
    } else if (!on && repeating) {
      clearInterval(repeating);
      repeating = null;
    }
  }

  function show() {
    const button = document.getElementById("sound");
    if (!button) return;
    const state = chosen() === "none" ? "off" : blocked ? "blocked" : "on";
    button.dataset.state = state;
    button.querySelector(".state").textContent = button.dataset[state];
  }

  document.addEventListener("click", (event) => {
    const tester = event.target.closest("[data-plays]");
    if (tester) {
      play(chosen() === "none" ? "soft" : undefined);
      const says = tester.dataset.says && document.getElementById(tester.dataset.says);
      if (says) says.textContent = says.dataset.text;
    } else if (blocked || !context) {
      wake().then(() => {
        blocked = false;
        show();
      });
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.name !== "tone") return;
    localStorage.setItem("tone", event.target.value);
    if (event.target.value !== "none") play();
    show();
  });
  document.addEventListener("DOMContentLoaded", async () => {
    const radio = document.querySelector(`input[name="tone"][value="${chosen()}"]`);
    if (radio) radio.checked = true;
    if (document.getElementById("sound")) {
      await Promise.race([wake().catch(() => {}), new Promise((done) => setTimeout(done, 300))]);
      blocked = context.state !== "running";
      show();
    }
  });
  return { play, repeat };
})();
