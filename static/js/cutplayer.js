/**
 * The player of the Cut page: the whole video in song order under one song.
 *
 * [data-cutplayer] data-rate="24" data-seconds="178" holds [data-onair], <audio> (may be missing), the transport's
 * [data-do], [data-timecode], input[data-seek] (0..frames) and [data-onair-tag]. #cut-data is a JSON list of segments:
 * {code, name, start, end, kind: "take"|"start_frame"|"slate", src, poster, first_frame, frames, title, lines, tag}, times
 * in seconds; `frames` is how many the file has, after which its last one is held. .cutline gets --t; [data-seek-time]
 * anywhere seeks; [data-code] rows get aria-current. An address that ends in #code starts there.
 * The song is the clock; pictures follow it.
 */
import { MAX_SPEED, clamp, each, press, rateOf, rewind, timecode } from "./time.js";

const DRIFT = 0.02;  // seconds a picture may be off before it is helped
const HELP = 3;      // how much faster or slower it runs for each second it is off; it has no sound of its own
const JUMP = 0.35;   // seconds from which it is sought instead
/** @typedef {{code: string, name: string, start: number, end: number, kind: string, src?: string, poster?: string,
 *   first_frame?: number, frames?: number, title?: string, lines?: string[], tag?: string}} Segment */

/** Time without a song: the same few members an <audio> has. */
class SilentClock extends EventTarget {
  constructor() { super(); this.at = 0; this.since = null; this.speed = 1; this.muted = false; this.volume = 1; }
  get paused() { return this.since === null; }
  get currentTime() { return this.at + (this.paused ? 0 : ((performance.now() - this.since) / 1000) * this.speed); }
  set currentTime(seconds) { this.at = seconds; if (!this.paused) this.since = performance.now(); }
  get playbackRate() { return this.speed; }
  set playbackRate(speed) { this.currentTime = this.currentTime; this.speed = speed; }
  async play() { this.since = performance.now(); this.dispatchEvent(new Event("play")); }
  pause() { if (this.paused) return; this.at = this.currentTime; this.since = null; this.dispatchEvent(new Event("pause")); }
}

/** @param {string} tag @param {object} [props] */
const make = (tag, props = {}) => Object.assign(document.createElement(tag), props);

class CutPlayer {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.rate = rateOf(root.dataset.rate);
    /** @type {Segment[]} */
    this.segments = JSON.parse(document.getElementById("cut-data")?.textContent || "[]");
    this.seconds = Number(root.dataset.seconds) || this.segments.at(-1)?.end || 1;
    this.clock = root.querySelector("audio") ?? new SilentClock();
    this.time = 0;
    this.reverse = 0;
    this.loop = false;
    this.stack();
    this.listen();
    if (!this.startAt(location.hash)) this.show();
  }

  /** @param {string} hash "#SEQ05", in any case @returns {boolean} is there such a sequence */
  startAt(hash) {
    const code = decodeURIComponent(hash.slice(1)).toLowerCase();
    const one = this.segments.find((segment) => segment.code.toLowerCase() === code);
    if (one) this.seek(one.start * this.rate);
    return Boolean(one);
  }

  get frames() { return Math.round(this.seconds * this.rate); }
  get frame() { return clamp(Math.floor(this.time * this.rate + 1e-3), 0, this.frames - 1); }
  get segment() { return this.segments.find((one) => this.time >= one.start - 1e-6 && this.time < one.end - 1e-6) ?? this.segments.at(-1); }

  /** Two videos, a still and a slate, one above the other. */
  stack() {
    const onair = this.root.querySelector("[data-onair]");
    const props = { muted: true, playsInline: true, preload: "auto", tabIndex: -1 };
    this.videos = [make("video", props), make("video", props)];
    for (const video of this.videos) {
      for (const kind of ["loadeddata", "seeked"]) video.addEventListener(kind, () => this.show());
      video.addEventListener("error", () => this.lose(video));
    }
    this.still = make("img", { alt: "" });
    this.slate = make("div", { className: "slatecard" });
    onair.prepend(...this.videos, this.still, this.slate);
    onair.classList.add("onair");
  }

  listen() {
    const { root } = this;
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) this.do(button.dataset.do);
      else if (event.target.closest("[data-onair]")) this.toggle();
    });
    root.querySelector("[data-seek]")?.addEventListener("input", (event) => this.seek(Number(event.target.value)));
    root.querySelector("[data-volume]")?.addEventListener("input", (event) => {
      this.clock.volume = Number(event.target.value);
      this.clock.muted = this.clock.volume === 0;
    });
    this.hear(this.clock);
  }

  /** @param {HTMLAudioElement|SilentClock} clock */
  hear(clock) {
    clock.addEventListener("play", () => requestAnimationFrame(() => this.tick()));
    for (const kind of ["play", "pause", "ended"]) clock.addEventListener(kind, () => this.show());
    clock.addEventListener("loadedmetadata", () => { clock.currentTime = this.time; });
    clock.addEventListener("error", () => this.mute());
  }

  /** The song cannot be played here: go on by the clock, and say so. */
  mute() {
    if (this.clock instanceof SilentClock) return;
    const played = this.clock;
    this.clock = new SilentClock();
    this.clock.currentTime = this.time;
    this.hear(this.clock);
    played.remove();
    document.querySelector("[data-silent]")?.removeAttribute("hidden");
    this.show();
  }

  /** A file that cannot be played is a slate that says so. @param {HTMLVideoElement} video */
  lose(video) {
    const one = this.segments.find((segment) => segment.code === video.dataset.code);
    if (!one || one.kind !== "take") return;
    Object.assign(one, { kind: "slate", lines: ["Its file cannot be played. Reload the page; if it stays so, export says why."] });
    this.show();
  }

  tick() {
    if (this.clock.paused || !this.root.isConnected) return;
    const now = this.clock.currentTime;
    const here = this.segment;
    if (this.loop && here && now >= here.end - 0.5 / this.rate) this.clock.currentTime = this.time = here.start;
    else this.time = Math.min(now, this.seconds);
    if (this.time >= this.seconds) this.clock.pause();
    this.show();
    requestAnimationFrame(() => this.tick());
  }

  /** Put the right picture on air for this moment. */
  show() {
    const one = this.segment;
    if (one) {
      if (one.kind === "take") this.showTake(one);
      else this.showStill(one);
      this.preload(this.segments[this.segments.indexOf(one) + 1], one);
    }
    this.draw(one);
  }

  /** @param {Segment} one where its clip should stand now, in seconds */
  inside(one) {
    const frame = this.clock.paused ? Math.floor((this.time - one.start) * this.rate + 1e-3) + 0.5 : (this.time - one.start) * this.rate;
    return ((one.first_frame ?? 0) + clamp(frame, 0, this.last(one) + 0.5)) / this.rate;
  }

  /** @param {Segment} one the last frame its clip has, from the segment's first on; it is held to the end */
  last(one) { return one.frames ? one.frames - (one.first_frame ?? 0) - 1 : Infinity; }

  /** @param {Segment} one */
  holds(one) { return one.kind === "take" && this.frame - Math.round(one.start * this.rate) > this.last(one); }

  /** @param {Segment} one */
  loaded(one) { return this.videos.find((video) => video.dataset.code === one.code && video.dataset.src === one.src); }

  /** Into the video that is neither on air nor needed now. @param {Segment} one @param {HTMLVideoElement} [keep] */
  load(one, keep) {
    const free = this.videos.find((video) => video !== keep && !video.classList.contains("is-on"));
    if (!free) return null;
    free.pause();
    Object.assign(free.dataset, { code: one.code, src: one.src });
    if (one.poster) free.poster = one.poster;
    free.src = one.src;
    return free;
  }

  /** @param {Segment|undefined} next @param {Segment} one what is on now */
  preload(next, one) {
    if (next?.kind !== "take" || this.loaded(next)) return;
    const video = this.load(next, one.kind === "take" ? this.loaded(one) : undefined);
    if (video) video.currentTime = ((next.first_frame ?? 0) + 0.5) / this.rate;
  }

  /** @param {Segment} one */
  showTake(one) {
    const video = this.loaded(one) ?? this.load(one);
    this.follow(video, this.inside(one), this.holds(one));
    if (video.readyState >= 2 && !video.seeking) this.air(video);  // until then the picture before stays
    else if (one.poster && !this.onair) this.air(Object.assign(this.still, { src: one.poster }));
    for (const other of this.videos) if (other !== video) other.pause();
  }

  /** Keep a picture with the clock: exact when still, gently helped when moving. @param {HTMLVideoElement} video @param {number} want
   * @param {boolean} held its last picture stands while the song goes on */
  follow(video, want, held) {
    const off = want - video.currentTime;
    const speed = this.clock.playbackRate;
    if (this.clock.paused || held) {
      video.pause();
      if (!video.seeking && Math.abs(off) > 0.25 / this.rate) video.currentTime = want;
      return;
    }
    if (Math.abs(off) > JUMP * speed && !video.seeking) video.currentTime = want;
    video.playbackRate = Math.abs(off) > DRIFT ? speed * clamp(1 + HELP * off, 0.7, 1.4) : speed;
    if (video.paused && !video.ended) video.play().catch(() => {});
  }

  /** @param {Segment} one */
  showStill(one) {
    for (const video of this.videos) video.pause();
    if (one.kind === "start_frame" && one.src) {
      if (this.still.getAttribute("src") !== one.src) this.still.src = one.src;
      return this.air(this.still);
    }
    if (this.slate.dataset.code !== one.code) {
      this.slate.dataset.code = one.code;
      const lines = (one.lines ?? []).map((line) => make("span", { textContent: line }));
      this.slate.replaceChildren(make("b", { textContent: one.title || `${one.code} ${one.name}` }), ...lines);
    }
    this.air(this.slate);
  }

  /** @param {HTMLElement} picture */
  air(picture) {
    this.onair = picture;
    for (const one of [...this.videos, this.still, this.slate]) one.classList.toggle("is-on", one === picture);
  }

  /** @param {number} frame */
  seek(frame) {
    this.time = (clamp(Math.round(frame), 0, this.frames - 1) + 0.5) / this.rate;
    if (this.clock.readyState === 0) { this.clock.preload = "auto"; this.clock.load(); }
    this.clock.currentTime = this.time;
    this.show();
  }

  toggle() {
    if (this.reverse || !this.clock.paused) return this.stop();
    if (this.frame >= this.frames - 1) this.seek(0);
    this.clock.playbackRate = 1;
    this.clock.play().catch((error) => this.refuse(error));
  }

  stop() {
    this.reverse = 0;
    this.clock.pause();
    this.clock.playbackRate = 1;
    this.seek(this.frame);
  }

  /** A play that was only overtaken by a pause is no fault. @param {DOMException} error */
  refuse(error) {
    if (error.name !== "NotSupportedError") return;
    this.mute();
    this.clock.play();
  }

  faster() {
    this.reverse = 0;
    this.clock.playbackRate = this.clock.paused ? 1 : Math.min(this.clock.playbackRate * 2, MAX_SPEED);
    this.clock.play().catch((error) => this.refuse(error));
  }

  backwards() {
    rewind(this, this.clock);
  }

  /** @param {number} by frames */
  step(by) {
    this.reverse = 0;
    this.clock.pause();
    this.seek(this.frame + by);
  }

  /** @param {1|-1} by sequences */
  sequence(by) {
    const one = this.segment;
    const first = Math.round((one?.start ?? 0) * this.rate);
    if (by < 0 && this.frame > first) return this.seek(first);
    const to = this.segments[this.segments.indexOf(one) + by];
    if (to) this.seek(to.start * this.rate);
  }

  /** @param {string} what @returns {boolean} */
  do(what) {
    const does = {
      play: () => this.toggle(), pause: () => this.stop(), back: () => this.step(-1), forward: () => this.step(1),
      prev: () => this.sequence(-1), next: () => this.sequence(1), start: () => this.seek(0), end: () => this.seek(this.frames - 1),
      reverse: () => this.backwards(), faster: () => this.faster(), loop: () => { this.loop = !this.loop; this.show(); },
      mute: () => { this.clock.muted = !this.clock.muted; this.show(); },
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen()),
    }[what];
    does?.();
    return Boolean(does);
  }

  /** @param {Segment|undefined} one */
  draw(one) {
    const { root, frame } = this;
    const playing = !this.clock.paused || this.reverse > 0;
    for (const out of root.querySelectorAll("[data-timecode]")) out.textContent = timecode(frame, this.rate);
    for (const line of document.querySelectorAll(".cutline")) line.style.setProperty("--t", String(this.time));
    const range = root.querySelector("[data-seek]");
    if (range && document.activeElement !== range) range.value = String(frame);
    range?.parentElement.style.setProperty("--t", String(frame));
    range?.setAttribute("aria-valuetext", `${timecode(frame, this.rate)}, ${one?.code ?? ""}`);
    const play = root.querySelector('[data-do="play"]');
    press(play, playing);
    play?.setAttribute("aria-label", playing ? "Pause" : "Play");
    press(root.querySelector('[data-do="loop"]'), this.loop);
    press(root.querySelector('[data-do="mute"]'), this.clock.muted);
    if (one) this.light(one);
  }

  /** @param {Segment} one */
  light(one) {
    const words = (one.tag || one.title || `${one.code} ${one.name}`) + (this.holds(one) ? ", last picture held" : "");
    const tag = this.root.querySelector("[data-onair-tag]");
    if (tag && tag.textContent !== words) tag.textContent = words;
    if (one.code === this.lit) return;
    this.lit = one.code;
    for (const row of document.querySelectorAll(".cutlist [data-code]")) {
      row.toggleAttribute("aria-current", row.dataset.code === one.code);
      if (row.dataset.code === one.code) row.setAttribute("aria-current", "true");
    }
  }
}

/** @type {CutPlayer|undefined} */
let cut;
each("[data-cutplayer]", (root) => { cut?.clock.pause(); cut = new CutPlayer(root); });

addEventListener("hashchange", () => cut?.startAt(location.hash));

/* Timeline: press and drag on the ruler or the song. */
each(".cutline", (line) => {
  const seek = (event) => {
    const box = line.querySelector(".songlane, .ruler").getBoundingClientRect();
    cut?.seek(((event.clientX - box.left) / box.width) * cut.seconds * cut.rate);
  };
  line.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.target.closest(".ruler, .songlane")) return;
    line.setPointerCapture(event.pointerId);
    seek(event);
  });
  line.addEventListener("pointermove", (event) => { if (line.hasPointerCapture(event.pointerId)) seek(event); });
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-seek-time]");
  if (!link || !cut) return;
  event.preventDefault();
  cut.seek(Number(link.dataset.seekTime) * cut.rate);
});

const KEYS = {
  j: "reverse", k: "pause", l: "faster", Space: "play", ArrowLeft: "back", ArrowRight: "forward", "[": "prev", "]": "next",
  o: "loop", Home: "start", End: "end", m: "mute", f: "full",
};
document.addEventListener("board:key", (event) => {
  const { key, root, repeat } = event.detail;
  if (!cut || !root.contains(cut.root) || !(key in KEYS) || (repeat && !key.startsWith("Arrow"))) return;
  if (cut.do(key === "k" && cut.clock.paused && !cut.reverse ? "play" : KEYS[key])) event.preventDefault();
});
