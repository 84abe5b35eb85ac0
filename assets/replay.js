// At a desk: the slider and the steps load the wall of another moment and put it in place of the one that is shown. A
// picture stays until the next is there, and what stands in the banner always belongs to the picture below it.
(() => {
  "use strict";
  const MINUTE_S = 60;
  const QUARTER_S = 900;
  const HOUR_S = 3600;
  const WAITS_MS = 10000;

  const form = document.getElementById("ask");
  const field = document.getElementById("asked");
  const told = document.getElementById("told");
  const slider = document.getElementById("slider");
  const parts = { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" };
  const words = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", hourCycle: "h23", ...parts });

  let wanted = null; // the newest that was asked for and is not being loaded yet
  let loading = null;

  const steps = (within) => [...within.querySelectorAll(".step")];
  const at = (seconds) => `${form.action}?at=${new Date(seconds * 1000).toISOString()}`;

  function tell(text, trouble) {
    told.classList.toggle("trouble", trouble);
    told.textContent = text;
  }

  // What the server says of another moment, put in place. Not of a wall's past at all: the browser shows it whole.
  function show(page, address, keep) {
    const past = page.getElementById("past");
    if (!past) {
      window.location.assign(address);
      return;
    }
    document.getElementById("past").replaceWith(past);
    document.title = page.title;
    const others = steps(page);
    steps(document).forEach((step, place) => {
      if (others[place]) step.href = others[place].href;
    });
    const { address: own, moment, said } = past.dataset;
    if (document.activeElement !== field) field.value = page.getElementById("asked").value;
    const other = page.getElementById("slider");
    if (slider && other) {
      slider.min = other.min;
      slider.max = other.max;
      if (moment && !wanted) slider.value = moment;
      slider.setAttribute("aria-valuetext", other.getAttribute("aria-valuetext"));
    }
    if (keep) window.history[keep === "new" ? "pushState" : "replaceState"](null, "", own || address);
    tell(said, false);
  }

  async function load() {
    while (wanted) {
      const { address, keep } = wanted;
      wanted = null;
      try {
        const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(WAITS_MS) });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (!wanted || keep === "new") show(page, address, keep); // else a newer one was asked for meanwhile
      } catch {
        tell("Not loaded: nobody answers. The picture is the one that the banner names.", true);
      }
    }
    loading = null;
  }

  function ask(address, keep) {
    wanted = { address, keep };
    loading ??= load();
    return loading;
  }

  // One step after the other: each leads on from the moment to which the one before has led.
  let walking = Promise.resolve();
  document.addEventListener("click", (event) => {
    const step = event.target.closest?.(".step");
    if (!step || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    walking = walking.then(() => ask(step.href, "new"));
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    field.blur();
    ask(`${form.action}?at=${encodeURIComponent(field.value)}`, "new");
  });

  window.addEventListener("popstate", () => ask(window.location.href, null));

  if (!slider) return;
  document.getElementById("slide").hidden = false;

  function move(seconds) {
    slider.value = seconds;
    slider.setAttribute("aria-valuetext", words.format(new Date(Number(slider.value) * 1000)));
    ask(at(Number(slider.value)), "same");
  }

  slider.addEventListener("input", () => move(Number(slider.value)));
  slider.addEventListener("keydown", (event) => {
    const on = { ArrowRight: 1, ArrowUp: 1, PageUp: 1, ArrowLeft: -1, ArrowDown: -1, PageDown: -1 }[event.key];
    if (!on || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const far = event.key.startsWith("Page") ? HOUR_S : event.shiftKey ? QUARTER_S : MINUTE_S;
    move(Number(slider.value) + on * far);
  });
})();
