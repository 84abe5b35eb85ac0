// A screen that is not paired asks what it should show, and goes there once that has answered. It never leaves for a page
// that it has not seen answer just now, and says so when nobody answers.
(() => {
  "use strict";
  const EVERY_MS = 3000;
  const SPREAD_MS = 1000; // screens that were switched on together do not ask together for ever
  const ANSWER_MS = 5000;
  const LOST_AFTER_MS = 12000;
  const NO_COOKIE_BEFORE_MS = 20000; // a page this young has a code that has not run out
  const ANSWERS = [200, 401, 403, 404]; // each has a page; others are an outage

  const root = document.documentElement;
  const { screen, state } = document.getElementById("pairing").dataset;
  const lost = document.getElementById("lost");
  const address = `/pairing/state?screen=${encodeURIComponent(screen)}`;
  const started = performance.now();
  let heard = started;

  window.sessionStorage.removeItem("left"); // the wall that comes may leave for this page at once

  const ask = (where, method) =>
    fetch(where, { method, cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
  const pause = (ms) => new Promise((resolve) => window.setTimeout(resolve, ms));

  function say(words) {
    root.classList.toggle("not-live", words !== "");
    lost.hidden = words === "";
    if (lost.textContent !== words) lost.textContent = words;
  }

  function silent() {
    const s = Math.floor((performance.now() - heard) / 1000);
    if (s * 1000 >= LOST_AFTER_MS) say(`■ NOT LIVE: nobody has answered for ${s} s. This page asks again by itself.`);
  }

  // Whether another page is on its way.
  async function look() {
    const answer = await ask(address, "GET");
    if (!answer.ok) return false;
    const said = await answer.json();
    heard = performance.now();
    const young = heard - started < NO_COOKIE_BEFORE_MS;
    if (state.startsWith("code") && said.state === "renew" && young) {
      say("■ This browser keeps no cookies, and so it cannot be paired.");
      return false;
    }
    say("");
    if (said.state === state) return false;
    const there = await ask(window.location.href, "HEAD");
    if (!ANSWERS.includes(there.status)) return false;
    window.location.reload();
    return true;
  }

  async function watch() {
    for (;;) {
      await pause(EVERY_MS + Math.random() * SPREAD_MS);
      try {
        if (await look()) await pause(2 * ANSWER_MS);
      } catch {
        // Nobody answers: the bar says so.
      }
    }
  }

  window.setInterval(silent, 1000);
  watch();
})();
