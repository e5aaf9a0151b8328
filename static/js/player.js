/**
 * The take player of Dailies, over one <video>.
 *
 * [data-player="T3-key"] data-rate="24" data-frames="360" data-shots='[[1,0,96],[2,96,168]]' (number, first frame, frame after the last)
 * inside: video · .scrub with input[type=range] · [data-do=play|back|forward|prev|next|loop|mute|full|reverse|faster]
 * · [data-timecode] · [data-position] · input[data-volume]. Anywhere: [data-seek-frame], [data-shot].
 */
import { MAX_SPEED, clamp, each, press, rateOf, rewind, timecode } from "./time.js";

/** What a player remembers when its region is drawn again. @type {Map<string, {frame: number, playing: boolean, loop: boolean}>} */
const memory = new Map();
/** @type {WeakMap<Element, Player>} */
const players = new WeakMap();

class Player {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.video = root.querySelector("video");
    this.rate = rateOf(root.dataset.rate);
    this.frames = Number(root.dataset.frames) || 1;
    /** @type {[number, number, number][]} */
    this.shots = JSON.parse(root.dataset.shots || "[]");
    this.frame = 0;
    this.reverse = 0;
    this.loop = false;
    this.listen();
    this.recall();
    this.draw();
  }

  listen() {
    const { video, root } = this;
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) this.do(button.dataset.do);
      else if (event.target === video) this.toggle();
    });
    this.range?.addEventListener("input", () => this.seek(Number(this.range.value)));
    root.querySelector("[data-volume]")?.addEventListener("input", (event) => this.volume(Number(event.target.value)));
    for (const kind of ["play", "pause", "volumechange", "loadedmetadata"]) video.addEventListener(kind, () => this.draw());
    video.addEventListener("ended", () => (this.loop ? this.again() : this.draw()));
    video.addEventListener("error", () => root.classList.add("is-broken"));
    video.addEventListener("seeked", () => this.settle());
    this.watch();
  }

  get range() { return this.root.querySelector(".scrub input[type=range]"); }

  /** Follow the picture: the frame that is shown, not the clock, decides. */
  watch() {
    const { video } = this;
    if ("requestVideoFrameCallback" in video) {
      const shown = (_now, meta) => {
        if (!video.seeking) this.arrive(Math.round(meta.mediaTime * this.rate));
        if (this.root.isConnected) video.requestVideoFrameCallback(shown);
      };
      video.requestVideoFrameCallback(shown);
    } else {
      video.addEventListener("timeupdate", () => {
        if (!video.seeking) this.arrive(Math.floor(video.currentTime * this.rate + 1e-3));
      });
    }
  }

  /** @param {number} frame */
  arrive(frame) {
    const last = this.current;
    if (this.loop && last && !this.video.paused && frame >= last[2]) return this.again();
    this.frame = clamp(frame, 0, this.frames - 1);
    this.draw();
  }

  /** The shot of the frame on screen. */
  get current() { return this.shots.findLast(([, from]) => from <= this.frame) ?? this.shots[0]; }

  /** Seeks to the middle of a frame, so that rounding can never show its neighbour. @param {number} frame */
  seek(frame) {
    this.frame = clamp(Math.round(frame), 0, this.frames - 1);
    this.wanted = this.frame;
    if (!this.video.seeking) this.settle();
    this.draw();
  }

  /** One seek at a time; the newest wish wins. */
  settle() {
    if (this.wanted === undefined) return;
    const frame = this.wanted;
    this.wanted = undefined;
    if (this.video.preload === "none") this.video.preload = "auto";
    this.video.currentTime = (frame + 0.5) / this.rate;
  }

  again() { this.seek(this.current?.[1] ?? 0); this.run(); }

  /** Plays; that a pause overtook it is no fault, and a file that cannot be played says so by its error event. */
  run() { this.video.play().catch(() => {}); }

  toggle() {
    if (this.reverse || !this.video.paused) return this.stop();
    if (this.frame >= this.frames - 1) this.seek(0);
    this.video.playbackRate = 1;
    this.run();
  }

  stop() {
    this.reverse = 0;
    this.video.pause();
    this.video.playbackRate = 1;
    this.seek(this.frame);
  }

  /** L: play, then 2 and 4 times as fast. */
  faster() {
    this.reverse = 0;
    this.video.playbackRate = this.video.paused ? 1 : Math.min(this.video.playbackRate * 2, MAX_SPEED);
    this.run();
  }

  /** J: backwards by stepping, 1, 2 and 4 times. */
  backwards() {
    rewind(this, this.video);
  }

  /** @param {number} by frames */
  step(by) {
    this.reverse = 0;
    this.video.pause();
    this.seek(this.frame + by);
  }

  /** @param {1|-1} by */
  shot(by) {
    const index = this.shots.indexOf(this.current);
    const [, from] = this.shots[index] ?? [0, 0];
    if (by < 0 && this.frame > from) return this.seek(from);
    const to = this.shots[index + by];
    if (to) this.seek(to[1]);
  }

  /** @param {number} level 0..1 */
  volume(level) {
    this.video.volume = level;
    this.video.muted = level === 0;
  }

  /** @param {string} what @returns {boolean} */
  do(what) {
    const does = {
      play: () => this.toggle(), back: () => this.step(-1), forward: () => this.step(1),
      prev: () => this.shot(-1), next: () => this.shot(1), start: () => this.seek(0), end: () => this.seek(this.frames - 1),
      reverse: () => this.backwards(), faster: () => this.faster(), pause: () => this.stop(),
      loop: () => { this.loop = !this.loop; this.draw(); },
      mute: () => { this.video.muted = !this.video.muted; },
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen()),
    }[what];
    does?.();
    return Boolean(does);
  }

  recall() {
    const known = memory.get(this.root.dataset.player);
    if (!known) return;
    this.loop = known.loop;
    this.seek(known.frame);
    if (known.playing) this.run();
  }

  draw() {
    const { root, video, frame } = this;
    const playing = !video.paused || this.reverse > 0;
    const shot = this.current;
    memory.set(root.dataset.player, { frame, playing, loop: this.loop });
    const scrub = root.querySelector(".scrub");
    scrub?.style.setProperty("--dur", String(this.frames));
    scrub?.style.setProperty("--t", String(frame));
    const text = timecode(frame, this.rate);
    for (const out of root.querySelectorAll("[data-timecode]")) out.textContent = text;
    const position = root.querySelector("[data-position]");
    if (position) position.textContent = `frame ${frame} of ${this.frames}${shot ? `, shot ${shot[0]}` : ""}`;
    if (this.range && document.activeElement !== this.range) this.range.value = String(frame);
    this.range?.setAttribute("aria-valuetext", `${text}${shot ? `, shot ${shot[0]}` : ""}`);
    const button = root.querySelector('[data-do="play"]');
    press(button, playing);
    button?.setAttribute("aria-label", playing ? "Pause" : "Play");
    press(root.querySelector('[data-do="loop"]'), this.loop);
    press(root.querySelector('[data-do="mute"]'), video.muted);
    if (shot && shot[0] !== this.lit) this.light(shot[0]);
  }

  /** Mark the prompts of the shot on screen. @param {number} number */
  light(number) {
    this.lit = number;
    for (const panel of document.querySelectorAll("[data-shot]")) {
      if (Number(panel.dataset.shot) === number) panel.setAttribute("aria-current", "true");
      else panel.removeAttribute("aria-current");
    }
  }
}

each("[data-player]", (root) => players.set(root, new Player(root)));
each("[data-shot]", (panel) => {
  const player = players.get(document.querySelector("[data-player]"));
  if (player?.lit === Number(panel.dataset.shot)) panel.setAttribute("aria-current", "true");
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-seek-frame]");
  const player = link && players.get(document.querySelector("[data-player]"));
  if (!player) return;
  event.preventDefault();
  player.stop();
  player.seek(Number(link.dataset.seekFrame));
  player.root.scrollIntoView({ block: "nearest" });
});

const KEYS = {
  j: "reverse", k: "pause", l: "faster", Space: "play", ArrowLeft: "back", ArrowRight: "forward", "[": "prev", "]": "next",
  o: "loop", Home: "start", End: "end", m: "mute", f: "full",
};
document.addEventListener("board:key", (event) => {
  const { key, root, repeat } = event.detail;
  const player = players.get(root.querySelector("[data-player]"));
  if (!player || !(key in KEYS) || (repeat && !key.startsWith("Arrow"))) return;
  const what = key === "k" && player.video.paused && !player.reverse ? "play" : KEYS[key];
  if (player.do(what)) event.preventDefault();
});
