/**
 * Elements offered while a prompt is written: after @ a list with their pictures; arrows and Enter or Tab choose, Esc
 * closes, the mouse does too.
 *
 * textarea[data-names="id"] with an id; the named <script type="application/json"> holds [{key, name, said, picture}]. It
 * is read whenever the list opens, so that it may be swapped at any time.
 */
import { each } from "./time.js";

const TOKEN = /(?<![\w@])@([A-Za-z0-9_-]*)$/;
const MOST = 8;

/** @typedef {{key: string, name: string, said: string, picture: string}} Named */

/** Elements that fit what is written so far: those that begin with it first. @param {string} id @param {string} part */
function fitting(id, part) {
  /** @type {Named[]} */
  const all = JSON.parse(document.getElementById(id)?.textContent || "[]");
  const wanted = part.toLowerCase();
  const begins = ({ key, name }) => key.toLowerCase().startsWith(wanted) || name.toLowerCase().startsWith(wanted);
  const holds = ({ key, name }) => key.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted);
  return [...all.filter(begins), ...all.filter((one) => !begins(one) && holds(one))].slice(0, MOST);
}

/** @param {Named} named @param {string} id */
function option(named, id) {
  const row = document.createElement("div");
  row.setAttribute("role", "option");
  row.id = id;
  row.dataset.insert = named.key;
  const picture = document.createElement(named.picture ? "img" : "i");
  if (named.picture) Object.assign(picture, { src: named.picture, alt: "", width: 32, height: 32 });
  else picture.className = "nopic";
  const name = document.createElement("span");
  name.textContent = named.name;
  const key = document.createElement("small");
  key.className = "tc";
  key.textContent = `@${named.key}`;
  name.append(key);
  const said = document.createElement("small");
  said.textContent = named.said;
  row.append(picture, name, said);
  return row;
}

/** @param {HTMLTextAreaElement} field */
function offer(field) {
  let box = null;
  let at = 0;
  let hushed = -1;  // where the @ stands whose list was closed with Esc
  const said = document.createElement("span");
  said.className = "vh";
  said.setAttribute("role", "status");
  field.after(said);

  const close = () => {
    box?.remove();
    box = null;
    said.textContent = "";
    for (const name of ["aria-controls", "aria-activedescendant", "aria-haspopup"]) field.removeAttribute(name);
  };
  const mark = (to) => {
    const rows = [...box.children];
    at = (to + rows.length) % rows.length;
    rows.forEach((row, n) => row.setAttribute("aria-selected", String(n === at)));
    field.setAttribute("aria-activedescendant", rows[at].id);
    rows[at].scrollIntoView({ block: "nearest" });
  };
  const open = (rows) => {
    const fresh = !box;
    if (fresh) {
      box = document.createElement("div");
      box.className = "suggest";
      box.id = `${field.id}-names`;
      box.setAttribute("role", "listbox");
      box.setAttribute("aria-label", "Elements");
      box.addEventListener("pointerdown", (event) => {
        event.preventDefault();  // the field keeps the focus: leaving it would save
        const row = event.target.closest("[data-insert]");
        if (row && event.button === 0) insert(row);
      });
      field.after(box);
      field.setAttribute("aria-haspopup", "listbox");
      field.setAttribute("aria-controls", box.id);
    }
    box.replaceChildren(...rows.map((named, n) => option(named, `${box.id}-${n}`)));
    mark(0);
    said.textContent = `${rows.length} element${rows.length === 1 ? "" : "s"}; arrows choose, Enter inserts`;
    if (fresh) box.scrollIntoView({ block: "nearest" });
  };
  const look = () => {
    const end = field.selectionStart;
    const found = field.selectionEnd === end && TOKEN.exec(field.value.slice(0, end));
    if (!found) hushed = -1;
    const rows = found && found.index !== hushed ? fitting(field.dataset.names, found[1]) : [];
    if (rows.length) open(rows); else close();
  };
  const insert = (row) => {
    const end = field.selectionStart;
    const start = TOKEN.exec(field.value.slice(0, end))?.index ?? end;
    const space = /^\s/.test(field.value.slice(end)) ? "" : " ";
    close();
    field.setSelectionRange(start, end);
    const text = `@${row.dataset.insert}${space}`;
    // this way it can be undone like typing
    if (!document.execCommand("insertText", false, text)) field.setRangeText(text, start, end, "end");
    if (!space) field.setSelectionRange(field.selectionEnd + 1, field.selectionEnd + 1);
    close();
  };

  field.setAttribute("aria-autocomplete", "list");
  field.addEventListener("input", look);
  field.addEventListener("click", look);
  field.addEventListener("keyup", (event) => { if (/^(Arrow(Left|Right)|Home|End)$/.test(event.key)) look(); });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (!box || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by) mark(at + by);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) insert(box.children[at]);
    else if (event.key === "Escape") {
      hushed = TOKEN.exec(field.value.slice(0, field.selectionStart))?.index ?? -1;
      close();
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  field.form?.addEventListener("submit", close);
}
each("textarea[data-names]", offer);
