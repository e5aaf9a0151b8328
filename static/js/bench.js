/**
 * The workbench: steppers, rows that can be dragged; prompts that save themselves are in prompt.js.
 *
 * .stepper with button[data-step=-1|1] and an input
 * (step, min, max) · [data-reorder="form-id"] holding [data-item="id"] rows with a [data-drag-handle] (a button) and,
 * for use without script, [data-move=up|down] buttons. The form's input "order" gets the ids, joined by commas.
 */
import "./prompt.js";
import { clamp, each } from "./time.js";

/* --- answers ------------------------------------------------------------------------------------------------- */

/* Parts of rows that are not on the page any more, or not yet (another answer was faster), have no place to go. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const html = event.detail.serverResponse;
  if (!html?.includes("hx-swap-oob")) return;
  const box = document.createElement("template");
  box.innerHTML = html;
  const lost = [...box.content.querySelectorAll(":is([hx-swap-oob=true], [hx-swap-oob=delete])[id]")]
    .filter((el) => !el.parentElement?.closest("[hx-swap-oob]") && !document.getElementById(el.id));
  if (!lost.length) return;
  for (const el of lost) el.remove();
  event.detail.serverResponse = box.innerHTML;
});

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
