// A wall keeps itself: it hears what changed, lets its clocks tick, says NOT LIVE when nothing comes, and comes back
// from everything alone. It knows ids and properties, times and pages; nothing of measures.
(() => {
  "use strict";
  const { follow, age, write } = window.following;
  const TICK_MS = 1000;
  const DRAW_MS = 50;
  const MARKED_MS = 4000;
  const SLICE = 50; // ids at a time
  const IDENTIFY_MS = 20000;
  const ANSWER_MS = 5000; // the first frame comes at once: what was asked for longer ago was lost on the way
  const RELOAD_SPREAD_MS = 3000;
  const RELOAD_AGAIN_MS = 60000; // a page that is still the old one after loading anew does not load for ever
  const BROKEN_AFTER_MS = 15000;
  const SLEPT_MS = 5000;
  const SHIFT_EVERY_S = 90;
  const SHIFTS = [[0, 0], [2, 0], [2, 2], [0, 2], [-2, 2], [-2, 0], [-2, -2], [0, -2], [2, -2]];
  const ZONE = "Europe/London";
  const REFUSALS = [401, 403];

  const root = document.documentElement;
  const about = JSON.parse(document.getElementById("about").textContent);
  const skeleton = JSON.parse(document.getElementById("skeleton").textContent);
  const lost = document.getElementById("lost");
  const overlay = document.getElementById("identify");
  const started = performance.now();

  const state = {
    shown: {}, // id → properties: everything that the server said
    version: "",
    applied: "", // the version that was handed to Dash
    appliedAt: started,
    right: started, // when the page last showed what it was given
    later: new Map(), // id → properties that Dash has not been handed yet, of pages that are not seen
    given: new Set(), // the versions handed to Dash since the last look, and the one before
    heard: started,
    live: false, // a frame came at least once
    missing: false,
    refused: false, // this browser may not see the wall, or may no more
    outdated: false, // the server is of another build than this page
    crippled: false, // something broke before Dash had drawn the wall
    leaving: false,
    orders: null,
    paused: false,
    turned: 0,
    error: "",
    reported: -Infinity,
    connection: null,
    asked: started,
    answered: false, // the connection has given a frame
    hospital: { now: about.now, at: started, speed: about.speed, made: about.made },
  };

  // ---------------------------------------------------------------------------------------------- time
  const format = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, ...options });
  const clock = format({ hour: "2-digit", minute: "2-digit" });
  const exact = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const weekday = format({ weekday: "short" });
  const date = format({ day: "numeric", month: "long" });

  // The hospital's time in seconds, told by the server: the screen's own clock may be wrong.
  const now = () => state.hospital.now + ((performance.now() - state.hospital.at) / 1000) * state.hospital.speed;
  const moment = (seconds) => new Date(seconds * 1000);

  function tellTime() {
    const at = moment(now());
    const time = clock.format(at);
    const day = `${weekday.format(at)} ${date.format(at)}`;
    for (const element of document.querySelectorAll(".clock")) write(element, time);
    for (const element of document.querySelectorAll(".date")) write(element, day);
    for (const element of document.querySelectorAll("[data-since]")) {
      const since = Number(element.dataset.since);
      write(element, since ? age(now() - since) : "");
    }
    root.classList.toggle("night", isNight(time));
  }

  function isNight(time) {
    const { night, night_from: starts, night_to: ends } = about;
    if (night !== "schedule") return night === "always";
    return starts < ends ? time >= starts && time < ends : time >= starts || time < ends;
  }

  // ---------------------------------------------------------------------------------------------- what is shown
  const live = () => document.querySelector("#live > #wall");

  // The skeleton with everything that the server said put in.
  function filled(node) {
    if (Array.isArray(node)) return node.map(filled);
    if (node === null || typeof node !== "object") return node;
    const id = node.props.id;
    const own = id === "version" ? { children: state.version } : state.shown[id];
    const props = { ...node.props, ...own };
    return { ...node, props: { ...props, children: filled(props.children ?? null) } };
  }

  // Dash forgets where things are that it was given before it had finished starting.
  function dashIsReady() {
    const lifecycle = window.dash_stores?.[0]?.getState().appLifecycle;
    const started = lifecycle === undefined || lifecycle === "HYDRATED";
    return started && window.dash_clientside?.set_props && document.getElementById("live") !== null;
  }

  // Draw everything at once: at first, and again if Dash has lost its way.
  function draw() {
    if (!dashIsReady()) return;
    try {
      window.dash_clientside.set_props("live", { children: filled(skeleton) });
      state.later.clear();
      noteApplied();
    } catch (error) {
      state.error = `${error}`;
    }
  }

  function apply(changes) {
    if (!live() || state.applied === "") {
      draw();
      return;
    }
    const seen = live().querySelector(":scope > .page:not([data-off])")?.id.replace(/page$/, "") ?? "";
    const now = Object.entries(changes).filter(([id]) => id.startsWith(seen));
    handOver(() => {
      for (const [id, props] of now) window.dash_clientside.set_props(id, props);
      window.dash_clientside.set_props("version", { children: state.version });
      noteApplied();
    });
    for (const [id, props] of now) if ("children" in props) mark(id);
    // What stands on pages that nobody sees now can wait for a moment, but not until they are seen.
    const others = Object.entries(changes).filter(([id]) => !id.startsWith(seen));
    for (const [id, props] of others) state.later.set(id, { ...state.later.get(id), ...props });
    if (others.length) window.setTimeout(catchUp, 0, SLICE);
  }

  function handOver(changes) {
    try {
      changes();
    } catch (error) {
      state.error = `${error}`;
      state.applied = "";
      draw();
    }
  }

  function catchUp(count) {
    handOver(() => {
      for (const [id, props] of [...state.later].slice(0, count)) {
        state.later.delete(id);
        window.dash_clientside.set_props(id, props);
      }
    });
    if (state.later.size) window.setTimeout(catchUp, 0, SLICE);
  }

  function noteApplied() {
    state.applied = state.version;
    state.appliedAt = performance.now();
    state.given.add(state.version);
  }

  // Once Dash has drawn the wall, the first paint has done its work.
  function uncover() {
    const first = document.getElementById("first-paint");
    if (!first || live()?.querySelector("#version").textContent !== state.version) return;
    turn();
    tellTime();
    first.remove();
  }

  // A number that changed is marked for a few seconds.
  function mark(id) {
    const element = document.getElementById(id);
    const place = element?.matches(".number, .n") && element.closest(".tile, .cell, .row, .line, .cells");
    if (!place) return;
    place.dataset.changed = "";
    window.setTimeout(() => delete place.dataset.changed, MARKED_MS);
  }

  // Where only what stands in an element changed, the server sends its text alone.
  function whole(changes) {
    for (const [id, props] of Object.entries(changes)) if (typeof props === "string") changes[id] = { children: props };
    return changes;
  }

  function take([frame, changed]) {
    const changes = changed ? whole(changed) : {};
    state.answered = true;
    state.outdated = frame.build !== about.build;
    if (state.outdated) {
      leave(frame.build); // what it said is not shown here: these figures grow old until the page is another
      return;
    }
    state.heard = performance.now();
    state.hospital = { now: frame.now, at: state.heard, speed: frame.speed, made: frame.made };
    for (const [id, props] of Object.entries(changes)) state.shown[id] = { ...state.shown[id], ...props };
    state.version = frame.v;
    state.live = true;
    if (state.applied !== state.version) apply(changes);
    if (frame.do) obey(frame.do);
    watch();
  }

  // ---------------------------------------------------------------------------------------------- hearing
  const listen = () => follow(connect, take);

  async function connect() {
    state.connection = new AbortController();
    state.asked = performance.now();
    state.answered = false;
    const address = `${about.stream}?shown=${encodeURIComponent(state.version)}`;
    const answer = await fetch(address, { cache: "no-store", signal: state.connection.signal });
    state.missing = answer.status === 404;
    heed(answer);
    return answer;
  }

  // What may not be seen is not shown a moment longer; what is shown here instead, the same address says.
  function heed(answer) {
    if (answer.ok) state.refused = false;
    if (!REFUSALS.includes(answer.status)) return;
    state.refused = true;
    watch();
    leave("refused");
  }

  // ---------------------------------------------------------------------------------------------- watching
  function watch() {
    const silent = performance.now() - Math.min(state.heard, state.right);
    const isLost = state.refused || silent > about.lost_after_s * 1000;
    root.classList.toggle("refused", state.refused);
    root.classList.toggle("not-live", isLost);
    lost.hidden = !isLost;
    if (!isLost) return;
    const { made } = state.hospital;
    const figures = made ? `These figures are from ${exact.format(moment(made))}.` : "There are no figures yet.";
    let why = `nothing received for ${age(silent / 1000)}`;
    if (state.refused) why = "this screen may not show this wall";
    else if (state.missing) why = "there is no such wall any more";
    else if (state.outdated) why = "waiting for the new version of this page";
    else if (state.right < state.heard) why = `this page could not be renewed for ${age(silent / 1000)}`;
    if (state.refused) write(lost, `■ NOT LIVE: ${why}.`);
    else write(lost, state.live ? `■ NOT LIVE: ${why}. ${figures}` : `■ NOT LIVE: no connection yet. ${figures}`);
    // A connection on which nothing comes is given up, and another is made.
    const patience = Math.min(about.lost_after_s * 1000, state.answered ? Infinity : ANSWER_MS);
    if (performance.now() - Math.max(state.asked, state.heard) > patience) state.connection?.abort();
  }

  // Dash asks once for what it needs to draw; if some of that did not come, it never will.
  function dashIsCrippled() {
    if (!document.getElementById("first-paint")) return false;
    if (state.crippled) return true;
    const asked = performance.getEntriesByType("resource").filter((one) => one.name.includes("/_dash-"));
    return asked.some((one) => one.responseStatus === 0 || one.responseStatus >= 400);
  }

  // What Dash shows must be what it was given; if drawing everything anew does not help, the page is loaded anew.
  function checkRenderer() {
    if (!state.live) return;
    const version = live()?.querySelector("#version")?.textContent;
    const soon = state.given.has(version); // changes come faster than they are drawn, but they are drawn
    state.given = new Set([state.version]);
    if (soon) {
      state.right = performance.now();
      return;
    }
    if (performance.now() - state.appliedAt > TICK_MS) draw();
    if (dashIsCrippled() || performance.now() - state.right > BROKEN_AFTER_MS) leave(about.build);
  }

  // Load anew to become ``build``, but never leave for a page that has not answered just now.
  async function leave(build) {
    if (state.leaving) return;
    state.leaving = true;
    try {
      const [at, wanted] = (window.sessionStorage.getItem("left") || "0 ").split(" ");
      const since = Date.now() - Number(at);
      if (wanted !== build || since > RELOAD_AGAIN_MS || since < 0) {
        await new Promise((resolve) => window.setTimeout(resolve, Math.random() * RELOAD_SPREAD_MS));
        const waits = AbortSignal.timeout(ANSWER_MS);
        const answer = await fetch(window.location.href, { method: "HEAD", cache: "no-store", signal: waits });
        if (answer.ok || (state.refused && REFUSALS.includes(answer.status))) {
          window.sessionStorage.setItem("left", `${Date.now()} ${build}`);
          window.location.reload();
          return;
        }
      }
    } catch {
      // The server is away; the next frame or look tries again.
    }
    window.setTimeout(() => (state.leaving = false), TICK_MS);
  }

  // A screen that slept shows old figures until it has heard something: its silence counts from before.
  let lastTick = { steady: performance.now(), date: Date.now() };
  function noticeSleep() {
    const at = { steady: performance.now(), date: Date.now() };
    const asleep = at.date - lastTick.date - (at.steady - lastTick.steady);
    const away = at.steady - lastTick.steady;
    lastTick = at;
    if (asleep > SLEPT_MS) {
      state.heard -= asleep;
      state.hospital.at -= asleep;
    }
    if (asleep > SLEPT_MS || away > SLEPT_MS) state.connection?.abort();
  }

  // ---------------------------------------------------------------------------------------------- pages and orders
  function turn() {
    const pages = [...(live()?.querySelectorAll(":scope > .page") || [])];
    const dwells = pages.map((page) => Number(page.dataset.dwell));
    if (!state.paused) state.turned = (performance.now() - started) / 1000;
    let left = state.turned % dwells.reduce((sum, dwell) => sum + dwell, 0);
    let shown = 0;
    while (shown < pages.length - 1 && left >= dwells[shown]) {
      left -= dwells[shown];
      shown += 1;
    }
    if (pages[shown]?.hasAttribute("data-off") && state.later.size) catchUp(state.later.size);
    pages.forEach((page, place) => page.toggleAttribute("data-off", place !== shown));
  }

  // What was ordered before this page first heard of orders is done: it was loaded since.
  function obey(orders) {
    const before = state.orders || orders;
    if ((orders.reload || 0) > (before.reload || 0)) {
      window.sessionStorage.removeItem("left");
      leave(about.build);
    }
    if ((orders.identify || 0) > (before.identify || 0)) {
      write(overlay, about.screen);
      overlay.hidden = false;
      window.setTimeout(() => (overlay.hidden = true), IDENTIFY_MS);
    }
    state.orders = orders;
  }

  function report() {
    if (!about.report || performance.now() - state.reported < about.report_s * 1000) return;
    state.reported = performance.now();
    const { made } = state.hospital;
    const content = {
      build: about.build,
      uptime_s: Math.round((performance.now() - started) / 1000),
      data_age_s: made ? Math.round(now() - made) : null,
      viewport: `${window.innerWidth} × ${window.innerHeight} at ${window.devicePixelRatio}`,
      live: !root.classList.contains("not-live") && state.applied !== "",
      error: state.error.slice(0, 200),
    };
    const body = JSON.stringify(content);
    fetch(about.report, { method: "POST", body, headers: { "Content-Type": "application/json" } }).catch(() => {});
  }

  function shift() {
    const [x, y] = SHIFTS[Math.floor((performance.now() - started) / 1000 / SHIFT_EVERY_S) % SHIFTS.length];
    root.style.setProperty("--shift", `${x}px ${y}px`);
  }

  function note(words) {
    state.error = words;
    state.crippled ||= document.getElementById("first-paint") !== null;
  }

  // Captured: a script that does not arrive whole says so to nobody else.
  window.addEventListener("error", (event) => note(`${event.message || `not loaded: ${event.target.src}`}`), true);
  window.addEventListener("unhandledrejection", (event) => note(`${event.reason}`));
  window.addEventListener("keydown", (event) => {
    if (event.code !== "Space") return;
    event.preventDefault();
    state.paused = !state.paused; // pages that turn by themselves can be held
    root.classList.toggle("paused", state.paused);
  });

  const drawing = window.setInterval(() => {
    if (state.live && !live()) draw();
    uncover();
    if (!document.getElementById("first-paint")) window.clearInterval(drawing);
  }, DRAW_MS);
  window.setInterval(() => {
    noticeSleep();
    tellTime();
    checkRenderer();
    watch();
    turn();
    shift();
    report();
  }, TICK_MS);
  tellTime();
  listen();
  window.wallStarted = true; // the guard in the page may go
})();
