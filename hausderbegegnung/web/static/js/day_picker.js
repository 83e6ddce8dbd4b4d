// Wherever a day is typed it can be picked from the browser's own calendar as well, by finger, mouse or
// keyboard. Where the browser cannot open one, and without this script, it is typed.

const asTyped = (iso) => iso.split("-").reverse().join(".");
const asIso = (text) => {
  const parts = /^(\d{1,2})[.,\s]+(\d{1,2})[.,\s]*(\d{4})?$/.exec(text.trim());
  if (!parts) return "";
  const [, day, month, year = new Date().getFullYear()] = parts;
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
};

const addDayPicker = (input, button) => {
  const label = input.labels[0]?.firstChild.textContent.trim();
  if (label) button.ariaLabel = `${button.ariaLabel}: ${label}`;
  const frame = document.createElement("span");
  frame.className = "day-input";
  input.replaceWith(frame);
  const native = document.createElement("input");
  native.type = "date";
  native.className = "day-input__native";
  native.tabIndex = -1;
  native.setAttribute("aria-hidden", "true");
  frame.append(input, native, button);
  const takesMany = input.localName === "textarea";
  button.addEventListener("click", () => {
    native.value = takesMany ? "" : asIso(input.value);
    native.showPicker();
  });
  native.addEventListener("change", () => {
    const day = native.value ? asTyped(native.value) : "";
    const before = input.value.trim().replace(/[,;]$/, "");
    if (!takesMany) input.value = day;
    else if (day) input.value = before ? `${before}, ${day}` : day;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  });
};

const dayPicker = document.getElementById("day-picker");
if (dayPicker && "showPicker" in HTMLInputElement.prototype) {
  for (const input of document.querySelectorAll("[data-day]")) {
    addDayPicker(input, dayPicker.content.firstElementChild.cloneNode(true));
  }
}
