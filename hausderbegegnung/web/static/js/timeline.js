// On free time of a timeline the mouse shows, and chooses, exactly which time to ask for:
// a click takes two hours from there, dragging takes what was drawn over. Without this script
// (and with the keyboard) the same places are plain links to the request form.

const QUARTER = 15;
const USUAL = 120;

const minutesOf = (clock) => {
  const [hours, minutes] = clock.split(":").map(Number);
  return hours * 60 + minutes;
};
const clockOf = (minutes) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

for (const link of document.querySelectorAll(".bar__ask[data-first]")) {
  const first = minutesOf(link.dataset.first);
  const last = minutesOf(link.dataset.last) || 24 * 60;
  const shown = document.createElement("span");
  shown.className = "bar__wish";
  shown.hidden = true;
  shown.setAttribute("aria-hidden", "true");
  link.classList.add("bar__ask--live");
  link.after(shown);
  let anchor = null;

  // The whole bar reaches from the free time's start to its end; set-up and tear-down included.
  const barStart = Number(link.dataset.start);
  const barEnd = Number(link.dataset.end);

  const minuteAt = (event) => {
    const box = link.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    return Math.floor((barStart + share * (barEnd - barStart)) / QUARTER) * QUARTER;
  };

  const wishAt = (event) => {
    const here = minuteAt(event);
    let start = Math.min(Math.max(here, first), Math.max(last - QUARTER * 2, first));
    let end = Math.min(start + USUAL, last);
    if (anchor !== null && Math.abs(here - anchor) >= QUARTER) {
      start = Math.max(Math.min(here, anchor), first);
      end = Math.min(Math.max(here, anchor) + QUARTER, last);
    }
    return [start, Math.max(end, start + QUARTER)];
  };

  const show = ([start, end]) => {
    const share = (minute) => `${((minute - barStart) / (barEnd - barStart)) * 100}%`;
    shown.style.insetInlineStart = share(start);
    shown.style.width = `calc(${share(end)} - ${share(start)})`;
    shown.textContent = `${clockOf(start)}–${clockOf(end)}`;
    shown.hidden = false;
  };

  const addressOf = ([start, end]) => {
    const url = new URL(link.href);
    url.searchParams.set("von", clockOf(start));
    url.searchParams.set("bis", clockOf(end));
    return url.href;
  };

  link.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button === 0) {
      anchor = minuteAt(event);
      link.setPointerCapture(event.pointerId);
    }
  });
  link.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse") show(wishAt(event));
  });
  link.addEventListener("pointerleave", () => {
    if (anchor === null) shown.hidden = true;
  });
  link.addEventListener("dragstart", (event) => event.preventDefault());
  link.addEventListener("click", (event) => {
    // A key press "clicks" without a place: the plain link is right then.
    if (event.detail === 0) return;
    const wish = wishAt(event);
    anchor = null;
    event.preventDefault();
    const address = addressOf(wish);
    if (event.ctrlKey || event.metaKey) window.open(address, "_blank", "noopener");
    else window.location.assign(address);
  });
}
