/**
 * Board and Setup: boundaries that can be dragged, and waiting times that count between two polls.
 *
 * [data-boundary="form-id"] (a button, role=slider) style="--t:14" data-min data-max, inside something with --dur
 * (seconds): dragging or arrow keys write the form's input "at" and send it. [data-elapsed="108"] counts seconds up from
 * there: a <progress> fills, text reads "1:48 of about 3:00" with data-usual="180".
 */
import { clamp, clock, each } from "./time.js";

const STEP = 0.1;

/** @param {HTMLElement} bound */
function boundary(bound) {
  const limits = [Number(bound.dataset.min), Number(bound.dataset.max)];
  const stage = bound.closest(".songmap, .detail") ?? bound.parentElement;
  const length = () => parseFloat(getComputedStyle(bound).getPropertyValue("--dur")) || 1;
  let at = parseFloat(bound.style.getPropertyValue("--t")) || 0;
  let sent = at;
  let timer = 0;

  /** @param {number} seconds */
  const place = (seconds) => {
    at = Number((Math.round(clamp(seconds, ...limits) / STEP) * STEP).toFixed(3));
    bound.style.setProperty("--t", String(at));
    bound.setAttribute("aria-valuenow", String(at));
    bound.setAttribute("aria-valuetext", clock(at, true));
    const field = document.getElementById(bound.dataset.boundary)?.elements.namedItem("at");
    if (field) field.value = String(at);
  };
  const send = () => {
    clearTimeout(timer);
    if (at === sent) return;
    sent = at;
    document.getElementById(bound.dataset.boundary)?.requestSubmit();
  };

  for (const [name, value] of [["role", "slider"], ["aria-valuemin", limits[0]], ["aria-valuemax", limits[1]]]) {
    bound.setAttribute(name, String(value));
  }
  bound.setAttribute("aria-valuenow", String(at));
  bound.setAttribute("aria-valuetext", clock(at, true));

  bound.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    bound.setPointerCapture(event.pointerId);
    bound.classList.add("is-moving");
  });
  stage.addEventListener("dragstart", (event) => event.preventDefault());  // the links below would be dragged instead
  bound.addEventListener("pointermove", (event) => {
    if (!bound.hasPointerCapture(event.pointerId)) return;
    const box = stage.getBoundingClientRect();
    place(((event.clientX - box.left) / box.width) * length());
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    bound.addEventListener(kind, () => {
      bound.classList.remove("is-moving");
      if (kind === "pointercancel") place(sent);
      else send();
    });
  }
  bound.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageUp: 1, PageDown: -1 }[event.key];
    if (event.key === "Escape") place(sent);
    if (!by) return;
    event.preventDefault();
    place(at + by * (event.shiftKey ? 10 : 1));
    clearTimeout(timer);
    timer = setTimeout(send, 800);  // one save for a run of key presses
  });
  bound.addEventListener("blur", send);
}
each("[data-boundary]", boundary);

/* --- waiting times ------------------------------------------------------------------------------------------- */

/** When each counter was first seen, on this page's clock. @type {Map<HTMLElement, number>} */
const counters = new Map();
each("[data-elapsed]", (el) => counters.set(el, performance.now() - Number(el.dataset.elapsed) * 1000));

/** @param {HTMLElement} el @param {number} seconds */
function count(el, seconds) {
  if (el instanceof HTMLProgressElement) {
    el.value = Math.min(seconds, el.max);
    return;
  }
  const usual = Number(el.dataset.usual);
  if (!usual) el.textContent = clock(seconds);
  else if (seconds > usual) el.textContent = `longer than usual, ${clock(seconds)}`;
  else el.textContent = `${clock(seconds)} of about ${clock(usual)}`;
}

setInterval(() => {
  for (const [el, since] of counters) {
    if (el.isConnected) count(el, (performance.now() - since) / 1000);
    else counters.delete(el);
  }
}, 1000);
