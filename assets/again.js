// A page that says "not there" or "starting" looks by itself whether there is something better, and then goes there.
(() => {
  "use strict";
  const EVERY_MS = 3000;
  window.setInterval(async () => {
    try {
      const answer = await fetch(window.location.href, { method: "HEAD", cache: "no-store" });
      if (answer.ok) window.location.reload();
    } catch {
      // Nobody answers: this page says nothing that could grow old.
    }
  }, EVERY_MS);
})();
