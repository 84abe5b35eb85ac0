// What the desk's table needs of JavaScript, by name: nothing is ever made of text. Times are London's, and "now" is the
// hospital's, told by the server.
(() => {
  "use strict";
  const ZONE = "Europe/London";
  const format = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, ...options });
  const clock = format({ hour: "2-digit", minute: "2-digit" });
  const day = format({ day: "numeric", month: "short" });
  const weekday = format({ weekday: "short" });
  const inFull = format({
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
  const whole = format({ day: "numeric", month: "short", year: "numeric" });
  const now = () => (window.desk ? window.desk.now() : Date.now() / 1000);
  const isMissing = (value) => value === null || value === undefined || value === "";

  // The same words as the server's: minutes below an hour, hours below two days, then days.
  function span(seconds) {
    const s = Math.floor(Math.abs(seconds));
    if (s < 3600) return `${Math.floor(s / 60)} min`;
    if (s < 172800) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}`;
    return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
  }

  function moment(value) {
    if (isMissing(value)) return "";
    const at = new Date(value * 1000);
    const today = new Date(now() * 1000);
    if (day.format(at) === day.format(today)) return clock.format(at);
    const apart = Math.abs(at - today) / 86400000;
    return apart < 6 ? `${clock.format(at)} ${weekday.format(at)}` : `${day.format(at)} ${clock.format(at)}`;
  }

  // What is cut off, or written in short, is whole when somebody points at it.
  function tooltip(params) {
    const kind = params.colDef?.valueFormatter?.function || "";
    if (kind.startsWith("deskMoment") && !isMissing(params.value)) return inFull.format(new Date(params.value * 1000));
    return isMissing(params.valueFormatted) ? params.value : params.valueFormatted;
  }

  const overdue = (data) => (isMissing(data?.due_by) ? null : now() - data.due_by);
  const late = (seconds) => (isMissing(seconds) ? "" : seconds > 0 ? span(seconds) : `due in ${span(seconds)}`);

  function open(params) {
    const handle = params.data?.handle;
    if (handle && window.desk) window.desk.open(handle);
  }

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  functions.deskTheme = (theme) =>
    theme.withParams({
      accentColor: "#005eb8",
      backgroundColor: "#ffffff",
      borderColor: "#d5dde4",
      browserColorScheme: "light",
      cellHorizontalPadding: 9,
      columnBorder: false,
      fontFamily: "inherit",
      fontSize: 15,
      foregroundColor: "#1b2733",
      headerBackgroundColor: "#ffffff",
      headerFontSize: 14,
      headerFontWeight: 600,
      headerTextColor: "#44525f",
      rowHoverColor: "#eef4fb",
      selectedRowBackgroundColor: "#e8f1fb",
      wrapperBorder: false,
    });
  functions.deskMoment = (params) => moment(params.value);
  functions.deskDate = (params) => (isMissing(params.value) ? "" : whole.format(new Date(`${params.value}T12:00:00Z`)));
  functions.deskHours = (params) => (isMissing(params.value) ? "" : `${Math.round(params.value * 10) / 10} h`);
  functions.deskOverdue = (params) => overdue(params.data);
  functions.deskOverdueMinutes = (params) => Math.floor(overdue(params.data) / 60);
  functions.deskTooltip = (params) => tooltip(params);
  functions.deskOpen = (params) => open(params);
  functions.deskKey = (params) => {
    if (params.event.key === "Enter") open(params);
  };

  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  components.DeskPatient = (params) =>
    window.React.createElement(
      "button",
      { type: "button", className: "open", tabIndex: -1, onClick: () => open(params) },
      params.value || "Name not known",
    );
  components.DeskOverdue = (params) => {
    const seconds = overdue(params.data);
    return window.React.createElement("span", { className: seconds > 0 ? "late" : "in-time" }, late(seconds));
  };
  window.deskLate = late; // for the tests of what it writes
})();
