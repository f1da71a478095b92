// What the server cannot do: let ages grow, let a changed value glow, and say that the server is away.
"use strict";
(() => {
  const DAY = 86400;
  const SLOW_MS = 6000;
  const FORGET_MS = 8000;
  let skew = 0;
  let known = new Map();
  let failures = 0;

  // In the page's language: hi/console/times.py says the same.
  const told = JSON.parse(document.body.dataset.ages);
  const count = (words, n) => words.replace("%(n)s", Math.floor(n));
  const length = (s) =>
    s < 60 ? count(told.seconds, s) : s < 3600 ? count(told.minutes, s / 60) : s < DAY ? count(told.hours, s / 3600)
      : told.days[Math.floor(s / DAY) - 1];
  const ago = (s) => (s < 5 ? told.just_now : told.ago.replace("%(length)s", length(s)));
  const until = (s) => (s < 1 ? told.now : told.in.replace("%(length)s", length(s)));

  const tellAges = () => {
    const now = Date.now() + skew;
    for (const element of document.querySelectorAll("time[data-age]")) {
      const passed = (now - Date.parse(element.dateTime)) / 1000;
      if (Math.abs(passed) > 7 * DAY) continue;
      const kind = element.dataset.age;
      const text = kind === "ago" || (kind === "either" && passed >= 0) ? ago(passed) : until(-passed);
      if (element.textContent !== text) element.textContent = text;
    }
  };

  const glow = () => {
    const now = new Map();
    for (const element of document.querySelectorAll("[data-value]")) {
      // An age inside a value grows by itself: only the moment it counts from is the value.
      const time = element.querySelector("time");
      const text = time ? time.dateTime : element.textContent;
      const before = known.get(element.dataset.value);
      if (before !== undefined && before !== text) element.classList.add("glow");
      now.set(element.dataset.value, text);
    }
    known = now;
  };

  // One of many small things is in the order of Tab; arrows go to its neighbours.
  const rove = (event) => {
    const all = [...(event.target.closest("[data-rove]")?.children ?? [])];
    const here = all.indexOf(event.target);
    const next = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: all.length - 1 }[event.key];
    if (here < 0 || next === undefined || !all[next]) return;
    event.preventDefault();
    all[here].tabIndex = -1;
    all[next].tabIndex = 0;
    all[next].focus();
  };

  // The clipboard is given to pages of https and of this machine alone; others have the older way. Where both are refused,
  // the text stands selected, for whoever copies by hand.
  const copy = async ({ target }) => {
    const field = document.getElementById(target.dataset.copy);
    if (!field) return;
    field.focus();
    field.select();
    const isCopied = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
    const told = document.getElementById(`${field.id}-told`);
    told.textContent = isCopied || document.execCommand("copy") ? told.dataset.copied : told.dataset.selected;
  };

  const setAway = (away) => {
    document.body.toggleAttribute("data-offline", away);
    const bar = document.getElementById("offline");
    if (bar) bar.hidden = !away;
  };

  document.addEventListener("DOMContentLoaded", () => {
    skew = Number(document.body.dataset.now) - Date.now();
    glow();
    setInterval(tellAges, 1000);
    const forget = () => setTimeout(() => document.querySelectorAll(".message-success").forEach((m) => m.remove()), FORGET_MS);
    forget();
    const body = document.body;
    body.addEventListener("keydown", rove);
    body.addEventListener("click", copy);
    body.addEventListener("htmx:configRequest", (event) => {
      // A file takes as long as it takes.
      event.detail.timeout = event.detail.elt.hasAttribute("data-slow") ? 0 : SLOW_MS;
    });
    // Told before it is sent: a server can only say so after it has taken it all.
    body.addEventListener("change", ({ target }) => {
      const most = Number(target.dataset.maxBytes);
      if (!most) return;
      target.setCustomValidity([...target.files].some((file) => file.size > most) ? target.dataset.tooLarge : "");
      target.reportValidity();
    });
    body.addEventListener("htmx:beforeRequest", (event) => {
      // Nobody looks: ask again when somebody does.
      if (document.hidden && event.detail.elt.hasAttribute("data-poll")) event.preventDefault();
    });
    // What somebody has unfolded stays so when its part is renewed.
    let unfolded = [];
    body.addEventListener("htmx:beforeSwap", () => { unfolded = [...document.querySelectorAll("details[open][id]")].map((d) => d.id); });
    body.addEventListener("htmx:afterSwap", () => {
      for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
    });
    body.addEventListener("htmx:afterSettle", () => { tellAges(); glow(); });
    body.addEventListener("htmx:oobAfterSwap", (event) => {
      tellAges();
      glow();
      if (event.detail.target.id === "messages") forget();
    });
    body.addEventListener("htmx:afterRequest", (event) => {
      const status = event.detail.xhr ? event.detail.xhr.status : 0;
      failures = status === 0 || status >= 500 ? failures + 1 : 0;
      setAway(failures > 1);
    });
  });
})();
