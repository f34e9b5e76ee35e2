/* Forms: Ctrl+Enter sends, Esc leaves an inline edit, unsaved changes are not lost by a slip. */

import { ask } from "./dialogs.js";
import { text } from "./texts.js";

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form");
  if (!form) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[type=submit]"));
  } else if (event.key === "Escape" && form.hasAttribute("data-inline-form") && !event.defaultPrevented) {
    event.preventDefault();
    form.querySelector("[data-cancel]")?.click();
  }
});

/* After an inline edit the focus stays where it was. */
document.addEventListener("htmx:after:swap", (event) => {
  const row = event.detail.ctx.target;
  if (!row?.classList?.contains("details-row") || !row.id) return;
  requestAnimationFrame(() => {
    const fresh = document.getElementById(row.id);
    const field = fresh?.querySelector("[data-inline-form] :is(input:not([type=hidden]), select, textarea)");
    (field ?? fresh?.querySelector(".details-edit"))?.focus();
    field?.select?.();
  });
});

const guarded = () => document.querySelector("form[data-guard][data-dirty]");
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) form.dataset.dirty = "";
});
document.addEventListener("submit", (event) => { delete event.target.dataset.dirty; });
addEventListener("beforeunload", (event) => { if (guarded()) event.preventDefault(); });

/* Leaving by a link inside the frame asks as well: the link is followed once the person agrees. */
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[href]");
  const form = guarded();
  if (!form || !link || event.defaultPrevented || link.target || link.getAttribute("href").startsWith("#") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (await ask(text("leave") + " " + text("leaveQuestion"))) { delete form.dataset.dirty; link.click(); }
}, true);

/* A link to a field of the error list brings the focus there. */
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-error-summary] a");
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  (field.matches("input, select, textarea, [tabindex]") ? field : field.querySelector("input, select, textarea"))?.focus();
  field.scrollIntoView({ block: "center" });
});

/* One choice in a menu is enough: a form may send itself when a control changes. */
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit]")) event.target.form?.requestSubmit();
});
