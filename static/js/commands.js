/** Page plumbing: dialogs, theme, toasts, quiet polls, busy buttons. Everything also works without it. */
import { each } from "./time.js";

/* Invoker commands, where the browser does not have them yet. */
if (!("commandForElement" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[commandfor]");
    const target = button && document.getElementById(button.getAttribute("commandfor"));
    if (!target || button.disabled) return;
    const command = button.getAttribute("command");
    if (command === "show-modal" && !target.open) target.showModal();
    if (command === "close" || command === "request-close") target.close();
    if (command === "toggle-popover") target.togglePopover();
  });
}

/* A dialog that arrives with data-open opens; one that htmx brought leaves the page when closed. */
each("dialog[data-open]", (dialog) => {
  if (dialog.open) dialog.close();
  dialog.showModal();
  const said = document.getElementById("toasts");
  if (said?.childElementCount) dialog.append(said);  // what was said just before can still be read and undone
  dialog.addEventListener("close", () => dialog.remove());
});

/* A dialog whose form was taken goes; a refused one stays. */
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = event.detail;
  if (!successful || !elt.matches?.("form[data-closes]")) return;
  document.dispatchEvent(new Event("edit-saved"));
  elt.closest("dialog")?.close();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-discards]")) document.dispatchEvent(new Event("edit-discarded"));
});

/* Theme: shown at once, saved behind. */
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("[data-theme-form]");
  if (!form || event.target.name !== "theme") return;
  document.documentElement.dataset.theme = event.target.value;
  fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
});

/* Forms that are sent by choosing. */
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-autosubmit")) form.requestSubmit();
});

/* Toasts fade but stay until put away. */
const FADE_AFTER = 8000;
/** @param {Element} toast */
function announce(toast) {
  const box = toast.parentElement;
  const open = [...document.querySelectorAll("dialog:modal")].at(-1);
  if (open && !open.contains(box)) open.append(box);  // behind a modal dialog nothing can be seen or pressed
  setTimeout(() => toast.classList.add("is-faded"), FADE_AFTER);
}
each(".toasts > .toast", announce);

/** @param {Element|null|undefined} leaving takes the toasts out of what is about to go */
function rescue(leaving) {
  const box = leaving?.querySelector?.(".toasts");
  if (box) document.body.append(box);
}
document.addEventListener("close", (event) => rescue(event.target), true);
for (const kind of ["htmx:beforeSwap", "htmx:oobBeforeSwap"]) document.addEventListener(kind, (event) => rescue(event.detail.target));
document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-dismiss]")?.closest(".toast, .banner");
  if (!box?.querySelector("[hx-post]")) return box?.remove();
  // a way back sends from here: what it changes is looked for in the page its sender belongs to
  box.style.display = "none";
  setTimeout(() => box.remove(), FADE_AFTER);
});

/** @param {string} text @param {"good"|"warn"|"bad"|""} [tone] */
function toast(text, tone = "") {
  const box = document.createElement("div");
  box.className = `toast ${tone}`;
  box.setAttribute("role", tone === "bad" ? "alert" : "status");
  const icon = { good: "approved", warn: "warn", bad: "failed" }[tone] ?? "info";
  box.innerHTML = `<svg class="icon" aria-hidden="true"><use href="#i-${icon}"/></svg><p></p>
    <button class="btn quiet icon-only" type="button" data-dismiss aria-label="Put away">
    <svg class="icon" aria-hidden="true"><use href="#i-x"/></svg></button>`;
  box.querySelector("p").textContent = text;
  document.getElementById("toasts")?.append(box);
  announce(box);
}
/* HX-Trigger: {"toast": {"text": "…", "tone": "good"}} */
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));

/* Polls: send back the last ETag, so that an unchanged region answers 304 and is left alone. */
document.addEventListener("htmx:configRequest", (event) => {
  const { etag } = event.detail.elt.dataset ?? {};
  if (etag && event.detail.verb === "get") event.detail.headers["If-None-Match"] = etag;
});
document.addEventListener("htmx:afterSettle", (event) => {
  const asked = event.detail.requestConfig?.elt;
  const etag = event.detail.xhr?.getResponseHeader("ETag");
  const now = asked?.id && document.getElementById(asked.id);
  if (etag && now && now.hasAttribute("data-poll")) now.dataset.etag = etag;
});

/* What plays, is open or is being written in is not swapped away by a poll; the next one brings the news. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const poll = event.detail.requestConfig?.elt;
  const target = event.detail.target;
  if (!poll?.hasAttribute?.("data-poll") || !target?.querySelector) return;
  const plays = [...target.querySelectorAll("video, audio")].some((media) => !media.paused);
  if (plays || target.querySelector("dialog[open], textarea:focus, input:focus")) event.detail.shouldSwap = false;
});

/* Busy buttons. */
const submitter = (event) => event.detail.requestConfig?.triggeringEvent?.submitter
  ?? (event.detail.elt.matches?.("button, a.btn") ? event.detail.elt : null);
document.addEventListener("htmx:beforeSend", (event) => submitter(event)?.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", (event) => submitter(event)?.removeAttribute("aria-busy"));

/* Say what happened. */
document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const plain = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain");
  const what = { 403: "You may not do this.", 404: "It is no longer there.", 409: "Someone else was first." }[xhr.status];
  toast(plain && xhr.responseText.length < 300 ? xhr.responseText : what ?? `It did not work (${xhr.status}). Nothing is paid twice; try again.`, "bad");
});

let banner = null;
document.addEventListener("htmx:sendError", () => {
  if (banner?.isConnected) return;
  banner = document.createElement("p");
  banner.className = "banner";
  banner.setAttribute("role", "alert");
  banner.innerHTML = `<svg class="icon" aria-hidden="true"><use href="#i-warn"/></svg><span><b>Connection lost.</b>
    What you wrote is still here. Running takes go on.</span><button class="btn" type="button">Try now</button>`;
  banner.querySelector("button").addEventListener("click", () => location.reload());
  document.querySelector(".bar")?.after(banner);
});
document.addEventListener("htmx:afterOnLoad", () => { banner?.remove(); banner = null; });
