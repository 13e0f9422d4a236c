// New findings, and how far long work is, as the server tells them. Without this script the pages say the same when they are loaded again.
"use strict";
(() => {
  const live = document.getElementById("live");
  const job = document.getElementById("job");
  if (!live || !window.EventSource) return;
  let source = null, last = ""; // of a page that nobody looks at there is none: browsers keep few connections
  const shut = () => { if (source) source.close(); source = null; };
  const told = {
    hello: () => { if (live.textContent === live.dataset.broken) live.textContent = ""; },
    finding: () => {
      live.textContent = live.dataset.new + " ";
      const link = document.createElement("a");
      link.href = "/findings";
      link.textContent = live.dataset.show;
      live.append(link);
    },
    job: (event) => {
      const now = JSON.parse(event.data);
      const stage = document.getElementById("stage"), part = document.getElementById("part");
      if (stage) stage.textContent = now.stage;
      if (part && now.part !== null) part.value = now.part;
      if (now.over) { shut(); location.reload(); }
    },
  };
  const open = () => {
    if (source || document.hidden) return;
    const query = new URLSearchParams();
    if (last) query.set("since", last);
    if (job && job.dataset.over === "no") query.set("job", job.dataset.job);
    source = new EventSource("/events?" + query); // it connects again by itself, and says which event it had last
    for (const [kind, act] of Object.entries(told)) {
      source.addEventListener(kind, (event) => { last = event.lastEventId || last; act(event); });
    }
    source.addEventListener("error", () => { live.textContent = live.dataset.broken; });
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? shut() : open()));
  addEventListener("pagehide", shut);
  addEventListener("pageshow", open);
  open();
})();
