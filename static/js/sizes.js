/**
 * What making a crop larger brings and costs, in the picker: fieldset[data-sizes] data-micros (of a megapixel, exact, as
 * text) data-longest (pixels the upscaler draws) with a radio "up" a factor, 1 for none, each in a label with [data-price]
 * and [data-result]; the form's hidden input up_price gets the price that is shown, [data-use] is what the button says.
 */
const MOST_PIXELS = 64e6;

/**
 * Millionths of a dollar, as the server counts them: megapixels rounded up to thousandths, then rounded up.
 * @param {number} pixels @param {string} micros of a megapixel
 */
export function priceOf(pixels, micros) {
  const [whole, part = ""] = micros.split(".");
  const scale = 10n ** BigInt(part.length);
  const thousandths = BigInt(Math.ceil(pixels / 1000));
  const bottom = scale * 1000n;
  return Number((BigInt(whole + part) * thousandths + bottom - 1n) / bottom);
}

/** @param {number} micros */
const dollars = (micros) => {
  if (!micros) return "free";
  const value = micros / 1e6;
  return `$${value < 0.01 ? value.toFixed(4) : value.toFixed(2)}`;
};

/**
 * Brings the choices up to date with the crop; a crop too small to start from has the factor that suffices chosen.
 * @param {Element} root @param {{w: number, h: number}} box @param {{small: boolean, least: number, key: string}} state
 */
export function draw(root, box, { small, least, key }) {
  const set = root.querySelector("[data-sizes]");
  if (!set) return;
  set.hidden = !small;
  const ways = [...set.querySelectorAll("input[name=up]")];
  for (const way of ways) if (way.value !== "1") label(way, box, set.dataset);
  if (set.dataset.for !== key) {  // another cell, or it became too small: nothing is chosen by hand yet
    set.dataset.for = key;
    suggest(ways, small && least ? least / Math.min(box.w, box.h) : 1);
  }
  if (!small) suggest(ways, 1);
  say(root, set, ways.find((way) => way.checked));
}

/** What the button says follows the choice. @param {Element} root */
export function chosen(root) {
  const set = root.querySelector("[data-sizes]");
  if (set) say(root, set, set.querySelector("input[name=up]:checked"));
}

function label(way, box, { micros, longest }) {
  const factor = Number(way.value);
  const [w, h] = [box.w * factor, box.h * factor];
  const fits = Math.max(w, h) <= Number(longest) && w * h <= MOST_PIXELS;
  way.disabled = !fits || !micros;
  way.dataset.micros = micros ? String(priceOf(w * h, micros)) : "";
  const at = way.closest("label");
  at.querySelector("[data-price]").textContent = micros ? dollars(Number(way.dataset.micros)) : "unknown";
  at.querySelector("[data-result]").textContent = fits ? `${w} × ${h}` : `${w} × ${h} is too large`;
}

function suggest(ways, factor) {
  const good = ways.filter((way) => !way.disabled);
  const one = good.find((way) => Number(way.value) >= factor) ?? good.at(-1);
  if (one) one.checked = true;
}

function say(root, set, way) {
  const factor = way?.value ?? "1";
  const price = set.querySelector("[data-up-price]");
  if (price) price.value = factor === "1" ? "" : way.dataset.micros;
  const out = root.querySelector("[data-use]");
  if (out) out.textContent = factor === "1" ? "Use as start frame" : `Enlarge ${factor}× and use, ${dollars(Number(way.dataset.micros))}`;
}
