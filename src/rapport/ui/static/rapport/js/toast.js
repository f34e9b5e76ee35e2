/* Short messages at the edge of the page: from the server (HX-Trigger: toast, or in the page) and from modules. */

import { csrf, icon, make, text } from "./texts.js";

const region = document.getElementById("toasts");
const ICONS = { success: "circle-check", error: "alert-circle", warning: "alert-triangle" };
const LIFE = { error: 15000, warning: 10000 };

if (region) region.popover = "manual";

function raise() {
  if (region.matches(":popover-open")) region.hidePopover();
  if (region.children.length) region.showPopover();
}

function dismiss(element) {
  element.remove();
  if (!region.children.length && region.matches(":popover-open")) region.hidePopover();
}

function keep(element) {
  const life = LIFE[[...element.classList].find((c) => c.startsWith("is-"))?.slice(3)] ?? (element.querySelector("form") ? 10000 : 6000);
  let timer;
  const start = () => { timer = setTimeout(() => dismiss(element), life); };
  const stop = () => clearTimeout(timer);
  element.addEventListener("mouseenter", stop);
  element.addEventListener("focusin", stop);
  element.addEventListener("mouseleave", start);
  element.addEventListener("focusout", start);
  element.addEventListener("click", (event) => event.target.closest("[data-dismiss]") && dismiss(element));
  element.addEventListener("submit", () => setTimeout(() => dismiss(element)));
  start();
}

/** The newest three stay. */
function limit() {
  while (region.children.length > 3) region.firstElementChild.remove();
}

const kept = new WeakSet();

/** Take up toasts that the server rendered. */
export function adopt(root) {
  if (!region) return;
  const fresh = [...region.querySelectorAll("[data-toast]")].filter((element) => !kept.has(element));
  if (!fresh.length || !(root === document.body || root.contains?.(region) || region.contains(root))) return;
  fresh.forEach((element) => { kept.add(element); keep(element); });
  limit();
  raise();
}

/** message: {text, level: info | success | warning | error, link: {url, label}, undo: {url, label, fields}} */
export function toast(message) {
  if (!region) return;
  const level = message.level ?? "info";
  const element = make("div", { class: `toast is-${level}`, "data-toast": true, role: level === "error" ? "alert" : null },
    icon(ICONS[level] ?? "info-circle"), make("span", { class: "grow" }, message.text));
  if (message.link) element.append(make("a", { class: "btn btn-sm", href: message.link.url }, message.link.label));
  if (message.undo) {
    const form = make("form", { method: "post", action: message.undo.url });
    const fields = { csrfmiddlewaretoken: csrf(), ...message.undo.fields };
    for (const [name, value] of Object.entries(fields)) form.append(make("input", { type: "hidden", name, value: String(value) }));
    form.append(make("button", { type: "submit", class: "btn btn-sm" }, message.undo.label ?? text("undo")));
    element.append(form);
  }
  element.append(make("button", { type: "button", class: "btn btn-sm btn-quiet btn-icon", "data-dismiss": true, "aria-label": text("dismiss") }, icon("x")));
  kept.add(element);
  region.append(element);
  window.htmx?.process(element);
  limit();
  keep(element);
  raise();
}

document.addEventListener("toast", (event) => toast(event.detail.value ? { text: event.detail.value } : event.detail));
