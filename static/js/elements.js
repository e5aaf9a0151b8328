/**
 * The Elements page: find as one types, drop files on a card, order pictures, send a folder.
 *
 * input[data-find="id"] hides the [data-words] children of the list that lack its words, and shows #nonefound when none is
 * left. [data-drop="form id"] takes files: they go into the file field of that form, which is sent. ol[data-arrange="form
 * id"] holds li[data-pic] with a button.ref each: dragging, or Alt and the arrow keys, writes the ids into the form's
 * "order" and sends it; Delete clicks [data-removes]. input[data-folder] sends the path of each file beside it as "path".
 */
import { each } from "./time.js";

/* --- find ---------------------------------------------------------------------------------------------------- */

/** @param {HTMLInputElement} field */
function find(field) {
  const list = document.getElementById(field.dataset.find);
  if (!list) return;
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const cards = [...list.querySelectorAll(":scope > [data-words]")];
  for (const card of cards) card.hidden = !words.every((word) => card.dataset.words.toLowerCase().includes(word));
  const none = document.getElementById("nonefound");
  if (none) none.hidden = !cards.length || cards.some((card) => card.checkVisibility());
}
const field = () => document.querySelector("input[data-find]");
document.addEventListener("input", (event) => { if (event.target.matches?.("[data-find]")) find(event.target); });
document.addEventListener("click", (event) => { if (event.target.matches?.("[data-find]")) event.target.focus(); });  // its key clicks it
document.addEventListener("change", (event) => { if (event.target.name === "kind" && field()) find(field()); });
document.addEventListener("htmx:afterSettle", () => { if (field()?.value) find(field()); });
document.addEventListener("submit", (event) => { if (event.target.querySelector?.("[data-find]")) event.preventDefault(); });

/* --- drop ---------------------------------------------------------------------------------------------------- */

/** @param {DragEvent} event */
const carried = (event) => (event.dataTransfer?.types.includes("Files") ? event.target.closest?.("[data-drop]") : null);
const unmark = () => { for (const one of document.querySelectorAll(".is-over")) one.classList.remove("is-over"); };
document.addEventListener("dragover", (event) => {
  const place = carried(event);
  if (!place) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  if (!place.classList.contains("is-over")) { unmark(); place.classList.add("is-over"); }
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget || !carried(event)?.contains(event.relatedTarget)) unmark(); });
document.addEventListener("drop", (event) => {
  const place = carried(event);
  unmark();
  const form = place && document.getElementById(place.dataset.drop);
  if (!form) return;
  event.preventDefault();
  form.querySelector("input[type=file]").files = event.dataTransfer.files;
  form.requestSubmit();
});

/* --- order pictures ------------------------------------------------------------------------------------------ */

/** @param {HTMLElement} list */
const pictures = (list) => [...list.querySelectorAll(":scope > [data-pic]")];
/** @param {HTMLElement} list */
const orderOf = (list) => pictures(list).map((item) => item.dataset.pic).join(",");

/** @param {HTMLElement} list @param {string} before */
function send(list, before) {
  const form = document.getElementById(list.dataset.arrange);
  if (!form || orderOf(list) === before) return;
  form.elements.namedItem("order").value = orderOf(list);
  // the answer brings the list anew; where it only asks or refuses, the old order stands
  form.addEventListener("htmx:afterRequest", () => { if (list.isConnected) restore(list, before); }, { once: true });
  form.requestSubmit();
}

/** @param {HTMLElement} list */
function arrange(list) {
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("button.ref")?.closest("[data-pic]");
    if (!item || event.button !== 0 || event.target.closest("button").matches(":disabled") || list.closest("fieldset:disabled")) return;
    const before = orderOf(list);
    const over = new AbortController();
    const move = (to) => {
      if (!item.classList.contains("is-drag")) {
        if (Math.hypot(to.clientX - event.clientX, to.clientY - event.clientY) < 5) return;
        item.classList.add("is-drag");
        list.setPointerCapture(event.pointerId);
      }
      const under = pictures(list).find((one) => {
        const box = one.getBoundingClientRect();
        return one !== item && to.clientX >= box.left && to.clientX <= box.right && to.clientY >= box.top && to.clientY <= box.bottom;
      });
      if (!under) return;
      const all = pictures(list);
      if (all.indexOf(under) < all.indexOf(item)) under.before(item); else under.after(item);
    };
    const done = (end) => {
      over.abort();
      if (!item.classList.contains("is-drag")) return;
      item.classList.remove("is-drag");
      if (end.type === "pointercancel") return restore(list, before);
      list.addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
      setTimeout(() => send(list, before));
    };
    list.addEventListener("pointermove", move, { signal: over.signal });
    for (const kind of ["pointerup", "pointercancel"]) list.addEventListener(kind, done, { signal: over.signal });
  });
  list.addEventListener("keydown", (event) => {
    const button = event.target.closest("button.ref");
    const item = button?.closest("[data-pic]");
    if (!item || list.closest("fieldset:disabled")) return;
    if (event.key === "Delete") { item.querySelector("[data-removes]")?.click(); return; }
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!event.altKey || !by) return;
    event.preventDefault();
    const before = orderOf(list);
    const all = pictures(list);
    const next = all[all.indexOf(item) + by];
    if (!next) return;
    if (by < 0) next.before(item); else next.after(item);
    button.focus();
    send(list, before);
  });
}
each("[data-arrange]", arrange);

/** @param {HTMLElement} list @param {string} before */
function restore(list, before) {
  const byId = new Map(pictures(list).map((item) => [item.dataset.pic, item]));
  list.prepend(...before.split(",").map((id) => byId.get(id)));
}

/* --- a folder ------------------------------------------------------------------------------------------------ */

const PICTURE = /\.(png|jpe?g|webp)$/i;
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-folder]") || !input.files.length) return;
  const { form } = input;
  for (const old of form.querySelectorAll("[name=path]")) old.remove();
  const kept = new DataTransfer();
  for (const file of input.files) {
    if (!PICTURE.test(file.name) || /(^|\/)\./.test(file.webkitRelativePath)) continue;
    kept.items.add(file);
    const path = Object.assign(document.createElement("input"), { type: "hidden", name: "path", value: file.webkitRelativePath });
    form.append(path);
  }
  input.files = kept.files;
  form.requestSubmit();
});
