/**
 * The picker's cells before a pick: two of them large, stars, and cut lines that can be moved.
 *
 * .twoup holds figure[data-side=a|b][data-cell] with [data-side-cell], [data-side-size], [data-side-star] (its form is
 * that of the cell's star) and [data-side-pick]. Cut lines are button.gut[data-gut=x|y][data-at] in the figure of cells;
 * form[data-cuts] has the fields cols and rows (pixels, with commas) and a button how=lines. [data-like-cell] names the
 * chosen cell; [data-cell-of] is a starred cell of the grid that is shown.
 */
import { clamp } from "./time.js";

const STEP = 10;       // px of the picture with Shift
const PAUSE = 700;     // ms after the last key until a moved line is cut
const LEAST = 16;      // px between two lines
let waiting = 0;
let held = "";         // the id of the line that was moved: it keeps the focus when the picture comes anew

/** @param {HTMLElement} root the picker @returns {boolean} */
export const isTwo = (root) => Boolean(root.querySelector("[name=gview][value=two]:checked"));

/** The other view. @param {HTMLElement} root */
export function turn(root) {
  const next = root.querySelector("[name=gview]:not(:checked)");
  if (next) next.checked = true;
  return Boolean(next);
}

/** Clicks the star of a cell. @param {HTMLElement} root @param {string|undefined} cell */
export function star(root, cell) {
  const button = cell && root.querySelector(`#star-go-${CSS.escape(cell)}`);
  button?.click();
  return Boolean(button);
}

/** The cell that stands beside the chosen one. @param {HTMLElement} root @returns {string|undefined} */
export const beside = (root) => root.querySelector("[data-side=b]")?.dataset.cell;

/** @param {HTMLElement} root @param {string} cell */
export function setBeside(root, cell) {
  const side = root.querySelector("[data-side=b]");
  if (!side || !root.querySelector(`.cell input[value="${CSS.escape(cell)}"]`)) return false;
  side.dataset.cell = cell;
  return true;
}

/** Both sides, the tag of B, and whatever else names the chosen cell.
 * @param {HTMLElement} root @param {string} chosen @param {(cell: string) => {x: number, y: number, w: number, h: number}} crop
 * whole-picture pixels @param {number} width @param {number} height the whole picture */
export function draw(root, chosen, crop, width, height) {
  const a = root.querySelector("[data-side=a]");
  const b = root.querySelector("[data-side=b]");
  if (a && b) {
    if (b.dataset.cell === chosen) b.dataset.cell = a.dataset.cell === chosen ? another(root, chosen) : a.dataset.cell;
    a.dataset.cell = chosen;
    for (const side of [a, b]) drawSide(root, side, crop(side.dataset.cell), width, height);
  }
  for (const label of root.querySelectorAll(".cell")) label.classList.toggle("is-b", label.dataset.key === b?.dataset.cell && isTwo(root));
  for (const out of root.querySelectorAll("[data-like-cell]")) out.textContent = chosen;
  for (const link of root.querySelectorAll("[data-cell-of]")) link.toggleAttribute("aria-current", link.dataset.cellOf === chosen);
}

/** @param {HTMLElement} root @param {string} cell */
const another = (root, cell) => root.querySelector(`.cell:not([data-key="${CSS.escape(cell)}"])`)?.dataset.key ?? cell;

function drawSide(root, side, box, width, height) {
  const { cell } = side.dataset;
  const parts = { "--x": box.x / width, "--y": box.y / height, "--w": box.w / width, "--h": box.h / height };
  for (const [name, part] of Object.entries(parts)) side.querySelector(".cellpic").style.setProperty(name, String(part));
  side.querySelector("img").alt = `Cell ${cell}, large`;
  side.querySelector("[data-side-cell]").textContent = `Cell ${cell}`;
  side.querySelector("[data-side-size]").textContent = `${box.w} × ${box.h} px`;
  const pressed = root.querySelector(`#star-go-${CSS.escape(cell)}`)?.getAttribute("aria-pressed");
  const button = side.querySelector("[data-side-star]");
  button?.setAttribute("form", `star-${cell}`);
  button?.setAttribute("aria-pressed", pressed ?? "false");
  button?.setAttribute("aria-label", `Star cell ${cell} here`);
}

// cut lines

/** @param {HTMLElement} line @param {number} at pixels of the whole picture */
function move(line, at) {
  const cells = line.closest(".cells");
  const all = Number(line.dataset.gut === "x" ? cells.dataset.gridW : cells.dataset.gridH);
  const lines = [...cells.querySelectorAll(`[data-gut=${line.dataset.gut}]`)];
  const place = lines.indexOf(line);
  const least = (place ? Number(lines[place - 1].dataset.at) : 0) + LEAST;
  const most = (place < lines.length - 1 ? Number(lines[place + 1].dataset.at) : all) - LEAST;
  line.dataset.at = String(Math.round(clamp(at, least, most)));
  line.style.setProperty("--at", String(Number(line.dataset.at) / all * 100));
}

/** Sends the lines as they stand. @param {HTMLElement} root */
function send(root) {
  const form = root.querySelector("form[data-cuts]");
  if (!form) return;
  held = document.activeElement?.matches?.("[data-gut]") ? document.activeElement.id : "";
  const told = (axis) => [...root.querySelectorAll(`[data-gut=${axis}]`)].map((line) => line.dataset.at).join(", ");
  form.elements.cols.value = told("x");
  form.elements.rows.value = told("y");
  form.requestSubmit(form.querySelector("[name=how][value=lines]"));
}

/** An arrow key on a line that has the focus. @param {HTMLElement} root @param {string} key @param {boolean} shift */
export function nudge(root, key, shift) {
  const line = document.activeElement;
  if (!line?.matches?.("[data-gut]") || !root.contains(line)) return false;
  const by = { x: { ArrowLeft: -1, ArrowRight: 1 }, y: { ArrowUp: -1, ArrowDown: 1 } }[line.dataset.gut][key];
  if (!by) return key.startsWith("Arrow");
  move(line, Number(line.dataset.at) + by * (shift ? STEP : 1));
  clearTimeout(waiting);
  waiting = setTimeout(() => send(root), PAUSE);
  return true;
}

/** @param {PointerEvent} event on a line @param {HTMLElement} root */
function grab(event, root) {
  const line = event.target;
  const axis = line.dataset.gut;
  const cells = line.closest(".cells");
  const shown = cells.getBoundingClientRect();
  const scale = axis === "x" ? Number(cells.dataset.gridW) / shown.width : Number(cells.dataset.gridH) / shown.height;
  const from = Number(line.dataset.at);
  event.preventDefault();
  line.focus({ preventScroll: true });
  line.setPointerCapture(event.pointerId);
  const drag = (now) => move(line, from + (axis === "x" ? now.clientX - event.clientX : now.clientY - event.clientY) * scale);
  const over = new AbortController();
  line.addEventListener("pointermove", drag, { signal: over.signal });
  const done = (end) => {
    over.abort();
    if (end.type === "pointercancel") move(line, from);
    else if (Number(line.dataset.at) !== from) send(root);
  };
  for (const kind of ["pointerup", "pointercancel"]) line.addEventListener(kind, done, { signal: over.signal });
}

document.addEventListener("htmx:afterSettle", () => {
  const line = held && document.getElementById(held);
  held = "";
  if (line) line.focus({ preventScroll: true });
});

document.addEventListener("pointerdown", (event) => {
  const root = event.target instanceof Element && event.target.matches("[data-gut]") && event.target.closest("[data-picker]");
  if (root && event.button === 0) grab(event, root);
});
