/**
 * Cutting a reference picture out of a picture, a grid's cell or a frame of a film: square or free, by mouse and by keys.
 *
 * form[data-crops] holds .cropper[data-cropper] data-w data-h (pixels of the whole picture) with an <img> or a <video
 * data-rate>, the fields [data-side=x|y|w|h] (sent, whole-picture pixels), [data-square] (a toggle), [data-all] (as large
 * as it goes), read-outs [data-size] and [data-small="512"], shown when an edge is shorter. label.cell data-x/-y/-w/-h with
 * a radio bound the crop to the chosen cell. [data-frame] and [data-frame-range] name the frame of the film.
 */
import { clamp, each, press, rateOf } from "./time.js";

/** @typedef {{x: number, y: number, w: number, h: number}} Box pixels of the whole picture */
const LEAST = 32;    // px: the server refuses less
const LEAP = 10;     // px with Shift
const STEP = 0.02;   // of the room, with + and −
/** Where the eight handles sit, clockwise from the top left, as parts of the box. */
const HANDLES = [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [0.5, 1], [0, 1], [0, 0.5]];

class Cropper {
  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.stage = stage;
    this.form = stage.closest("form");
    this.size = { w: Number(stage.dataset.w), h: Number(stage.dataset.h) };
    this.square = true;
    this.build();
    this.listen();
    this.largest();
    if (this.stage.querySelector("video")) this.film();
    requestAnimationFrame(() => this.crop.focus({ preventScroll: true }));
  }

  /** What the crop must stay inside: the chosen cell, or the whole picture. @returns {Box} */
  get room() {
    const cell = this.stage.querySelector(".cell:has(input:checked)")?.dataset;
    return cell ? { x: Number(cell.x), y: Number(cell.y), w: Number(cell.w), h: Number(cell.h) } : { x: 0, y: 0, ...this.size };
  }

  get least() { return Math.min(LEAST, this.room.w, this.room.h); }

  build() {
    this.crop = document.createElement("span");
    this.crop.className = "crop";
    this.crop.tabIndex = 0;
    this.crop.setAttribute("role", "group");
    this.crop.append(...HANDLES.map(() => document.createElement("i")));
    this.stage.append(this.crop);
  }

  listen() {
    this.crop.addEventListener("pointerdown", (event) => this.grab(event));
    this.crop.addEventListener("click", (event) => event.preventDefault());
    this.crop.addEventListener("keydown", (event) => { if (this.key(event)) event.preventDefault(); });
    this.stage.addEventListener("dragstart", (event) => event.preventDefault());
    this.stage.addEventListener("change", (event) => { if (event.target.name === "cell") this.largest(); });
    this.form.addEventListener("change", (event) => { if (event.target.dataset.side) this.typed(); });
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.dataset.side) return;
      event.preventDefault();
      this.typed();
    });
    this.form.querySelector("[data-all]")?.addEventListener("click", () => this.largest());
    this.form.querySelector("[data-square]")?.addEventListener("click", (event) => {
      this.square = !this.square;
      press(event.currentTarget, this.square);
      if (this.square) this.largest(); else this.draw();
    });
  }

  /** As large as it goes, in the middle. */
  largest() {
    const room = this.room;
    const edge = Math.min(room.w, room.h);
    const [w, h] = this.square ? [edge, edge] : [room.w, room.h];
    this.set({ x: room.x + Math.floor((room.w - w) / 2), y: room.y + Math.floor((room.h - h) / 2), w, h });
  }

  /** Keeps a box inside its room, and square where it must be. @param {Box} box */
  set(box) {
    const room = this.room;
    let w = Math.round(clamp(box.w, this.least, room.w));
    let h = Math.round(clamp(box.h, this.least, room.h));
    if (this.square) w = h = Math.min(w, h);
    this.box = {
      w, h, x: Math.round(clamp(box.x, room.x, room.x + room.w - w)), y: Math.round(clamp(box.y, room.y, room.y + room.h - h)),
    };
    this.draw();
  }

  /** Another size round the middle. @param {number} dw @param {number} dh */
  grow(dw, dh) {
    const { x, y, w, h } = this.box;
    const room = this.room;
    const [nw, nh] = [clamp(w + dw, this.least, room.w), clamp(h + dh, this.least, room.h)];
    const edge = dw > 0 || dh > 0 ? Math.min(nw, nh) : Math.max(this.least, Math.min(nw, nh));
    const [tw, th] = this.square ? [edge, edge] : [nw, nh];
    this.set({ x: x - (tw - w) / 2, y: y - (th - h) / 2, w: tw, h: th });
  }

  typed() {
    const told = (side) => Number(this.form.querySelector(`[data-side=${side}]`).value) || 0;
    const box = { x: told("x"), y: told("y"), w: told("w"), h: told("h") };
    if (this.square) box.w = box.h = box.w === this.box.w ? box.h : box.w;
    this.set(box);
  }

  /** @param {KeyboardEvent} event @returns {boolean} was it used */
  key(event) {
    const by = event.shiftKey ? LEAP : 1;
    const [dx, dy] = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[event.key] ?? [0, 0];
    if (dx || dy) {
      if (event.altKey || event.metaKey) return false;
      if (event.ctrlKey) this.set({ ...this.box, w: this.box.w + dx, h: this.square ? this.box.h + dx : this.box.h + dy });
      else this.set({ ...this.box, x: this.box.x + dx, y: this.box.y + dy });
      return true;
    }
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    const step = Math.max(2, Math.round(Math.min(this.room.w, this.room.h) * STEP));
    if ("+=".includes(event.key)) this.grow(step, step);
    else if ("-_".includes(event.key)) this.grow(-step, -step);
    else if (event.key === "," || event.key === ".") return this.step(event.key === "." ? 1 : -1);
    else if (event.key === "Enter") this.form.requestSubmit();
    else return false;
    return true;
  }

  /** Moves by the inside, resizes by a handle. @param {PointerEvent} event */
  grab(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.crop.focus({ preventScroll: true });
    this.crop.setPointerCapture(event.pointerId);
    const handle = HANDLES[[...this.crop.children].indexOf(event.target)];
    const start = { ...this.box };
    const scale = this.size.w / this.stage.getBoundingClientRect().width;
    const over = new AbortController();
    this.crop.addEventListener("pointermove", (move) => {
      const [dx, dy] = [(move.clientX - event.clientX) * scale, (move.clientY - event.clientY) * scale];
      if (handle) this.pull(start, handle, dx, dy);
      else this.set({ ...start, x: start.x + dx, y: start.y + dy });
    }, { signal: over.signal });
    const done = (end) => { over.abort(); if (end.type === "pointercancel") this.set(start); };
    for (const kind of ["pointerup", "pointercancel"]) this.crop.addEventListener(kind, done, { signal: over.signal });
  }

  /** The side or corner across stays where it is. @param {Box} start @param {number[]} handle @param {number} dx @param {number} dy */
  pull(start, [hx, hy], dx, dy) {
    const room = this.room;
    const most = { w: hx === 0 ? start.x + start.w - room.x : room.x + room.w - start.x, h: hy === 0 ? start.y + start.h - room.y : room.y + room.h - start.y };
    let w = hx === 0.5 ? start.w : clamp(start.w + dx * (hx ? 1 : -1), this.least, most.w);
    let h = hy === 0.5 ? start.h : clamp(start.h + dy * (hy ? 1 : -1), this.least, most.h);
    if (this.square) w = h = Math.min(hx === 0.5 ? h : hy === 0.5 ? w : Math.max(w, h), most.w, most.h);
    this.set({ x: hx === 0 ? start.x + start.w - w : start.x, y: hy === 0 ? start.y + start.h - h : start.y, w, h });
  }

  draw() {
    const { x, y, w, h } = this.box;
    const parts = { "--x": x / this.size.w, "--y": y / this.size.h, "--w": w / this.size.w, "--h": h / this.size.h };
    for (const [name, part] of Object.entries(parts)) this.crop.style.setProperty(name, String(part * 100));
    this.crop.setAttribute("aria-label", `Crop, ${w} by ${h} pixels at ${x}, ${y}`);
    for (const field of this.form.querySelectorAll("[data-side]")) field.value = String(this.box[field.dataset.side]);
    for (const out of this.form.querySelectorAll("[data-size]")) out.textContent = `${w} × ${h}`;
    const small = this.form.querySelector("[data-small]");
    if (small) small.hidden = Math.min(w, h) >= Number(small.dataset.small);
  }

  /* --- films ------------------------------------------------------------------------------------------------- */

  film() {
    this.number = this.form.querySelector("[data-frame]");
    this.range = this.form.querySelector("[data-frame-range]");
    for (const field of [this.number, this.range]) field.addEventListener("input", () => this.seek(Number(field.value)));
    this.stage.querySelector("video").addEventListener("loadeddata", () => this.seek(Number(this.number.value)), { once: true });
  }

  /** @param {number} frame from 0 */
  seek(frame) {
    const video = this.stage.querySelector("video");
    const at = clamp(Math.round(frame) || 0, 0, Number(this.range.max));
    this.number.value = this.range.value = String(at);
    video.currentTime = (at + 0.5) / rateOf(video.dataset.rate);
  }

  /** @param {number} by @returns {boolean} */
  step(by) {
    if (!this.number) return false;
    this.seek(Number(this.number.value) + by);
    return true;
  }
}

each("[data-cropper]", (stage) => new Cropper(stage));
