// Keeps the wall display true: asks every half minute whether anything changed (the answer is
// usually "304, no"), swaps what did, turns pages, and says so when the server cannot be
// reached. Without this script the page reloads itself.

const body = document.body;
const zone = body.dataset.zone;
const lookEvery = Number(body.dataset.look) * 1000;
const turnEvery = Number(body.dataset.turn) * 1000;
// So long after the last answer the display is called possibly out of date.
const staleAfter = 3 * lookEvery;

const clock = new Intl.DateTimeFormat("de-DE", { hour: "2-digit", minute: "2-digit", timeZone: zone });
let etag = null;
// How far the clock of this device is off, in milliseconds; the server's is right.
let offset = 0;
let lastAnswer = Date.now();
let page = 1;
let paused = false;

function serverNow() {
  return new Date(Date.now() + offset);
}

function tick() {
  document.querySelector("[data-clock]").textContent = clock.format(serverNow());
  document.querySelector("[data-stale]").hidden = Date.now() - lastAnswer < staleAfter;
}

function answered(response) {
  lastAnswer = Date.now();
  const date = Date.parse(response.headers.get("Date"));
  if (!Number.isNaN(date)) offset = date - lastAnswer;
  const asOf = document.querySelector("[data-as-of]");
  asOf.textContent = asOf.textContent.replace(/\d\d:\d\d/, clock.format(serverNow()));
}

async function look() {
  try {
    const response = await fetch(window.location.pathname, {
      headers: etag ? { "If-None-Match": etag } : {},
      cache: "no-store",
      credentials: "same-origin",
      signal: AbortSignal.timeout(lookEvery - 5000),
    });
    if (response.status === 200) swap(await response.text(), response.headers.get("ETag"));
    if (response.status === 200 || response.status === 304) answered(response);
  } catch {
    // No answer: the last plan stays, and tick() says how old it may be.
  }
  tick();
}

function swap(html, newEtag) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  if (fresh.body.dataset.release !== body.dataset.release) {
    // A new version of the software: its styles and this script have to come with it.
    window.location.reload();
    return;
  }
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const old = document.querySelector(`[data-part="${part.dataset.part}"]`);
    if (old.innerHTML !== part.innerHTML) old.replaceChildren(...part.childNodes);
  }
  etag = newEtag;
  showPage(page);
}

function showPage(wanted) {
  const pages = document.querySelectorAll("[data-page]");
  page = pages.length ? ((wanted - 1) % pages.length) + 1 : 1;
  for (const one of pages) one.hidden = Number(one.dataset.page) !== page;
  const number = document.querySelector("[data-page-number]");
  if (number) number.textContent = number.textContent.replace(/\d+/, page);
  const pause = document.querySelector("[data-pause]");
  if (pause) pause.hidden = false;
}

function turn() {
  if (!paused) showPage(page + 1);
}

body.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pause]");
  if (!button) return;
  paused = !paused;
  const label = button.textContent;
  button.textContent = button.dataset.resume;
  button.dataset.resume = label;
});

// A wall display has no mouse; the pointer only shows while somebody moves it.
let pointerTimer;
body.addEventListener("pointermove", () => {
  body.classList.add("has-pointer");
  clearTimeout(pointerTimer);
  pointerTimer = setTimeout(() => body.classList.remove("has-pointer"), 4000);
});

showPage(1);
look();
setInterval(tick, 1000);
setInterval(look, lookEvery);
setInterval(turn, turnEvery);
