// What is typed into a long form outlives a lost connection, a reload and the way back: it is kept in this
// window alone, for an hour at most and for whoever typed it, until it is sent or somebody logs out.

const DRAFT = "draft";
const AN_HOUR = 3_600_000;
const draftForm = document.querySelector("form[data-draft]");
const isLoggedIn = Boolean(document.querySelector("[data-log-out]"));
const isLogin = location.pathname.startsWith("/konto/anmelden/");

const forgetDraft = () => sessionStorage.removeItem(DRAFT);

const readDraft = () => {
  const draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null");
  if (!draft) return null;
  const isElsewhere = draftForm && draftForm.dataset.draft !== draft.owner;
  // Sending leads to another page; where it failed, there is none, or it was not led to.
  const isAnswered = draft.isSent && !draftForm && performance.getEntriesByType("navigation")[0]?.redirectCount > 0;
  const isGone = Date.now() - draft.at > AN_HOUR || isElsewhere || (!isLogin && (isAnswered || !isLoggedIn));
  if (isGone) forgetDraft();
  return isGone ? null : draft;
};

const keepDraft = (isSent) => {
  const typed = [...new FormData(draftForm)].filter(([name]) => name !== "csrfmiddlewaretoken");
  const { pathname: path, search } = location;
  const draft = { owner: draftForm.dataset.draft, path, search, at: Date.now(), isSent, typed };
  sessionStorage.setItem(DRAFT, JSON.stringify(draft));
};

// What was chosen for dates of a series comes back with their plan; see _series_kept.html.
const keepChoices = (typed) => {
  const planned = new Map(typed.filter(([name]) => name.startsWith("planned-")));
  for (const [name, value] of typed) {
    const day = name === "out" ? value : /^(?:way|kept)-(.+)$/.exec(name)?.[1];
    if (!day || (name.startsWith("way-") && planned.get(`planned-${day}`) === value)) continue;
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name: `kept-${day}`, value: name === "out" ? "skip" : value });
    document.getElementById("dates-kept")?.append(input);
  }
};

// Where another place or time is asked for, this stays, and what was typed about the rest comes back.
const fillIn = ({ search, typed }) => {
  const isSameWish = search === location.search;
  let isChanged = false;
  for (const input of draftForm.elements) {
    const values = typed.filter(([name]) => name === input.name).map(([, value]) => value);
    if (!input.name || input.closest("#dates") || (input.closest("#wish") && !isSameWish)) continue;
    if (input.type === "hidden" && input.name !== "submission_key") continue;
    const isBox = ["checkbox", "radio"].includes(input.type);
    const [key, value] = isBox ? ["checked", values.includes(input.value)] : ["value", values[0] ?? input.value];
    if (input[key] === value) continue;
    input[key] = value;
    isChanged ||= input.type !== "hidden";
  }
  if (isSameWish) keepChoices(typed);
  return isChanged;
};

try {
  const draft = readDraft();
  if (draftForm) {
    if (draft?.path === location.pathname && !("filled" in draftForm.dataset)) {
      draftForm.querySelector("[data-draft-note]").hidden = !fillIn(draft);
    }
    let later;
    const keepSoon = () => {
      clearTimeout(later);
      later = setTimeout(keepDraft, 300, false);
    };
    draftForm.addEventListener("input", keepSoon);
    draftForm.addEventListener("change", keepSoon);
    draftForm.addEventListener("submit", ({ submitter }) => {
      clearTimeout(later);
      // The buttons that only check have names.
      keepDraft(!submitter?.name);
    });
    draftForm.querySelector("[data-draft-discard]").addEventListener("click", () => {
      forgetDraft();
      location.replace(location.pathname + location.search);
    });
  }
} catch {
  // A browser that keeps nothing, because it was told so.
}
