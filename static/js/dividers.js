/**
 * Dividers between calls: drag, or arrow keys and Enter.
 *
 * ol[data-dividers="form id"] > li.call holding li[data-shot="number"], ul.caps, p.said and, behind all but the last,
 * [role=separator][data-at="number of the shot behind it"] with a <script type="application/json"> of every place it can
 * go: [{to, text, said, left, right}], `left` and `right` being the caps of the calls on both sides as they would be,
 * [{name, figure, pct, state}]. The form's inputs `at` and `to` get the move. Escape, or leaving it, takes it back.
 */
import { each } from "./time.js";

/** @param {HTMLElement} list */
function dividers(list) {
  list.addEventListener("pointerdown", (event) => {
    const bar = barOf(event);
    if (!bar || event.button !== 0) return;
    event.preventDefault();
    bar.focus();
    const stops = stopsOf(bar);
    let place = hereOf(bar);
    const move = (to) => {
      const near = stops.reduce((best, one) => (Math.abs(one.x - to.clientX) < Math.abs(best.x - to.clientX) ? one : best));
      place = near.place;
      bar.classList.add("is-drag");
      bar.style.setProperty("--dx", `${near.x - stops.home}px`);
      show(bar, place);
    };
    const done = (end) => {
      bar.removeEventListener("pointermove", move);
      for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) bar.removeEventListener(kind, done);
      if (!bar.classList.contains("is-drag")) return;
      if (end.type === "pointerup") commit(list, bar, place);
      else reset(bar);
    };
    bar.setPointerCapture(event.pointerId);
    bar.addEventListener("pointermove", move);
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) bar.addEventListener(kind, done);
  });
  list.addEventListener("keydown", (event) => {
    const bar = barOf(event);
    if (!bar || event.altKey || event.ctrlKey || event.metaKey) return;
    const places = placesOf(bar);
    const at = places.findIndex((one) => one.to - 1 === Number(bar.getAttribute("aria-valuenow")));
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: places.length - 1 }[event.key];
    if (next !== undefined) step(bar, places[Math.min(Math.max(next, 0), places.length - 1)]);
    else if (event.key === "Enter" || event.key === " ") commit(list, bar, places[at]);
    else if (event.key === "Escape" && bar.classList.contains("is-drag")) reset(bar);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  list.addEventListener("focusout", (event) => {
    const bar = barOf(event);
    if (bar?.classList.contains("is-drag")) reset(bar);
  });
}

/** @param {Event} event @returns {HTMLElement | null} a divider that may be moved */
function barOf(event) {
  const bar = event.target.closest?.("[role=separator][data-at]");
  return bar?.matches("[aria-disabled=true], :disabled *") ? null : bar;
}

/** @param {HTMLElement} bar */
const placesOf = (bar) => JSON.parse(bar.querySelector("script").textContent);

/** @param {HTMLElement} bar @returns the place it stands in now */
const hereOf = (bar) => placesOf(bar).find((one) => one.to === Number(bar.dataset.at));

/** Where on screen each place is. @param {HTMLElement} bar */
function stopsOf(bar) {
  const left = bar.closest(".call");
  const right = left.nextElementSibling;
  const box = bar.getBoundingClientRect();
  const home = box.left + box.width / 2 - (parseFloat(bar.style.getPropertyValue("--dx")) || 0);
  const edge = (call, shot, side) => call.querySelector(`[data-shot="${shot}"]`)?.getBoundingClientRect()[side] ?? home;
  const stops = placesOf(bar).map((place) => {
    const at = Number(bar.dataset.at);
    const x = place.to === at ? home : place.to < at ? edge(left, place.to - 1, "right") : edge(right, place.to, "left");
    return { place, x };
  });
  return Object.assign(stops, { home });
}

/** @param {HTMLElement} bar */
function step(bar, place) {
  const stop = stopsOf(bar).find((one) => one.place.to === place.to);
  bar.classList.add("is-drag");
  bar.style.setProperty("--dx", `${stop.x - stopsOf(bar).home}px`);
  show(bar, place);
}

/** Both calls as they would be. @param {HTMLElement} bar */
function show(bar, place) {
  const left = bar.closest(".call");
  bar.setAttribute("aria-valuenow", String(place.to - 1));
  bar.setAttribute("aria-valuetext", [place.text, place.said].filter(Boolean).join(". "));
  fill(left, place.left);
  fill(left.nextElementSibling, place.right);
  const said = left.querySelector(".said");
  said.textContent = place.said;
  said.hidden = !place.said;
}

/** @param {Element} call @param {{name: string, figure: string, pct: number, state: string}[]} caps */
function fill(call, caps) {
  call.querySelector(".caps").replaceChildren(...caps.map((cap) => {
    const row = document.createElement("li");
    const name = document.createElement("span");
    const figure = document.createElement("b");
    row.className = cap.state;
    row.style.setProperty("--pct", String(cap.pct));
    name.textContent = cap.name;
    figure.className = "tc";
    figure.textContent = cap.figure;
    row.append(name, figure);
    return row;
  }));
}

/** @param {HTMLElement} bar */
function reset(bar) {
  show(bar, hereOf(bar));
  bar.closest(".call").querySelector(".said").hidden = true;
  bar.style.removeProperty("--dx");
  bar.classList.remove("is-drag");
}

/** @param {HTMLElement} list @param {HTMLElement} bar */
function commit(list, bar, place) {
  const form = document.getElementById(list.dataset.dividers);
  if (!place || !form || place.to === Number(bar.dataset.at)) return reset(bar);
  form.elements.namedItem("at").value = bar.dataset.at;
  form.elements.namedItem("to").value = String(place.to);
  bar.classList.remove("is-drag");
  form.requestSubmit();
}

each("[data-dividers]", dividers);
