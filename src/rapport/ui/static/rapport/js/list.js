/* A list: a click on a row opens it, checkboxes select, the bulk bar acts on what is selected. */

import { load } from "./dialogs.js";
import { text } from "./texts.js";

const INTERACTIVE = "a, button, input, select, label, summary, .menu";

/** @param {HTMLElement} list the element with data-list */
export function mount(list) {
  const bar = document.querySelector(`[data-bulk="${list.id}"]`);
  const all = list.querySelector("[data-select-all]");
  const boxes = () => [...list.querySelectorAll("input[name=ids]")];
  const chosen = () => boxes().filter((box) => box.checked);
  let last = null;

  list.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (event.target.matches("input[name=ids]")) { range(event.target, event.shiftKey); return; }
    if (!row || event.target.closest(INTERACTIVE) || String(window.getSelection())) return;
    if (event.target.closest(".col-select")) { row.querySelector("input[name=ids]")?.click(); return; }
    const link = row.querySelector(".row-link");
    if (!link) return;
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else link.click();
  });

  function range(box, extend) {
    const every = boxes();
    if (extend && last) {
      const [from, to] = [every.indexOf(last), every.indexOf(box)].sort((a, b) => a - b);
      every.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
    }
    last = box;
    update();
  }

  function update(everything = false) {
    const picked = chosen();
    boxes().forEach((box) => box.closest("tr").classList.toggle("is-selected", box.checked));
    if (all) {
      all.checked = picked.length > 0 && picked.length === boxes().length;
      all.indeterminate = picked.length > 0 && !all.checked;
    }
    if (!bar) return;
    bar.hidden = !picked.length;
    bar.querySelector("[data-all]").value = everything ? "1" : "";
    const more = bar.querySelector("[data-choose-all]");
    bar.querySelector("[data-count]").textContent = everything ? more.textContent : text("selected", { count: picked.length });
    if (more) more.hidden = everything || !all?.checked;
  }

  all?.addEventListener("change", () => { boxes().forEach((box) => { box.checked = all.checked; }); update(); });
  bar?.addEventListener("click", (event) => {
    if (event.target.closest("[data-clear-selection]")) { boxes().forEach((box) => { box.checked = false; }); update(); }
    if (event.target.closest("[data-choose-all]")) update(true);
    const opener = event.target.closest("[data-bulk-dialog]");
    if (!opener) return;
    const url = new URL(opener.dataset.bulkDialog, window.location.href);
    const everything = bar.querySelector("[data-all]").value;
    url.searchParams.set("ids", everything ? "" : chosen().map((box) => box.value).join(","));
    if (everything) url.searchParams.set("all", "1");
    load(url.pathname + url.search);
  });
  /* Rows that came later are chosen too when everything is. */
  list.addEventListener("htmx:after:process", () => {
    if (all?.checked && !all.indeterminate && bar?.querySelector("[data-all]").value) {
      boxes().forEach((box) => { box.checked = true; });
      update(true);
    } else update();
  });
  update();
}
