// What a wall and a desk do alike: follow the server's stream for as long as they stand, and write ages.
window.following = (() => {
  "use strict";
  const RETRY_MS = 500;
  const LONGEST_RETRY_MS = 4000; // a wall is right again within 10 s of the end of a fault
  const END = "\n\n";
  const DATA = "data: ";

  async function* events(answer) {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
      for (let end = text.indexOf(END); end >= 0; end = text.indexOf(END)) {
        const lines = text.slice(0, end).split("\n");
        yield lines.map((line) => JSON.parse(line.slice(DATA.length)));
        text = text.slice(end + END.length);
      }
    }
  }

  // Hand each event's lines to ``take``, and ``connect`` anew, later each time, whenever there is no more to come.
  async function follow(connect, take, isOver = () => false) {
    let failures = 0;
    while (!isOver()) {
      try {
        const answer = await connect();
        if (answer.ok) {
          for await (const event of events(answer)) {
            take(event);
            failures = 0;
          }
        }
      } catch {
        // Cut off, refused, or given up by whoever watches: ask again.
      }
      failures += 1;
      const wait = Math.min(RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
      await new Promise((resolve) => window.setTimeout(resolve, wait * (0.5 + Math.random() / 2)));
    }
  }

  function age(seconds) {
    const s = Math.max(Math.floor(seconds), 0);
    if (s < 120) return `${s} s`;
    if (s < 7200) return `${Math.floor(s / 60)} min`;
    if (s < 172800) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} min`;
    return `${Math.floor(s / 86400)} days`;
  }

  function write(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  }

  return { follow, age, write };
})();
