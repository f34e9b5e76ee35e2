/* The core of every page; heavier modules come when their element is on the page. */

import "./requests.js";
import "./theme.js";
import "./dialogs.js";
import "./menu.js";
import "./forms.js";
import "./keys.js";
import { adopt } from "./toast.js";

const MODULES = [
  ["[data-list]", () => import("./list.js")],
  ["[data-board]", () => import("./board.js")],
  ["[data-push]", () => import("./push.js")],
  ["[data-tour]", () => import("./tour.js")],
  ["[data-moves]", () => import("./calendar.js")],
  ["[data-combobox]", () => import("./combobox.js")],
  ["[data-contacts]", () => import("./contacts.js")],
  ["[data-filter-editor]", () => import("./filter.js")],
  ["[data-composer]", () => import("./composer.js")],
  ["[data-mentions]", () => import("./mentions.js")],
  ["[data-grid]", () => import("./grid.js")],
  ["[data-sortable]", () => import("./sortable.js")],
];
const mounted = new WeakSet();

/** Bring the elements of `root` to life; each only once. */
function mount(root) {
  for (const [selector, load] of MODULES) {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.unshift(root);
    for (const element of found) {
      if (mounted.has(element)) continue;
      mounted.add(element);
      load().then((module) => element.isConnected && module.mount(element));
    }
  }
  root.querySelectorAll(".steps [aria-current]").forEach(reveal);
  adopt(root);
}

/** The step that is now stands in the middle of a way that is wider than the screen. */
function reveal(step) {
  const way = step.parentElement;
  way.scrollLeft = step.offsetLeft - way.offsetLeft - (way.clientWidth - step.offsetWidth) / 2;
}

document.addEventListener("htmx:after:process", (event) => mount(event.target));
document.addEventListener("ui:mount", (event) => mount(event.target));
mount(document.body);
document.documentElement.dataset.ready = "";
