// Stands in the page itself. If the wall's own script does not start, nobody watches over the figures that were painted:
// then they are not live, and the page is loaded anew once its address answers.
(() => {
  "use strict";
  const after = Number(document.currentScript.dataset.after) * 1000;
  const watching = window.setInterval(async () => {
    if (window.wallStarted) {
      window.clearInterval(watching);
      return;
    }
    document.documentElement.classList.add("not-live");
    const lost = document.getElementById("lost") || document.body.appendChild(document.createElement("p"));
    lost.id = "lost";
    lost.hidden = false;
    lost.textContent = "■ NOT LIVE: this page did not arrive whole";
    try {
      const answer = await fetch(window.location.href, { method: "HEAD", cache: "no-store" });
      if (answer.ok) window.location.reload();
    } catch {
      // Nobody answers: ask again.
    }
  }, after);
})();
