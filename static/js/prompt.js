/**
 * Prompts and style lines that save themselves and lose nothing.
 *
 * textarea[data-prompt] with an id, in a form with hx-trigger="submit, save": saved on leaving the field and on
 * Ctrl+Enter; Esc restores. What is not saved yet is kept for this tab, survives swaps, reloads and going back, is sent
 * once more when the page is left, and tried again while saving fails. data-revisions, data-history: Alt and the arrows
 * show older words; data-measure, data-counter: who goes along and the length as sent, while it is written.
 */
import "./names.js";  // first: its keys go before those of the prompt
import { each } from "./time.js";

const WAITS = [2, 5, 10, 20, 30];  // seconds until saving is tried again
const IDLE = 350;  // ms without a key until the length is asked for
const NOT_FROM_GEN = new Set(["csrfmiddlewaretoken", "key", "shown_price"]);

/** What the server makes of a text: it does not count white space at the ends. @param {string|null|undefined} text */
const tidy = (text) => (text ?? "").replace(/\r\n?/g, "\n").trim();
const same = (a, b) => tidy(a) === tidy(b);

/** @param {string} tag @param {object} [props] @param {...(Node|string)} inside */
const make = (tag, props = {}, ...inside) => {
  const el = Object.assign(document.createElement(tag), props);
  el.append(...inside);
  return el;
};
const icon = (name) => {
  const box = make("span");
  box.innerHTML = `<svg class="icon" aria-hidden="true"><use href="#i-${name}"/></svg>`;
  return box.firstChild;
};
/** Pressed without taking the focus from the field, whose leaving means something. */
const button = (text, pressed, ...more) => {
  const el = make("button", { type: "button", className: "btn", tabIndex: -1 }, text, ...more);
  for (const kind of ["pointerdown", "mousedown"]) el.addEventListener(kind, (event) => event.preventDefault());
  el.addEventListener("click", pressed);
  return el;
};

/* --- drafts --------------------------------------------------------------------------------------------------- */

/** @typedef {{text: string, base: string, sent: string[], at: number}} Draft what is written, on top of which saved text */

const keyOf = (field) => `draft ${location.pathname} ${field.id}`;
const drafts = {
  /** @returns {Draft|null} */
  get(field) {
    try { return JSON.parse(sessionStorage.getItem(keyOf(field)) ?? "null"); } catch { return null; }
  },
  set(field, draft) {
    try { sessionStorage.setItem(keyOf(field), JSON.stringify(draft)); } catch { /* no room or not allowed: the field has it */ }
  },
  drop(field) {
    try { sessionStorage.removeItem(keyOf(field)); } catch { /* there was none */ }
  },
};

/* --- older and newer words ------------------------------------------------------------------------------------ */

/** @type {Map<string, Promise<DocumentFragment|null>>} */
const changes = new Map();

/** The change between two revisions as the page shows it. @param {string} url */
function change(url) {
  if (!changes.has(url)) {
    const asked = fetch(url, { headers: { "HX-Request": "true" } })
      .then(async (answer) => {
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        const box = document.createElement("template");
        box.innerHTML = await answer.text();
        return box.content;
      })
      .catch(() => { changes.delete(url); return null; });  // the words are there without it
    changes.set(url, asked);
  }
  return changes.get(url);
}

/**
 * Nothing is saved by looking: the field goes back to what was being written when it is left.
 * @param {HTMLTextAreaElement} field @param {() => void} use saves what is on screen
 */
function stepper(field, use) {
  let draft = null;  // what was being written; null while it is on screen
  let at = -1;
  const line = make("div", { className: "stepped" });
  line.setAttribute("role", "status");
  /** @returns {[number, string][]} newest first */
  const all = () => JSON.parse(document.querySelector(`#${field.dataset.revisions} script[type="application/json"]`)?.textContent || "[]");
  const write = (text) => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const key = (name) => make("kbd", { textContent: name });
  const say = (rows) => {
    const [newest] = rows[0];
    const [number] = rows[at];
    const meta = make("span", { className: "meta" }, `of ${rows.length}`);
    const keys = make("span", { className: "end row" }, key("Alt"), key("↑"), make("span", { className: "hint" }, "older"),
      key("Alt"), key("↓"), make("span", { className: "hint" }, "newer"));
    const diff = make("div");
    line.replaceChildren(
      make("p", { className: "row" }, make("span", { className: "tag" }, `r${number}`), meta, keys),
      diff,
      make("p", { className: "row" }, button(`Use r${number} as r${newest + 1} `, use, key("Ctrl"), " ", key("Enter")),
        button(`Back to ${draft === rows[0][1] ? `r${newest}` : "what you wrote"} `, () => back(), key("Esc"))),
    );
    line.querySelector(".btn:last-child").classList.add("quiet");
    field.after(line);
    if (!field.dataset.history || number === newest) return;
    change(`${field.dataset.history}?a=r${newest}&b=r${number}`).then((found) => {
      if (!found || !meta.isConnected) return;
      const fate = found.querySelector("[data-fate]")?.textContent;
      if (fate) meta.append(`, ${fate}`);
      diff.replaceChildren(...[...found.querySelectorAll(".diff")].map((one) => one.cloneNode(true)));
    });
  };
  const end = () => { at = -1; draft = null; line.remove(); };
  const back = () => {
    if (draft === null) return false;
    const text = draft;
    end();
    write(text);
    return true;
  };
  return {
    /** Back to what was being written. @returns {boolean} was an older text on screen */
    back,
    end,
    /** What is being written, whatever is on screen. */
    get written() { return draft ?? field.value; },
    /** @param {number} by 1 is older */
    step(by) {
      const rows = all();
      const before = draft ?? field.value;
      let to = at + by;
      if (to === 0 && rows[0]?.[1] === before) to += by;  // that is what stands there
      if (to >= rows.length || (to < 0 && at < 0)) return;
      if (to < 0) { back(); return; }
      draft = before;
      at = to;
      write(rows[at][1]);
      say(rows);
    },
  };
}

/* --- length --------------------------------------------------------------------------------------------------- */

/** Asks for the length as sent once nobody types. @param {HTMLTextAreaElement} field */
function measuring(field) {
  let timer = 0;
  let asked = null;
  return () => {
    clearTimeout(timer);
    asked?.abort();
    timer = setTimeout(async () => {
      if (!field.isConnected || !field.form) return;
      asked = new AbortController();
      const body = new FormData(field.form);
      const gen = document.getElementById("gen");
      for (const [name, value] of gen ? new FormData(gen) : []) if (!NOT_FROM_GEN.has(name)) body.append(name, value);
      try {
        const answer = await fetch(field.dataset.measure, { method: "POST", body, signal: asked.signal, headers: { "HX-Request": "true" } });
        if (!answer.ok || answer.redirected) return;
        const box = document.createElement("template");
        box.innerHTML = await answer.text();
        const fresh = box.content.firstElementChild;
        if (fresh?.id === field.dataset.counter) document.getElementById(fresh.id)?.replaceWith(fresh);
      } catch { /* no connection: saving says so */ }
    }, IDLE);
  };
}

/* --- saving --------------------------------------------------------------------------------------------------- */

/** Why it is not saved, and whether trying again by itself makes sense. @param {XMLHttpRequest} xhr @param {boolean} away */
function why(xhr, away) {
  if (!xhr.status) return { said: "no connection.", again: true };
  if (away) return { said: "you are signed out. Sign in in another tab, then try again.", again: false };
  if (xhr.status >= 500) return { said: `the studio failed (${xhr.status}).`, again: true };
  if (xhr.status === 404) return { said: "it is no longer there. Copy your words before you leave.", again: false };
  if (xhr.status === 403) return { said: "you may not do this.", again: false };
  const box = document.createElement("template");
  box.innerHTML = xhr.responseText;
  const told = box.content.querySelector(".toast p")?.textContent?.trim();
  return { said: told || `it was refused (${xhr.status}).`, again: false };
}

/** @param {HTMLTextAreaElement} field */
function prompt(field) {
  const form = field.form;
  if (!form) return;
  let saved = field.defaultValue;  // what the server has, as far as this page knows
  let sent = null;
  let held = null;  // what a question stands before: it would make takes stale
  let fails = 0;
  let timer = 0;
  const note = make("p", { className: "notice bad unsaved" });
  note.setAttribute("role", "alert");

  const dirty = () => !same(words.written, saved) && !field.matches(":disabled") && form.hasAttribute("hx-trigger");
  const save = () => {
    clearTimeout(timer);
    if (form.isConnected && window.htmx) window.htmx.trigger(form, "save");
  };
  const use = () => { words.end(); remember(); save(); };
  const words = stepper(field, use);
  const measure = field.dataset.measure ? measuring(field) : () => {};
  const hush = () => { fails = 0; clearTimeout(timer); note.remove(); };
  const tell = (said, ...buttons) => {
    note.replaceChildren(icon("warn"), make("span", {}, said), ...buttons);
    if (!note.isConnected) field.after(note);
  };
  const write = (text) => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const remember = () => {
    if (same(words.written, saved)) drafts.drop(field);
    else drafts.set(field, { text: words.written, base: saved, sent: drafts.get(field)?.sent ?? [], at: field.selectionStart });
  };

  const done = () => {
    saved = sent ?? saved;
    sent = null;
    hush();
    remember();
    if (dirty() && document.activeElement !== field) save();  // it went on while it was saved
  };
  const failed = (xhr, away) => {
    sent = null;
    const { said, again } = why(xhr, away);
    const left = WAITS[Math.min(fails, WAITS.length - 1)];
    fails += 1;
    tell(`Not saved: ${said} ${again ? `What you wrote stays here and is tried again in ${left} s.` : "What you wrote stays here."}`, button("Try now", save));
    if (again) timer = setTimeout(() => { if (dirty()) save(); else hush(); }, left * 1000);
  };

  const asked = () => {
    held = sent;
    sent = null;
    if (same(held, saved)) return;
    hush();
    tell("Not saved yet: takes would become stale.", button("Ask again", save), button("Put away", putAway));
    document.addEventListener("edit-discarded", putAway, { once: true });
    document.addEventListener("edit-saved", took, { once: true });
  };
  const putAway = () => {
    if (held === null) return;
    held = null;
    hush();
    drafts.drop(field);
    write(saved);
  };
  const took = () => {
    if (held === null) return;
    saved = held;
    held = null;
    hush();
    remember();
  };
  /** Whether the question was answered by saving: the form says what is in force. */
  const answered = () => {
    const was = form.elements.namedItem(`was_${field.name}`)?.value;
    if (held === null || was === undefined || !same(was, held)) return;
    saved = held;
    held = null;
    hush();
    remember();
  };

  form.addEventListener("submit", () => { words.end(); remember(); });
  form.addEventListener("htmx:configRequest", (event) => {
    if (event.target !== form) return;
    const { formData, parameters } = event.detail;
    sent = String(formData?.get(field.name) ?? parameters[field.name] ?? "");
    const kept = drafts.get(field);
    if (kept) drafts.set(field, { ...kept, sent: [...kept.sent.slice(-3), sent] });
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== form || sent === null) return;
    const { xhr } = event.detail;
    const came = xhr.responseURL ? new URL(xhr.responseURL).pathname : "";
    const away = Boolean(came) && came !== new URL(form.action).pathname;
    if (xhr.getResponseHeader("HX-Retarget") === "#dialog") asked();
    else if (xhr.status >= 200 && xhr.status < 300 && !away) done();
    else if (!same(sent, saved) || dirty()) failed(xhr, away);
  });

  field.addEventListener("input", (event) => {
    if (event.isTrusted) { words.end(); remember(); }  // written on: it is the draft now
    measure();
  });
  field.addEventListener("blur", () => {
    words.back();
    if (dirty() && !same(words.written, held ?? saved)) save();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey && same(field.value, saved)) event.preventDefault();  // nothing new to save
    if (field.dataset.revisions && event.altKey && /^Arrow(Up|Down)$/.test(event.key)) {
      event.preventDefault();
      words.step(event.key === "ArrowUp" ? 1 : -1);
    }
    if (event.key !== "Escape" || event.isComposing) return;
    if (words.back()) { event.preventDefault(); return; }
    if (field.value === saved) return;
    event.preventDefault();  // the first Escape restores, the second leaves
    held = null;
    hush();
    drafts.drop(field);
    write(saved);
  });
  if (!CSS.supports("field-sizing", "content")) {
    const grow = () => { field.style.height = "auto"; field.style.height = `${field.scrollHeight + 2}px`; };
    field.addEventListener("input", grow);
    grow();
  }
  open.add({ field, form, dirty, save, answered, written: () => words.written, failing: () => fails > 0 });

  /** Words from before a swap, a reload or a way back that were not saved. */
  const kept = drafts.get(field);
  if (!kept || field.matches(":disabled")) return;
  if (same(kept.text, saved)) { drafts.drop(field); return; }
  const mine = () => {
    hush();
    write(kept.text);
    remember();
  };
  if ([kept.base, ...kept.sent].some((text) => same(text, saved))) {
    mine();
    if (document.activeElement === field) field.setSelectionRange(kept.at, kept.at);
    else setTimeout(() => { if (dirty()) save(); }, IDLE);  // htmx knows the form by then
    return;
  }
  tell(`Somebody changed this while you were writing. You wrote: “${kept.text}”`,
    button("Use mine", () => { mine(); save(); }), button("Put away", () => { drafts.drop(field); hush(); }));
}

/** @type {Set<{field: HTMLTextAreaElement, form: HTMLFormElement, dirty: () => boolean, save: () => void, answered: () => void, written: () => string, failing: () => boolean}>} */
const open = new Set();
const living = () => {
  for (const one of open) if (!one.field.isConnected) open.delete(one);
  return [...open].filter((one) => one.dirty());
};
for (const kind of ["htmx:afterSettle", "htmx:oobAfterSwap"]) {
  document.addEventListener(kind, () => setTimeout(() => { for (const one of open) one.answered(); }));
}
window.addEventListener("online", () => { for (const one of living()) if (one.failing()) one.save(); });
window.addEventListener("beforeunload", (event) => { if (living().some((one) => one.failing())) event.preventDefault(); });
window.addEventListener("pageshow", (event) => { if (event.persisted) for (const one of living()) one.save(); });
window.addEventListener("pagehide", () => {
  for (const { field, form, written } of living()) {
    const body = new FormData(form);
    body.set(field.name, written());
    fetch(form.action, { method: "POST", body, keepalive: true, redirect: "manual" }).catch(() => {});
  }
});

each("textarea[data-prompt]", prompt);
