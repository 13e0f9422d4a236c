// New findings, what the team says of them and of what this page is about, and how far long work is, as the server tells them. Without this script the pages say the same
// when they are loaded again.
"use strict";
(() => {
  const live = document.getElementById("live");
  const job = document.getElementById("job");
  if (!live || !window.EventSource) return;
  let source = null; // of a page that nobody looks at there is none: browsers keep few connections
  let last = live.dataset.since || "", news = live.dataset.news; // how far this page is; what came since, also before it could hear, is told to it
  const shut = () => { if (source) source.close(); source = null; };

  // What of this page is redrawn as it changes: texts, and rows of tables by their id. Nothing else is touched: what has the focus keeps it,
  // and what somebody reads stays where it is on the screen.
  const rows = (table) => [...table.querySelectorAll("tbody > tr[id]")];
  const standing = () => [...document.querySelectorAll("[data-live]")];
  const place = () => {
    const seen = (at) => { const box = at.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight; };
    const main = document.getElementById("content"), held = document.activeElement;
    const at = main.contains(held) && seen(held) ? held : [...standing().flatMap(rows), ...main.children].find(seen);
    return at ? [at, at.getBoundingClientRect().top] : null;
  };
  const back = (was) => { if (was && was[0].isConnected) scrollBy(0, was[0].getBoundingClientRect().top - was[1]); };
  const redrawn = (now, then) => {
    const added = [], known = new Map(rows(now).map((row) => [row.id, row])), body = now.querySelector("tbody");
    let before = null;
    for (const row of rows(then)) {
      let here = known.get(row.id);
      known.delete(row.id);
      if (!here) {
        here = document.importNode(row, true);
        added.push(here);
      } else {
        row.querySelectorAll(":scope > td").forEach((cell, at) => {
          const own = here.cells[at];
          if (own.innerHTML !== cell.innerHTML && !own.contains(document.activeElement)) own.innerHTML = cell.innerHTML;
        });
      }
      const next = before ? before.nextElementSibling : body.firstElementChild;
      if (next !== here && !(here.contains(document.activeElement) && here.isConnected)) body.insertBefore(here, next);
      before = here;
    }
    for (const row of known.values()) if (!row.contains(document.activeElement)) row.remove();
    return added;
  };
  const fetched = async (from = location.href) => {
    const answer = await fetch(from, { headers: { Accept: "text/html" } });
    return answer.ok && !answer.redirected ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  };
  const redraw = (page) => {
    const added = [];
    for (const now of standing()) {
      const then = page.getElementById(now.id);
      if (!then) continue;
      if (now.querySelector("tbody") && then.querySelector("tbody")) added.push(...redrawn(now, then));
      else if (now.innerHTML !== then.innerHTML && !now.contains(document.activeElement)) now.innerHTML = then.innerHTML;
    }
    return added;
  };
  let drawing = Promise.resolve();
  const drawn = (then) => {
    drawing = drawing.then(async () => { // one after another, and a page that did not come is no end
      const page = standing().length ? await fetched().catch(() => null) : null, was = place();
      const added = page ? redraw(page) : [];
      if (then) then(added);
      back(was);
    });
  };

  // Part of another page that takes longer than this one: what is due, on the overview. Its clocks are asked for again as they run.
  const brought = async () => {
    for (const here of document.querySelectorAll("[data-from]")) {
      const page = await fetched(here.dataset.from).catch(() => null), part = page && page.getElementById(here.id);
      if (part && part.innerHTML !== here.innerHTML && !here.contains(document.activeElement)) {
        const was = place();
        here.innerHTML = part.innerHTML;
        back(was);
      }
    }
  };
  // What is said of what this page is about. It is taken from the page of the talk, which shows nobody, so that no look at a person is counted.
  const heard = async () => {
    const here = document.getElementById("talk");
    const page = here && await fetched(here.dataset.talk).catch(() => null), then = page && page.getElementById("talk");
    if (!then || then.innerHTML === here.innerHTML || here.contains(document.activeElement)) return;
    const was = place();
    here.innerHTML = then.innerHTML;
    here.dataset.heard = then.dataset.heard;
    back(was);
  };
  const announce = (added) => {
    const link = document.createElement("a"), newest = added.length && added[added.length - 1].querySelector("a");
    link.href = newest ? newest.getAttribute("href") : "/findings";
    link.textContent = newest ? newest.textContent : live.dataset.show;
    if (newest && newest.lang) link.lang = newest.lang;
    live.replaceChildren(live.dataset.new + " ", link);
  };
  const told = {
    hello: (event) => {
      const talk = document.getElementById("talk"), [remark, now] = event.data.split(" ");
      if (live.textContent === live.dataset.broken) live.textContent = "";
      if (now !== news) drawn(); // what came before it could hear, or while it was out of sight
      if (talk && Number(remark) > Number(talk.dataset.heard)) heard();
      news = now;
    },
    finding: () => drawn(announce),
    judged: () => drawn(),
    said: (event) => {
      const here = document.getElementById("talk");
      if (here && here.dataset.about === event.data) heard();
      if (document.getElementById("said")) drawn(); // it may be said to whoever reads this
    },
    clock: () => { brought(); if (document.querySelector("[data-clock]")) drawn(); },
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
  brought();
  open();
})();
