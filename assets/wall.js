// The page watches itself: it lets its clock tick, says NOT LIVE when nothing came, and comes back by itself.
// It knows nothing of measures: only when the page was last renewed.
(() => {
  "use strict";
  const LOST_AFTER_MS = 12000;
  const RELOAD_AFTER_MS = 30000;
  const RELOAD_SPREAD_MS = 5000;
  const zone = "Europe/London";
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  const exact = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const lost = document.getElementById("lost");
  let beat = "";
  let renewed = performance.now();
  let build = "";
  let leaving = false;

  const page = () => document.querySelector("#live > .wall") || document.querySelector("#first-paint > .wall");

  async function reload() {
    if (leaving) return;
    leaving = true;
    try {
      // Never leave for a page that has not answered.
      const answer = await fetch(window.location.href, { method: "HEAD", cache: "no-store" });
      if (answer.ok) {
        window.setTimeout(() => window.location.reload(), Math.random() * RELOAD_SPREAD_MS);
        return;
      }
    } catch {
      // The server is away; the next look tries again.
    }
    leaving = false;
  }

  function tick(wall, silent) {
    const seconds = Number(wall.dataset.now) + (silent / 1000) * Number(wall.dataset.speed);
    const shown = wall.querySelector("#clock");
    const text = clock.format(new Date(seconds * 1000));
    if (shown && shown.textContent !== text) shown.textContent = text;
  }

  function look() {
    const wall = page();
    if (!wall) return;
    const now = performance.now();
    if (wall.dataset.beat !== beat) {
      beat = wall.dataset.beat;
      renewed = now;
      build = build || wall.dataset.build;
      const first = document.getElementById("first-paint");
      if (first && wall.parentElement.id === "live") first.remove();
    }
    const silent = now - renewed;
    tick(wall, silent);
    const isLost = silent > LOST_AFTER_MS;
    document.documentElement.classList.toggle("not-live", isLost);
    lost.hidden = !isLost;
    if (isLost) {
      const at = exact.format(new Date(Number(wall.dataset.now) * 1000));
      const minutes = Math.floor(silent / 60000);
      const since = minutes ? `${minutes} min` : `${Math.floor(silent / 1000)} s`;
      lost.textContent = `■ NOT LIVE: nothing received for ${since}. These figures are from ${at}.`;
    }
    if (silent > RELOAD_AFTER_MS || wall.dataset.build !== build) reload();
  }

  window.setInterval(look, 1000);
  look();
})();
