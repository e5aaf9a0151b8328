/**
 * The workbench: prompts that save themselves, steppers, rows that can be dragged.
 *
 * textarea[data-prompt] inside a form (hx-trigger="submit, save") · .stepper with button[data-step=-1|1] and an input
 * (step, min, max) · [data-reorder="form-id"] holding [data-item="id"] rows with a [data-drag-handle] (a button) and,
 * for use without script, [data-move=up|down] buttons. The form's input "order" gets the ids, joined by commas.
 */
import "./names.js";  // first: its keys go before those of the prompt
import { clamp, each } from "./time.js";

/* --- prompts ------------------------------------------------------------------------------------------------- */

/**
 * Older and newer words: Alt and the arrow keys show a revision's text in the field. Nothing is saved by looking: the
 * field goes back to what was being written when it is left.
 * @param {HTMLTextAreaElement} field
 */
function stepper(field) {
  let draft = null;  // what was being written; null while it is on screen
  let at = -1;
  const line = document.createElement("p");
  line.className = "hint stepped";
  line.setAttribute("role", "status");
  /** @returns {[number, string][]} newest first */
  const all = () => JSON.parse(document.querySelector(`#${field.dataset.revisions} script[type="application/json"]`)?.textContent || "[]");
  const write = (text) => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const key = (name) => Object.assign(document.createElement("kbd"), { textContent: name });
  const say = (rows) => {
    line.replaceChildren(Object.assign(document.createElement("span"), { className: "tag", textContent: `r${rows[at][0]}` }),
      ` of r${rows[0][0]}, `, key("Ctrl"), " ", key("Enter"), ` saves it as r${rows[0][0] + 1}, `, key("Esc"), " back");
    field.after(line);
  };
  const end = () => { at = -1; draft = null; line.remove(); };
  return {
    /** Back to what was being written. @returns {boolean} was an older text on screen */
    back() {
      if (draft === null) return false;
      const text = draft;
      end();
      write(text);
      return true;
    },
    end,
    /** @param {number} by 1 is older */
    step(by) {
      const rows = all();
      const before = draft ?? field.value;
      let to = at + by;
      if (to === 0 && rows[0]?.[1] === before) to += by;  // that is what stands there
      if (to >= rows.length || (to < 0 && at < 0)) return;
      if (to < 0) { this.back(); return; }
      draft = before;
      at = to;
      write(rows[at][1]);
      say(rows);
    },
  };
}

/** @param {HTMLTextAreaElement} field */
function prompt(field) {
  let saved = field.value;
  const words = stepper(field);
  if (!CSS.supports("field-sizing", "content")) {
    const grow = () => { field.style.height = "auto"; field.style.height = `${field.scrollHeight + 2}px`; };
    field.addEventListener("input", grow);
    grow();
  }
  field.form?.addEventListener("submit", () => { saved = field.value; words.end(); });
  field.addEventListener("input", (event) => { if (event.isTrusted) words.end(); });  // written on: it is the draft now
  field.addEventListener("blur", () => {
    words.back();
    if (field.value === saved || !field.isConnected) return;
    saved = field.value;
    if (window.htmx) window.htmx.trigger(field.form, "save");
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey && field.value === saved) event.preventDefault();  // nothing new to save
    if (field.dataset.revisions && event.altKey && /^Arrow(Up|Down)$/.test(event.key)) {
      event.preventDefault();
      words.step(event.key === "ArrowUp" ? 1 : -1);
    }
    if (event.key !== "Escape" || event.isComposing) return;
    if (words.back()) { event.preventDefault(); return; }
    if (field.value !== saved) event.preventDefault();  // the first Escape restores, the second leaves
    field.value = saved;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
each("textarea[data-prompt]", prompt);

/* --- steppers ------------------------------------------------------------------------------------------------ */

document.addEventListener("click", (event) => {
  const button = event.target.closest(".stepper [data-step]");
  const input = button?.closest(".stepper").querySelector("input");
  if (!input || input.matches(":disabled")) return;
  const size = Number(input.step) || 1;
  const low = input.min === "" ? -Infinity : Number(input.min);
  const high = input.max === "" ? Infinity : Number(input.max);
  const value = clamp((Number(input.value) || 0) + Number(button.dataset.step) * size, low, high);
  input.value = String(Number(value.toFixed(3)));
  for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
});

/* --- rows ---------------------------------------------------------------------------------------------------- */

/** @param {HTMLElement} list */
const items = (list) => [...list.querySelectorAll("[data-item]")].filter((item) => item.closest("[data-reorder]") === list);

/** Sends the order as it stands, when it changed. @param {HTMLElement} list @param {string} before */
function send(list, before) {
  const order = items(list).map((item) => item.dataset.item).join(",");
  const form = document.getElementById(list.dataset.reorder);
  if (order === before || !form) return;
  form.elements.namedItem("order").value = order;
  form.requestSubmit();
}

/** @param {HTMLElement} list */
const orderOf = (list) => items(list).map((item) => item.dataset.item).join(",");

/** @param {HTMLElement} list */
function reorder(list) {
  list.addEventListener("dragstart", (event) => { if (list.querySelector(".is-drag")) event.preventDefault(); });
  list.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-drag-handle]");
    const item = handle?.closest("[data-item]");
    if (!item || event.button !== 0 || handle.matches(":disabled")) return;
    const before = orderOf(list);
    list.setPointerCapture(event.pointerId);  // the row itself moves in the page and would lose it
    const move = (to) => {
      if (Math.abs(to.clientY - event.clientY) > 4) item.classList.add("is-drag");
      if (!item.classList.contains("is-drag")) return;
      const rest = items(list).filter((one) => one !== item);
      const after = rest.find((one) => { const box = one.getBoundingClientRect(); return to.clientY < box.top + box.height / 2; });
      if (after) after.before(item); else rest.at(-1)?.after(item);
    };
    const done = (end) => {
      list.removeEventListener("pointermove", move);
      for (const kind of ["pointerup", "pointercancel"]) list.removeEventListener(kind, done);
      item.classList.remove("is-drag");
      if (end.type === "pointerup") send(list, before);
      else restore(list, before);
    };
    list.addEventListener("pointermove", move);
    for (const kind of ["pointerup", "pointercancel"]) list.addEventListener(kind, done);
  });
  list.addEventListener("keydown", (event) => {
    const item = event.target.closest("[data-drag-handle]")?.closest("[data-item]");
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!item || !event.altKey || !by) return;
    event.preventDefault();
    const before = orderOf(list);
    const all = items(list);
    const next = all[all.indexOf(item) + by];
    if (!next) return;
    if (by < 0) next.before(item); else next.after(item);
    event.target.focus();
    send(list, before);
  });
}

/** @param {HTMLElement} list @param {string} before */
function restore(list, before) {
  const byId = new Map(items(list).map((item) => [item.dataset.item, item]));
  const end = items(list).at(-1)?.nextSibling ?? null;
  const parent = items(list)[0]?.parentElement;
  for (const id of before.split(",")) parent?.insertBefore(byId.get(id), end);
}

each("[data-reorder]", reorder);
