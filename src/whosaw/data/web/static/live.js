// New findings, and how far long work is, as the server tells them. Without this script the pages say the same when they are loaded again.
"use strict";
(() => {
  const live = document.getElementById("live");
  const job = document.getElementById("job");
  if (!live || !window.EventSource) return;
  const asked = job && job.dataset.over === "no" ? "/events?job=" + encodeURIComponent(job.dataset.job) : "/events";
  const source = new EventSource(asked); // the browser connects again by itself, and says which event it had last
  source.addEventListener("finding", () => {
    live.textContent = live.dataset.new + " ";
    const link = document.createElement("a");
    link.href = "/findings";
    link.textContent = live.dataset.show;
    live.append(link);
  });
  source.addEventListener("job", (event) => {
    const told = JSON.parse(event.data);
    const stage = document.getElementById("stage"), part = document.getElementById("part");
    if (stage) stage.textContent = told.stage;
    if (part && told.part !== null) part.value = told.part;
    if (told.over) { source.close(); location.reload(); }
  });
  source.addEventListener("error", () => { if (source.readyState !== EventSource.OPEN) live.textContent = live.dataset.broken; });
  source.addEventListener("open", () => { if (live.textContent === live.dataset.broken) live.textContent = ""; });
  addEventListener("pagehide", () => source.close());
})();
