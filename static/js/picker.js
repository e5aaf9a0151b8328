/**
 * The grid picker: choose a cell, adjust a crop that keeps the project's ratio.
 *
 * [data-picker] contains .cells.measured data-grid-w/-h data-ratio-w/-h data-want-w/-h (pixels of the whole picture, the
 * project's frame, the width it is shown at). Each label.cell carries data-x/-y/-w/-h in whole-picture pixels and a radio
 * named cell. Hidden inputs x, y, w, h go to the server in whole-picture pixels; the fields [data-crop=x|y|w|h] show
 * pixels of the cell. [data-crop-size] [data-crop-of] [data-crop-cell] [data-crop-warning] [data-crop-least="300"] are
 * read-outs, canvas[data-crop-preview] the result, [data-crop-whole] the whole cell. Another .cells may take the place of
 * the first: the dialog shows another grid. Keys beside those of the crop: V, S, X, Alt and a number (candidates.js).
 */
import * as candidates from "./candidates.js";
import { chosen, draw as drawSizes } from "./sizes.js";
import { clamp, each } from "./time.js";

/** @typedef {{x: number, y: number, w: number, h: number}} Box a crop inside its cell, in pixels */
const SMALLEST = 64;   // px wide; below that nothing is left to enlarge
const SOFT = 1.05;     // enlarged more than this, fine detail goes soft
const NUDGE = 10;
/** Where the eight handles sit, clockwise from the top left, as parts of the box. */
const HANDLES = [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [0.5, 1], [0, 1], [0, 0.5]];

/** The largest box of a ratio in the middle of a cell. @param {number} width @param {number} height @param {number} ratio @returns {Box} */
export function largest(width, height, ratio) {
  const w = Math.floor(Math.min(width, height * ratio));
  const h = Math.min(height, Math.round(w / ratio));
  return { x: Math.floor((width - w) / 2), y: Math.floor((height - h) / 2), w, h };
}

/** Moves a box, kept inside. @param {Box} box @param {number} dx @param {number} dy @param {Box} cell @returns {Box} */
export function moved(box, dx, dy, cell) {
  return { ...box, x: Math.round(clamp(box.x + dx, 0, cell.w - box.w)), y: Math.round(clamp(box.y + dy, 0, cell.h - box.h)) };
}

/** Makes a box `w` wide round a fixed point (parts of the box, 0..1). @param {Box} box @param {number} w @param {number} ratio
 * @param {Box} cell @param {[number, number]} fixed @returns {Box} */
export function sized(box, w, ratio, cell, [ax, ay]) {
  const px = box.x + box.w * ax;
  const py = box.y + box.h * ay;
  const room = (at, all, part) => Math.min(part > 0 ? at / part : Infinity, part < 1 ? (all - at) / (1 - part) : Infinity);
  const most = Math.min(room(px, cell.w, ax), room(py, cell.h, ay) * ratio);
  const width = Math.floor(clamp(w, Math.min(SMALLEST, most), most) + 1e-6);
  const height = Math.min(cell.h, Math.round(width / ratio));
  return moved({ x: px - width * ax, y: py - height * ay, w: width, h: height }, 0, 0, cell);
}

class Picker {
  /** @param {HTMLElement} root @param {HTMLElement} cells */
  constructor(root, cells) {
    this.root = root;
    this.cells = cells;
    this.over = new AbortController();
    this.image = this.cells.querySelector("img");
    this.form = root.matches("form") ? root : this.cells.closest("form") ?? root.querySelector("form");
    this.ratio = this.number("ratioW") / this.number("ratioH");
    /** Crops already adjusted, by cell. @type {Map<string, Box>} */
    this.crops = new Map();
    this.buildCrop();
    this.listen();
    this.start();
  }

  /** @param {string} name a data attribute of .cells */
  number(name) { return Number(this.cells.dataset[name]) || 1; }

  get radio() { return this.cells.querySelector("input[name=cell]:checked"); }

  /** The measured cell, in whole-picture pixels. @returns {Box|null} */
  get cell() {
    const data = this.radio?.closest(".cell").dataset;
    return data ? { x: Number(data.x), y: Number(data.y), w: Number(data.w), h: Number(data.h) } : null;
  }

  get box() { return this.crops.get(this.radio?.value); }

  buildCrop() {
    this.crop = document.createElement("span");
    this.crop.className = "crop";
    this.crop.tabIndex = 0;
    this.crop.setAttribute("role", "group");
    this.crop.append(...HANDLES.map(() => document.createElement("i")));
  }

  listen() {
    this.cells.addEventListener("change", () => this.choose());
    this.cells.addEventListener("dragstart", (event) => event.preventDefault());
    this.crop.addEventListener("click", (event) => event.preventDefault());  // it lies in a label
    this.crop.addEventListener("pointerdown", (event) => this.grab(event));
    const { signal } = this.over;
    this.root.addEventListener("change", (event) => this.typed(event), { signal });
    this.root.addEventListener("change", (event) => { if (event.target.name === "up") chosen(this.root); }, { signal });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("[data-crop]")) { event.preventDefault(); this.typed(event); }
    }, { signal });
    this.root.addEventListener("click", (event) => {
      if (event.target.closest("[data-crop-whole]")) this.whole();
      const side = event.target.closest("[data-side-pick]")?.closest("[data-side]");
      if (side) this.pick(side.dataset.cell, event);
    }, { signal });
    if (!this.image.complete) this.image.addEventListener("load", () => this.draw(), { once: true });
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.cells);
  }

  /** Another grid has taken its place. */
  leave() {
    this.over.abort();
    this.watch.disconnect();
  }

  /** Starts from what the form already holds (a crop being adjusted again), else the largest crop. */
  start() {
    const kept = ["x", "y", "w", "h"].map((name) => this.form?.elements.namedItem(name)?.value);
    if (this.cell && kept.every((value) => value)) {
      const [x, y, w, h] = kept.map(Number);
      this.crops.set(this.radio.value, { x: x - this.cell.x, y: y - this.cell.y, w, h });
    }
    this.choose();
  }

  choose() {
    const cell = this.cell;
    if (!cell) return;
    if (!this.box) this.crops.set(this.radio.value, largest(cell.w, cell.h, this.ratio));
    this.radio.closest(".cell").append(this.crop);
    this.draw();
  }

  /** Makes a cell the chosen one. @param {string} cell @returns {boolean} */
  take(cell) {
    const radio = [...this.cells.querySelectorAll("input[name=cell]")].find((one) => one.value === cell);
    if (!radio) return false;
    radio.checked = true;
    this.choose();
    return true;
  }

  /** Starts from one of the two that are large, with its crop. @param {string} cell @param {Event} event */
  pick(cell, event) {
    event.preventDefault();
    if (this.take(cell)) this.form.requestSubmit();
  }

  /** A cell's crop in whole-picture pixels; the largest one while nobody has moved it. @param {string} cell @returns {Box} */
  cropOf(cell) {
    const data = this.cells.querySelector(`.cell[data-key="${CSS.escape(cell)}"]`)?.dataset;
    if (!data) return { x: 0, y: 0, w: this.number("gridW"), h: this.number("gridH") };
    const box = this.crops.get(cell) ?? largest(Number(data.w), Number(data.h), this.ratio);
    return { ...box, x: Number(data.x) + box.x, y: Number(data.y) + box.y };
  }

  /** Keys that choose, compare and star. @param {string} key @returns {boolean} */
  cellKey(key) {
    const root = this.root;
    const other = candidates.beside(root);
    if (key === "v") candidates.turn(root);
    else if (key === "s") return candidates.star(root, this.radio?.value);
    else if (key === "x" && candidates.isTwo(root) && other) this.take(other);
    else if (/^Alt\+[1-9]$/.test(key)) { if (!candidates.setBeside(root, key.at(-1))) return false; }
    else if (/^[1-9]$/.test(key)) return this.take(key);
    else return false;
    if (!this.radio) this.take(root.querySelector("[data-side=a]")?.dataset.cell);
    this.draw();
    return true;
  }

  whole() { if (this.cell) this.set(largest(this.cell.w, this.cell.h, this.ratio)); }

  /** @param {Box} box */
  set(box) {
    this.crops.set(this.radio.value, box);
    this.draw();
  }

  /** Move by the inside, resize by a handle; works for mouse, pen and finger. @param {PointerEvent} event */
  grab(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.crop.focus({ preventScroll: true });
    this.crop.setPointerCapture(event.pointerId);
    const handle = HANDLES[[...this.crop.children].indexOf(event.target)];
    const start = { ...this.box };
    const scale = this.number("gridW") / this.cells.getBoundingClientRect().width;
    const drag = (move) => {
      const dx = (move.clientX - event.clientX) * scale;
      const dy = (move.clientY - event.clientY) * scale;
      this.set(handle ? this.pulled(start, handle, dx, dy) : moved(start, dx, dy, this.cell));
    };
    const done = () => {
      this.crop.removeEventListener("pointermove", drag);
      for (const kind of ["pointerup", "pointercancel"]) this.crop.removeEventListener(kind, done);
    };
    this.crop.addEventListener("pointermove", drag);
    for (const kind of ["pointerup", "pointercancel"]) this.crop.addEventListener(kind, done);
  }

  /** @param {Box} start @param {number[]} handle @param {number} dx @param {number} dy */
  pulled(start, [hx, hy], dx, dy) {
    const byX = hx === 0.5 ? 0 : dx * (hx === 1 ? 1 : -1);
    const byY = hy === 0.5 ? 0 : dy * (hy === 1 ? 1 : -1) * this.ratio;
    const by = Math.abs(byX) > Math.abs(byY) ? byX : byY;
    return sized(start, start.w + by, this.ratio, this.cell, [1 - hx, 1 - hy]);
  }

  /** @param {Event} event a figure was written */
  typed(event) {
    const which = event.target.dataset?.crop;
    const value = Number(event.target.value);
    if (!which || !this.box) return;
    if (!Number.isFinite(value)) return this.draw();
    if (which === "x") this.set(moved({ ...this.box, x: value }, 0, 0, this.cell));
    if (which === "y") this.set(moved({ ...this.box, y: value }, 0, 0, this.cell));
    if (which === "w") this.set(sized(this.box, value, this.ratio, this.cell, [0, 0]));
  }

  /** @param {string} key @param {boolean} shift @returns {boolean} */
  key(key, shift) {
    if (candidates.nudge(this.root, key, shift) || this.cellKey(key)) return true;
    if (!this.box) return false;
    const by = shift ? NUDGE : 1;
    const [dx, dy] = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[key] ?? [0, 0];
    if (dx || dy) this.set(moved(this.box, dx, dy, this.cell));
    else if ("-_+=".includes(key)) {
      const step = Math.max(16, this.cell.w / 50) * ("-_".includes(key) ? -1 : 1);
      this.set(sized(this.box, this.box.w + step, this.ratio, this.cell, [0.5, 0.5]));
    } else return false;
    return true;
  }

  draw() {
    const { box, cell } = this;
    if (!box || !cell) return;
    const percent = { "--x": box.x / cell.w, "--y": box.y / cell.h, "--w": box.w / cell.w, "--h": box.h / cell.h };
    for (const [name, part] of Object.entries(percent)) this.crop.style.setProperty(name, String(part * 100));
    this.crop.setAttribute("aria-label", `Crop, ${box.w} by ${box.h} pixels at ${box.x}, ${box.y}`);
    const sent = { x: cell.x + box.x, y: cell.y + box.y, w: box.w, h: box.h };
    for (const [name, value] of Object.entries(sent)) {
      const field = this.form?.elements.namedItem(name);
      if (field) field.value = String(value);
    }
    for (const field of this.root.querySelectorAll("[data-crop]")) field.value = String(box[field.dataset.crop]);
    this.say("[data-crop-size]", `${box.w} × ${box.h}`);
    this.say("[data-crop-of]", `px, of ${cell.w} × ${cell.h} in the cell`);
    this.say("[data-crop-cell]", `Cell ${this.radio.value}`);
    this.warn(box);
    this.preview(sent);
    candidates.draw(this.root, this.radio.value, (one) => this.cropOf(one), this.number("gridW"), this.number("gridH"));
  }

  /** @param {string} selector @param {string} text */
  say(selector, text) {
    const out = this.root.querySelector(selector);
    if (out && out.textContent !== text) out.textContent = text;
  }

  /** @param {Box} box */
  warn(box) {
    const out = this.root.querySelector("[data-crop-warning]");
    if (!out) return;
    const want = this.number("wantW");
    const factor = want / box.w;
    const least = this.root.querySelector("[data-crop-least]");
    const tooSmall = Boolean(least) && Math.min(box.w, box.h) < Number(least.dataset.cropLeast);
    if (least) least.hidden = !tooSmall;
    out.hidden = factor <= SOFT || tooSmall;
    this.say("[data-crop-warning] b", `Small for ${Math.min(want, this.number("wantH"))}p.`);
    this.say("[data-crop-warning] [data-factor]",
      ` It will be enlarged ${factor.toFixed(1)} times and fine detail goes soft. A crop of ${want} px or wider stays sharp.`);
    drawSizes(this.root, box, {
      small: factor > SOFT || tooSmall,
      least: tooSmall ? Number(least.dataset.cropLeast) : 0,
      key: `${this.radio.value} ${tooSmall}`,
    });
  }

  /** @param {Box} sent */
  preview(sent) {
    const canvas = this.root.querySelector("canvas[data-crop-preview]");
    if (!canvas || !this.image.naturalWidth) return;
    const scale = this.image.naturalWidth / this.number("gridW");  // the page may show a smaller copy
    canvas.width = 640;
    canvas.height = Math.round(640 / this.ratio);
    canvas.getContext("2d").drawImage(
      this.image, sent.x * scale, sent.y * scale, sent.w * scale, sent.h * scale, 0, 0, canvas.width, canvas.height);
  }
}

/** @type {WeakMap<Element, Picker>} */
const pickers = new WeakMap();
each("[data-picker] .cells.measured", (cells) => {
  const root = cells.closest("[data-picker]");
  pickers.get(root)?.leave();
  pickers.set(root, new Picker(root, cells));
});

document.addEventListener("board:key", (event) => {
  const { key, shift, root } = event.detail;
  const found = root.matches("[data-picker]") ? root : root.querySelector("[data-picker]");
  if (pickers.get(found)?.key(key, shift)) event.preventDefault();
});

// a star was set, or the sides were drawn anew
document.addEventListener("htmx:oobAfterSwap", () => {
  for (const root of document.querySelectorAll("[data-picker]")) pickers.get(root)?.draw();
});
