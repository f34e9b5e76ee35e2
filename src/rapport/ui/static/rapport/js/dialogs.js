/* Dialogs and drawers: of the page (data-open), loaded from an address (data-dialog, data-drawer), and questions (data-confirm). */

import { make, text } from "./texts.js";

const open = (dialog) => { if (dialog && !dialog.open) dialog.showModal(); };

/** Load `url` into a dialog and show it. The answer is made with the macro `remote`. */
export async function load(url, id = "remote") {
  const dialog = document.getElementById(id);
  await window.htmx.ajax("GET", url, { target: dialog, swap: "innerHTML", headers: { "HX-Target": `dialog#${id}` } });
  if (!dialog.childElementCount) return;
  open(dialog);
  dialog.querySelector("[autofocus], .dialog-body input:not([type=hidden]), .dialog-body select, .dialog-body textarea")?.focus();
}

/** Ask; resolves to true when the person agrees. */
export function ask(question, yes = text("yes"), no = text("no")) {
  return new Promise((resolve) => {
    const dialog = make("dialog", { class: "dialog is-center", "aria-label": question },
      make("div", { class: "dialog-body" }, question),
      make("div", { class: "dialog-foot" },
        make("button", { class: "btn", type: "button", value: "no" }, no),
        make("button", { class: "btn btn-primary", type: "button", value: "yes", autofocus: true }, yes)));
    dialog.addEventListener("click", (event) => { const b = event.target.closest("button"); if (b) dialog.close(b.value); });
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); });
    document.body.append(dialog);
    open(dialog);
  });
}

/* The palette shows at once and takes what is typed while its module is on the way. */
function openPalette() {
  const dialog = document.getElementById("palette");
  if (!dialog?.dataset.url) return;
  open(dialog);
  dialog.querySelector("input").focus();
  import("./palette.js").then((module) => module.search());
}
const openers = { palette: openPalette };

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const target = event.target.closest("[data-open], [data-close], [data-dialog], [data-drawer]");
  if (!target) return;
  const { dataset } = target;
  if ("close" in dataset) {
    target.closest("dialog")?.close();
  } else if ("open" in dataset) {
    const special = openers[dataset.open];
    if (special) special();
    else open(document.getElementById(dataset.open));
  } else {
    const kind = "drawer" in dataset ? "drawer" : "dialog";
    load(dataset[kind] || target.getAttribute("href"), kind === "drawer" ? "drawer" : "remote");
  }
  event.preventDefault();
  event.stopPropagation();
  target.closest(".menu:popover-open")?.hidePopover();
}, true);

/* A click beside a dialog closes it, unless something was written in it. */
document.addEventListener("mousedown", (event) => {
  const dialog = event.target;
  if (dialog.tagName !== "DIALOG" || dialog.dataset.dirty !== undefined) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
});
document.addEventListener("input", (event) => {
  const dialog = event.target.closest("#remote, #drawer");
  if (dialog) dialog.dataset.dirty = "";
});
document.addEventListener("close", (event) => {
  const dialog = event.target;
  if (dialog.tagName !== "DIALOG") return;
  delete dialog.dataset.dirty;
  if (dialog.id === "remote" || dialog.id === "drawer") dialog.replaceChildren();
}, true);

document.addEventListener("htmx:after:swap", (event) => {
  const dialog = event.detail.ctx.target;
  if (dialog?.tagName !== "DIALOG") return;
  dialog.setAttribute("aria-label", dialog.querySelector("[data-dialog-title]")?.textContent ?? "");
  dialog.querySelector("[aria-invalid='true']")?.focus();
});

/* HX-Trigger: dialog:close */
document.addEventListener("dialog:close", () => document.querySelectorAll("#remote[open], #drawer[open]").forEach((d) => d.close()));

/* Forms and buttons with data-confirm ask first. */
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!question || form.dataset.agreed !== undefined) { delete form.dataset.agreed; return; }
  event.preventDefault();
  event.stopImmediatePropagation();
  const { submitter } = event;
  const label = submitter?.textContent.trim();
  if (await (label ? ask(question, label, text("cancel")) : ask(question))) { form.dataset.agreed = ""; form.requestSubmit(submitter); }
}, true);
