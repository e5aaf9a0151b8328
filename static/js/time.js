/** Frames, rates and times: the small sums every player shares. */

/** @param {string|undefined} text "24" or "24000/1001" @returns {number} frames a second */
export function rateOf(text) {
  const [over, under] = String(text ?? "24").split("/").map(Number);
  return over / (under || 1);
}

/** @param {number} value @param {number} low @param {number} high */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

/** The fastest shuttle, in times of normal speed. */
export const MAX_SPEED = 4;

/** Runs a player backwards by stepping, 1, 2 and 4 times as fast with each press. Any other move sets `reverse` to 0.
 * @param {{reverse: number, rate: number, frame: number, root: Element, seek: (frame: number) => void, stop: () => void}} player
 * @param {{pause: () => void}} media */
export function rewind(player, media) {
  const running = player.reverse > 0;
  player.reverse = running ? Math.min(player.reverse * 2, MAX_SPEED) : 1;
  media.pause();
  if (running) return;
  let before = performance.now();
  let at = player.frame;
  const step = (now) => {
    if (!player.reverse || !player.root.isConnected) return;
    at = Math.max(0, at - ((now - before) / 1000) * player.rate * player.reverse);
    before = now;
    if (Math.round(at) !== player.frame) player.seek(at);
    if (at <= 0) return player.stop();
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

const two = (n) => String(n).padStart(2, "0");

/** @param {number} frame @param {number} rate @returns {string} non-drop 00:00:08:22 */
export function timecode(frame, rate) {
  const base = Math.max(1, Math.round(rate));
  const seconds = Math.floor(frame / base);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, frame % base].map(two).join(":");
}

/** @param {number} seconds @param {boolean} [tenths] @returns {string} 1:07 or 1:07.5 */
export function clock(seconds, tenths = false) {
  const all = tenths ? Math.floor(seconds * 10 + 1e-6) : Math.floor(seconds + 1e-6) * 10;
  const whole = Math.floor(all / 10);
  const text = `${Math.floor(whole / 60)}:${two(whole % 60)}`;
  return tenths ? `${text}.${all % 10}` : text;
}

/** Run `init` once on every element that matches, now and after each htmx swap.
 * @param {string} selector @param {(el: HTMLElement) => void} init */
export function each(selector, init) {
  const seen = new WeakSet();
  const run = (root) => {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.unshift(root);
    for (const el of found) if (!seen.has(el)) { seen.add(el); init(el); }
  };
  run(document);
  document.addEventListener("htmx:load", (event) => run(event.detail.elt));
}

/** Show a toggle button's state. @param {Element|null} button @param {boolean} on */
export const press = (button, on) => button?.setAttribute("aria-pressed", String(on));
