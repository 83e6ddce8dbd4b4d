// The request form works without this; with it, a proposed time is taken over without loading the page anew.

const wish = document.getElementById("wish");

const fill = (input, value) => {
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
};

// The nearest free time goes into the fields, and is checked like everything typed.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  if (!button || !wish) return;
  event.preventDefault();
  const fields = { day: "day", starts: "starts", ends: "ends", last_day: "lastDay" };
  for (const [name, key] of Object.entries(fields)) {
    const input = wish.querySelector(`[name="${name}"]`);
    input.value = button.dataset[key] ?? "";
  }
  fill(wish.querySelector('[name="day"]'), button.dataset.day);
  wish.querySelector('[name="day"]').focus();
});

// What is chosen in the plan while an answer is under way outlives the part of the page that it replaces.
const chosen = new Map();
document.addEventListener("change", (event) => {
  const { name, value, checked } = event.target;
  if (event.target.closest("#dates")) chosen.set(`${name} ${value}`, { name, value, checked });
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id !== "dates") chosen.clear();
});
const chooseAgain = () => {
  const late = [...chosen.values()];
  chosen.clear();
  for (const { name, value, checked } of late) {
    const input = document.querySelector(`#dates [name="${name}"][value="${CSS.escape(value)}"]`);
    if (!input || input.checked === checked) continue;
    input.checked = checked;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
};

// So does what was unfolded there; where there is room, all dates are from the beginning.
const unfolded = new Map([["dates-all", matchMedia("(width >= 60rem)").matches]]);
const unfold = () => {
  for (const [id, isOpen] of unfolded) document.getElementById(id)?.toggleAttribute("open", isOpen);
};
unfold();
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.matches("#dates details")) unfolded.set(target.id, target.open);
  },
  true,
);

// The plan itself stays and gets new contents: the answer to a choice made in it may still be under way.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.id !== "dates") return;
  event.detail.shouldSwap = false;
  const dates = fragment.firstElementChild;
  target.hidden = dates.hidden;
  target.replaceChildren(...dates.childNodes);
  htmx.process(target);
  unfold();
  chooseAgain();
});

// Who comes back to the form finds it as it was sent, and with its key: what is sent twice with
// one key counts once. Browsers restore fields, but not hidden ones.
const key = document.querySelector('#request-form [name="submission_key"]');
if (key) {
  key.value = history.state?.submissionKey ?? key.value;
  history.replaceState({ ...history.state, submissionKey: key.value }, "");
}

// What the plan says to a restored wish may have changed since it was written.
window.addEventListener("pageshow", () => {
  const isRestored = (input) =>
    input.type === "checkbox" ? input.checked !== input.defaultChecked : input.value !== input.defaultValue;
  const restored = [...(wish?.querySelectorAll("input[name]") ?? [])].find(isRestored);
  restored?.dispatchEvent(new Event("input", { bubbles: true }));
});
