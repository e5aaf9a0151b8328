/** Dailies: `R` asks for a reason and a digit gives it; frame fields follow the player. Forms work without it. */

const playing = () => document.querySelector("[data-player]");

/** The frame on screen, counted from 0. */
const frameNow = () => playing()?.querySelector(".scrub input[type=range]")?.value ?? "0";

/** @param {HTMLFormElement} form has a reason been given, for the take or for a shot that is redone */
function reasoned(form) {
  const ofShots = [...form.querySelectorAll("[data-shot-reason]")].filter((select) => select.checkVisibility?.() ?? true);
  return Boolean(form.querySelector("[name=reason]:checked")) || ofShots.some((select) => select.value);
}

/* Reject without a reason: ask for it instead. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-rejects]");
  if (!button || reasoned(button.form)) return;
  event.preventDefault();
  button.form.dataset.asking = button.value;
  button.form.querySelector("[name=reason]")?.focus();
});

/* A digit (which clicks the label, not the radio) answers and rejects; a click only chooses. */
document.addEventListener("click", (event) => {
  const form = event.target.matches("[data-reason]") && event.target.closest("form[data-asking]");
  if (!form) return;
  const button = form.querySelector(`[data-rejects][value="${form.dataset.asking}"]`) ?? form.querySelector(".reject");
  setTimeout(() => form.requestSubmit(button));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector("form[data-asking]")?.removeAttribute("data-asking");
});

/* Writing a note pauses on its frame. */
document.addEventListener("focusin", (event) => {
  const form = event.target.name === "text" && event.target.closest("[data-note-form]");
  if (!form) return;
  playing()?.querySelector("video")?.pause();
  form.querySelector("[data-frame-now]").value = frameNow();
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.matches?.("[data-note-form]") && event.detail.successful) event.target.reset();
});

/* Start from this frame: the one on screen. */
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-frame-form]")) event.target.querySelector("[data-frame-now]").value = frameNow();
}, true);
