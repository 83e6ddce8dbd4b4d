// What is nicer with JavaScript and works without it.

// After a form came back with errors, start reading there.
(document.querySelector(".error-summary") ?? document.querySelector("[aria-invalid='true']"))?.focus();

// A menu closes with Escape, which gives the focus back, and when the focus or a click goes elsewhere.
for (const menu of document.querySelectorAll(".site-nav--menu, .person-menu")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  for (const kind of ["focusin", "click"]) {
    document.addEventListener(kind, (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  }
}

// A link to something folded unfolds it; not every browser does so by itself.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  let folded = link && document.getElementById(link.hash.slice(1))?.closest("details");
  for (; folded; folded = folded.parentElement.closest("details")) folded.open = true;
});

// A form that is being sent is not sent twice by an impatient finger.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.method === "post" && !event.defaultPrevented && !form.hasAttribute("hx-post")) {
    form.dataset.sent = "yes";
    // Not for ever: the network may have lost it.
    setTimeout(() => delete form.dataset.sent, 8000);
  }
});

// Coming back with the back button finds forms that can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// The button of many answers says what it will do: how many dates with each answer.
const outcome = document.querySelector("[data-outcome]");
const sayOutcome = () => {
  const chosen = [...outcome.closest("form").querySelectorAll(".answer input:checked")].map((input) => input.value);
  const said = ["approve", "reject", "open"].flatMap((answer) => {
    const number = chosen.filter((value) => value === answer).length;
    return number ? [outcome.dataset[answer].replace("#", number)] : [];
  });
  const isNothing = chosen.every((value) => value === "open");
  outcome.textContent = isNothing ? outcome.dataset.outcome : said.join(", ");
};
if (outcome) {
  outcome.closest("form").addEventListener("change", sayOutcome);
  // Browsers restore what was chosen.
  window.addEventListener("pageshow", sayOutcome);
}
