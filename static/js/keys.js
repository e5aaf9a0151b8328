/**
 * The keyboard map. A key clicks the element that declares it (`data-key="a"`, several with spaces), so every key is a
 * button that can be seen. What no element declares is offered as a cancelable `board:key` event
 * {key, shift, alt, repeat, root}: the players and the picker take their shuttle and arrow keys from there.
 */

const CHORD = 1200;
const TEXT = "input:not([type=radio], [type=checkbox], [type=range], [type=button], [type=submit], [type=file]), textarea, select, [contenteditable=true]";
const ARROWS = /^(Arrow|Home$|End$|Page)/;
let chord = 0;

/** @param {Element} el is it on screen and usable */
function usable(el) {
  if (el.matches(":disabled") || el.getAttribute("aria-disabled") === "true" || el.closest("[inert]")) return false;
  return el.checkVisibility ? el.checkVisibility({ visibilityProperty: true }) : el.offsetParent !== null;
}

/** The topmost open dialog owns the keys; without one, the page does. */
function scope() {
  const open = [...document.querySelectorAll("dialog:modal")];
  return open.find((dialog) => dialog.contains(document.activeElement)) ?? open.at(-1) ?? document.body;
}

/** @param {KeyboardEvent} event "a", "Space", "Alt+ArrowUp" */
function nameOf(event) {
  let key = event.key === " " ? "Space" : event.key;
  if (/^[A-Z]$/.test(key)) key = key.toLowerCase();
  return (event.altKey ? "Alt+" : "") + key;
}

/** Keys the focused element uses itself. @param {Element} at @param {string} key */
function native(at, key) {
  if (key === "Enter" || key === "Space") {
    return at.matches("button, summary, [role=button]") || (key === "Space" ? at.matches("input") : at.matches("a[href], input:not(.cell input)"));
  }
  if (!ARROWS.test(key)) return false;
  return at.matches("input[type=range], [role=slider], [role=separator]") || (at.matches("input[type=radio]") && !at.closest(".cells"));
}

/** The element that declares a key: nearest keyboard region first. @param {Element} root @param {string} key */
function declared(root, key) {
  const found = [...root.querySelectorAll(`[data-key~="${CSS.escape(key)}"]`)].filter(usable);
  const here = document.activeElement?.closest("[data-keys]");
  return found.find((el) => here?.contains(el)) ?? found[0];
}

/** @param {Element} root */
function nextThing(root) {
  const next = [...root.querySelectorAll("main .btn.primary, main .btn.next")].find(usable);
  next?.scrollIntoView({ block: "center" });
  next?.focus();  // only pointed at: it may cost money
  return next;
}

/** @param {string} letter */
function go(letter) {
  chord = 0;
  const link = document.querySelector(`[data-go="${CSS.escape(letter)}"]`);
  link?.click();
  return Boolean(link);
}

/** @param {KeyboardEvent} event @returns {boolean} was it used */
function press(event) {
  const root = scope();
  const key = nameOf(event);
  const at = document.activeElement ?? document.body;
  if (chord > performance.now() && go(key)) return true;
  if (native(at, key)) return false;
  if (key === "Enter" && at.matches(".card, [data-card]")) {
    at.querySelector("[data-open-card], h2 a")?.click();
    return true;
  }
  const target = event.repeat && !ARROWS.test(key) ? null : declared(root, key);
  if (target) { target.click(); return true; }
  const offer = new CustomEvent("board:key", {
    bubbles: true, cancelable: true, detail: { key, shift: event.shiftKey, alt: event.altKey, repeat: event.repeat, root },
  });
  if (!document.dispatchEvent(offer)) return true;
  if (root !== document.body) return false;
  if (key === "g") { chord = performance.now() + CHORD; return true; }
  if (key === "n") return Boolean(nextThing(root));
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.metaKey) return;
  const at = event.target instanceof Element ? event.target : document.body;
  if (event.ctrlKey) {
    if (event.key !== "Enter" || !at.form || !at.matches(TEXT)) return;
    at.form.requestSubmit();
    event.preventDefault();
    return;
  }
  if (at.matches(TEXT)) {
    if (event.key === "Escape" && scope() === document.body) at.blur();
    return;
  }
  if (event.key === "Escape" && (scope() !== document.body || document.querySelector(":popover-open"))) return;
  if (press(event)) event.preventDefault();
});
