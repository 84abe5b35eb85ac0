// A ward's desk keeps itself: it hears that there is something new and asks for it, counts down, and hides every patient
// when the session ends or nobody can say that it goes on. It knows times and ids; nothing of measures or patients.
(() => {
  "use strict";
  const { follow, age, write } = window.following;
  const TICK_MS = 1000;
  const ANSWER_MS = 5000;
  const SPREAD_MS = 250; // fifty desks need not ask in the same moment
  const ASK_AGAIN_MS = 3000; // an answer that has not come by then was lost on the way
  const ACTIVE_EVERY_MS = 15000;
  const ASK_LEFT_S = 12; // another page of the same session may have prolonged it
  const OVERDUE_EVERY_MS = 15000;
  const LATELY_EVERY_MS = 600000;
  const SLEPT_MS = 5000;
  const REFUSED = [401, 403];
  const ZONE = "Europe/London";
  const exact = new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONE,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });

  const about = JSON.parse(document.getElementById("about").textContent);
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const started = performance.now();
  const state = {
    hidden: false,
    version: -1,
    heard: started,
    live: false,
    lapsed: false,
    hospital: { now: about.now, at: started, speed: about.speed, made: null },
    measure: null,
    handle: "",
    asked: 0,
    askedAt: started,
    behind: started, // when the page last showed what is newest
    ready: false,
    connection: null,
    connectedAt: started,
    answered: false,
    deadline: { steady: started + about.left_s * 1000, date: Date.now() + about.left_s * 1000 },
    askedLeft: false,
    active: { sent: started, wanted: false },
    overdueAt: started,
    latelyAt: started,
    focused: "",
  };

  // ---------------------------------------------------------------------------------------------- time
  const now = () => state.hospital.now + ((performance.now() - state.hospital.at) / 1000) * state.hospital.speed;

  // ---------------------------------------------------------------------------------------------- asking Dash
  const set = (id, props) => window.dash_clientside.set_props(id, props);

  function dashIsReady() {
    const lifecycle = window.dash_stores?.[0]?.getState().appLifecycle;
    const hydrated = lifecycle === undefined || lifecycle === "HYDRATED";
    return hydrated && window.dash_clientside?.set_props && byId("desk") !== null;
  }

  const chosen = () => new URLSearchParams(window.location.search).get("measure") || "";

  function ask() {
    if (state.hidden || !state.ready) return;
    state.asked += 1;
    state.askedAt = performance.now();
    const common = { ward: about.ward, page: about.page, n: state.asked };
    set("asked", { data: { ...common, measure: chosen() } });
    if (state.handle) set("chosen", { data: { ...common, handle: state.handle } });
  }

  function lately() {
    if (state.hidden || !state.ready) return;
    state.latelyAt = performance.now();
    set("lately", { data: { ward: about.ward, measure: chosen() } });
  }

  function go(measure) {
    state.measure = measure;
    close();
    const find = byId("find");
    if (find?.value) {
      set("find", { value: "" });
      grid()?.setGridOption("quickFilterText", "");
    }
    root.classList.remove("menu-open");
    byId("menu")?.setAttribute("aria-expanded", "false");
    ask();
    lately();
  }

  function close() {
    if (!state.handle) return;
    state.handle = "";
    set("chosen", { data: { ward: about.ward, page: about.page, handle: "" } });
  }

  const grid = () => {
    try {
      return window.dash_ag_grid?.getApi("grid");
    } catch {
      return undefined; // it is not drawn yet
    }
  };

  window.desk = {
    now,
    open: (handle) => {
      state.handle = handle;
      state.shows = true;
      ask();
    },
  };

  // ---------------------------------------------------------------------------------------------- hiding
  // At once and without asking anybody: what is not in the page cannot be read from it.
  function hide() {
    if (state.hidden) return;
    state.hidden = true;
    state.connection?.abort();
    try {
      grid()?.setGridOption("rowData", []);
      set("grid", { rowData: [] });
      set("patient", { children: null });
    } catch {
      // What follows takes it away whatever Dash does.
    }
    byId("react-entry-point")?.remove();
    root.classList.add("is-hidden");
    write(byId("left"), "0:00");
    const notice = byId("hidden");
    notice.hidden = false;
    notice.querySelector("a").focus();
    write(byId("live-words"), "Hidden");
    document.title = "Hidden";
  }

  function left() {
    const { steady, date } = state.deadline;
    return Math.min(steady - performance.now(), date - Date.now()) / 1000;
  }

  function prolong(seconds) {
    state.deadline = { steady: performance.now() + seconds * 1000, date: Date.now() + seconds * 1000 };
    state.askedLeft = false;
    count();
  }

  function count() {
    if (state.hidden) return;
    const seconds = left();
    if (seconds <= 0) {
      hide();
      return;
    }
    const s = Math.ceil(seconds);
    write(byId("left"), `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`);
    root.classList.toggle("hides-soon", s <= 60);
    if (s <= ASK_LEFT_S && !state.askedLeft) {
      state.askedLeft = true;
      session("/session/left", "GET");
    }
  }

  async function session(address, method) {
    try {
      const waits = AbortSignal.timeout(ANSWER_MS);
      const answer = await fetch(address, { method, cache: "no-store", signal: waits });
      if (REFUSED.includes(answer.status)) hide();
      else if (answer.status === 200) {
        const told = await answer.json();
        if (typeof told.left_s === "number") prolong(told.left_s);
      }
    } catch {
      // Nobody answers: the time that was known last runs out.
    }
  }

  // A key, a pointer or a touch prolongs the session; what the page does by itself never does.
  function active() {
    if (state.hidden) return;
    state.active.wanted = true;
    tellActive();
  }

  function tellActive() {
    if (!state.active.wanted || performance.now() - state.active.sent < ACTIVE_EVERY_MS) return;
    state.active = { sent: performance.now(), wanted: false };
    session("/session/active", "POST");
  }

  // ---------------------------------------------------------------------------------------------- hearing
  function take([frame]) {
    state.answered = true;
    if (frame.build !== about.build) {
      state.heard = -Infinity;
      leave();
      return;
    }
    state.heard = performance.now();
    state.live = true;
    state.lapsed = frame.lapsed;
    state.hospital = { now: frame.now, at: state.heard, speed: frame.speed, made: frame.made };
    if (state.version !== frame.v || frame.lapsed) {
      const first = state.version < 0;
      state.version = frame.v;
      if (state.ready) window.setTimeout(ask, first ? 0 : Math.random() * SPREAD_MS);
    }
    watch();
  }

  const listen = () => follow(connect, take, () => state.hidden);

  async function connect() {
    state.connection = new AbortController();
    state.connectedAt = performance.now();
    state.answered = false;
    const answer = await fetch(about.stream, { cache: "no-store", signal: state.connection.signal });
    if (REFUSED.includes(answer.status)) hide();
    return answer;
  }

  // The page says itself of which snapshot it is: it is live while that is the newest, whatever the stream says.
  function watch() {
    if (state.hidden) return;
    const at = performance.now();
    const shown = Number(byId("shown")?.dataset.made) || null;
    const { made } = state.hospital;
    if (made === null || (shown !== null && shown >= made - 0.002)) state.behind = at;
    else if (state.ready && at - state.behind > ASK_AGAIN_MS && at - state.askedAt > ASK_AGAIN_MS) ask();
    const silent = at - Math.min(state.heard, state.behind);
    const isLost = silent > about.lost_after_s * 1000;
    const figures = shown ? exact.format(new Date(shown * 1000)) : "no figures yet";
    root.classList.toggle("not-live", isLost || state.lapsed);
    if (isLost || state.lapsed) write(byId("live-words"), `NOT LIVE: figures of ${figures}`);
    else if (state.live) write(byId("live-words"), shown ? `Live ${figures}` : "Waiting for figures");
    const patience = Math.min(about.lost_after_s * 1000, state.answered ? Infinity : ANSWER_MS);
    const unheard = at - Math.max(state.connectedAt, state.heard);
    if (at - state.heard > about.lost_after_s * 1000 && unheard > patience) state.connection?.abort();
  }

  // Load anew, but never leave for a page that has not answered just now.
  async function leave() {
    try {
      const waits = AbortSignal.timeout(ANSWER_MS);
      const answer = await fetch(window.location.href, { method: "HEAD", cache: "no-store", signal: waits });
      if (answer.ok && !answer.redirected) window.location.reload();
    } catch {
      // The server is away; the next frame tries again.
    }
  }

  // ---------------------------------------------------------------------------------------------- every second
  let lastTick = { steady: performance.now(), date: Date.now() };
  function tick() {
    const at = { steady: performance.now(), date: Date.now() };
    const asleep = at.date - lastTick.date - (at.steady - lastTick.steady);
    lastTick = at;
    if (asleep > SLEPT_MS) {
      state.heard -= asleep;
      state.hospital.at -= asleep;
      state.connection?.abort();
    }
    count();
    if (state.hidden) return;
    tellActive();
    watch();
    for (const element of document.querySelectorAll("[data-since]")) {
      write(element, age(now() - Number(element.dataset.since)));
    }
    if (at.steady - state.overdueAt > OVERDUE_EVERY_MS) {
      state.overdueAt = at.steady;
      grid()?.refreshCells({ columns: ["overdue_s"], force: true });
    }
    if (at.steady - state.latelyAt > LATELY_EVERY_MS) lately();
  }

  // A list that is drawn anew keeps the place of whoever goes through it by keyboard.
  function keepFocus() {
    const nav = byId("nav");
    nav.addEventListener("focusin", (event) => (state.focused = event.target.closest("a")?.id || ""));
    nav.addEventListener("focusout", (event) => {
      if (event.relatedTarget) state.focused = "";
    });
    new MutationObserver(() => {
      const lost = document.activeElement === document.body || document.activeElement === null;
      if (lost && state.focused) byId(state.focused)?.focus({ preventScroll: true });
    }).observe(nav, { childList: true, subtree: true });
    new MutationObserver(watch).observe(byId("shown"), { attributes: true });
    new MutationObserver(() => {
      const line = byId("patient-line");
      if (line && state.shows) {
        state.shows = false;
        line.scrollIntoView({ block: "nearest" });
      }
    }).observe(byId("patient"), { childList: true, subtree: true });
  }

  function start() {
    if (!dashIsReady()) {
      window.setTimeout(start, 30);
      return;
    }
    state.ready = true;
    keepFocus();
    ask();
    lately();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-measure]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      window.history.pushState(null, "", link.href);
      go(link.dataset.measure);
    }
    if (event.target.closest?.("#close-patient")) close();
    if (event.target.closest?.("#menu")) {
      const open = root.classList.toggle("menu-open");
      byId("menu").setAttribute("aria-expanded", `${open}`);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  document.addEventListener("input", (event) => {
    if (event.target.id === "find") grid()?.setGridOption("quickFilterText", event.target.value);
  });
  for (const kind of ["keydown", "pointerdown", "pointermove", "touchstart", "wheel"]) {
    document.addEventListener(kind, active, { passive: true, capture: true });
  }
  window.addEventListener("popstate", () => go(chosen()));
  // A page that is kept for "back" would show patients after the session has ended.
  window.addEventListener("pagehide", (event) => event.persisted && hide());
  window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());
  window.setInterval(tick, TICK_MS);
  count();
  start();
  listen();
})();
