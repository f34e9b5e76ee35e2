/* Keys that work everywhere; none while somebody types. */

import { openAt } from "./menu.js";

const typing = (target) => target.closest?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]");
const modal = () => document.querySelector("dialog[open]:modal");
let going = 0;

function rows() {
  const scope = document.getElementById("main");
  return scope ? [...scope.querySelectorAll("tr[data-row], .card-item, .entry")].filter((row) => row.offsetParent !== null) : [];
}

/** The part of a row that takes the focus. */
const handle = (row) => row.querySelector(".row-link, .card-title") ?? row.querySelector("input[type=checkbox]") ?? row;

function move(by) {
  const all = rows();
  if (!all.length) return false;
  const now = all.findIndex((row) => row.contains(document.activeElement) || row === document.activeElement);
  const next = all[Math.max(0, Math.min(all.length - 1, now < 0 ? 0 : now + by))];
  all.forEach((row) => row.classList.toggle("is-current", row === next));
  handle(next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

const click = (element) => { element?.click(); return Boolean(element); };

function shortcut(key) {
  const target = document.querySelector(`main [data-shortcut="${CSS.escape(key)}"]`) ?? document.querySelector(`[data-shortcut="${CSS.escape(key)}"]`);
  const menu = target?.getAttribute("popovertarget");
  if (menu) { openAt(document.getElementById(menu), target); return true; }
  return click(target);
}

function plain(event) {
  const row = document.activeElement?.closest?.("tr[data-row], .card-item");
  switch (event.key) {
    case "j": return move(1);
    case "k": return move(-1);
    case "x": return click(row?.querySelector("input[name=ids]"));
    case "m": return click(row?.querySelector("[data-move]"));
    case "?": document.getElementById("sheet")?.showModal(); return true;
    case "/": {
      const field = document.querySelector("main [data-search]");
      if (field) { field.focus(); field.select(); } else document.querySelector('[data-open="palette"]')?.click();
      return true;
    }
    case "g": going = Date.now(); return true;
    default: return /^[a-z]$/.test(event.key) && shortcut(event.key);
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
    event.preventDefault();
    if (!modal()) document.querySelector('[data-open="palette"]')?.click();
    return;
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || modal()) return;
  if (typing(event.target)) {
    if (event.key === "Escape" && !event.target.closest("[popover], form[data-inline-form]")) event.target.blur();
    return;
  }
  if (event.target.closest?.(".menu")) return;
  const goes = Date.now() - going < 1200;
  going = 0;
  const done = goes && /^[a-z]$/.test(event.key) ? click(document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)) : plain(event);
  if (done) event.preventDefault();
});
