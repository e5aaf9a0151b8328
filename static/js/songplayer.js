/**
 * The song strip of the board.
 *
 * [data-song] style="--dur:178; --t:0" with <audio>, [data-do=play], [data-time], [data-now] and a .songmap whose
 * .spans li carry data-start, data-end, data-code, data-name (seconds, words). The map may be swapped; the audio stays.
 */
import { clamp, clock, each, press } from "./time.js";

/** @type {WeakMap<Element, {toggle: () => void}>} */
const songs = new WeakMap();

/** @param {HTMLElement} root */
function song(root) {
  const audio = root.querySelector("audio");
  const length = parseFloat(root.style.getPropertyValue("--dur")) || 1;
  let at = parseFloat(root.style.getPropertyValue("--t")) || 0;

  const sequence = () => [...root.querySelectorAll(".spans [data-start]")]
    .find((span) => at >= Number(span.dataset.start) && at < Number(span.dataset.end));

  const draw = () => {
    root.style.setProperty("--t", String(at));
    const out = root.querySelector("[data-time]");
    if (out) out.textContent = clock(at, true);
    const button = root.querySelector('[data-do="play"]');
    press(button, !audio.paused);
    button?.setAttribute("aria-label", audio.paused ? "Play song" : "Pause song");
    name(sequence());
  };

  const name = (span) => {
    const now = root.querySelector("[data-now]");
    if (!now || now.dataset.now === (span?.dataset.code ?? "")) return;
    now.dataset.now = span?.dataset.code ?? "";
    const code = Object.assign(document.createElement("span"), { className: "code", textContent: span?.dataset.code ?? "" });
    now.replaceChildren(code, ` ${span?.dataset.name ?? ""}`);
  };

  const follow = () => {
    if (audio.paused) return;
    at = audio.currentTime;
    draw();
    requestAnimationFrame(follow);
  };

  /** @param {number} seconds */
  const seek = (seconds) => {
    at = clamp(seconds, 0, length - 0.05);
    if (audio.readyState > 0) audio.currentTime = at;
    else { audio.preload = "metadata"; audio.load(); }
    draw();
  };

  const toggle = () => (audio.paused ? audio.play().catch(() => root.classList.add("is-broken")) : audio.pause());

  audio.addEventListener("loadedmetadata", () => { audio.currentTime = at; });
  audio.addEventListener("play", () => requestAnimationFrame(follow));
  for (const kind of ["play", "pause", "ended"]) audio.addEventListener(kind, draw);
  root.addEventListener("click", (event) => {
    if (event.target.closest('[data-do="play"]')) return toggle();
    const map = event.target.closest(".songmap");
    if (!map || event.detail === 0 || event.target.closest("[data-boundary], button")) return;  // 0: a link, by keyboard
    const box = map.getBoundingClientRect();
    const ruler = map.querySelector(".ruler")?.getBoundingClientRect().height ?? 0;
    const label = event.clientY - box.top > ruler && event.clientY - box.top < ruler + 30;
    if (label && event.target.closest("a")) return;  // the name leads to the card, the wave seeks
    event.preventDefault();
    seek(((event.clientX - box.left) / box.width) * length);
  });
  songs.set(root, { toggle });
  draw();
}

each("[data-song]:has(audio)", song);

document.addEventListener("board:key", (event) => {
  const found = songs.get(event.detail.root.querySelector("[data-song]"));
  if (!found || event.detail.key !== "Space" || event.detail.repeat) return;
  found.toggle();
  event.preventDefault();
});
