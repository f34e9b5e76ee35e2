/* A list: a click on a row opens it, checkboxes select, the bulk bar acts on what is selected. */

import { load } from "./dialogs.js";
import { text } from "./texts.js";

const INTERACTIVE = "a, button, input, select, label, summary, .menu";

/** @param {HTMLElement} list the element with data-list */
export function mount(list) {
  const bar = document.querySelector(`[data-bulk="${list.id}"]`);
  /* One for each table: a grouped list has several. */
  const heads = () => [...list.querySelectorAll("[data-select-all]")];
  const boxes = (part = list) => [...part.querySelectorAll("input[name=ids]")];
  const chosen = (part = list) => boxes(part).filter((box) => box.checked);
  const check = (some, checked) => { some.forEach((box) => { box.checked = checked; }); };
  const everything = () => Boolean(bar?.querySelector("[data-all]").value);
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

  function update(whole = false) {
    const [shown, picked] = [boxes(), chosen()];
    shown.forEach((box) => box.closest("tr").classList.toggle("is-selected", box.checked));
    for (const head of heads()) {
      const table = head.closest("table");
      const count = chosen(table).length;
      head.checked = count > 0 && count === boxes(table).length;
      head.indeterminate = count > 0 && !head.checked;
    }
    if (!bar) return;
    bar.hidden = !picked.length;
    bar.querySelector("[data-all]").value = whole ? "1" : "";
    const [rest, more] = [bar.querySelector("[data-choose-shown]"), bar.querySelector("[data-choose-all]")];
    bar.querySelector("[data-count]").textContent = whole ? text("everything") : text("selected", { count: picked.length });
    if (rest) rest.hidden = picked.length === shown.length;
    if (more) more.hidden = whole || picked.length < shown.length;
  }

  list.addEventListener("change", (event) => {
    if (!event.target.matches("[data-select-all]")) return;
    check(boxes(event.target.closest("table")), event.target.checked);
    update();
  });
  bar?.addEventListener("click", (event) => {
    if (event.target.closest("[data-clear-selection]")) { check(boxes(), false); update(); }
    if (event.target.closest("[data-choose-shown]")) { check(boxes(), true); update(); }
    if (event.target.closest("[data-choose-all]")) update(true);
    const opener = event.target.closest("[data-bulk-dialog]");
    if (!opener) return;
    const url = new URL(opener.dataset.bulkDialog, window.location.href);
    url.searchParams.set("ids", everything() ? "" : chosen().map((box) => box.value).join(","));
    if (everything()) url.searchParams.set("all", "1");
    load(url.pathname + url.search);
  });
  /* Rows that came later are chosen too when everything is. */
  list.addEventListener("htmx:after:process", () => {
    if (everything()) check(boxes(), true);
    update(everything());
  });
  /* What was ticked before this module came counts. */
  heads().filter((head) => head.checked).forEach((head) => check(boxes(head.closest("table")), true));
  update();
}
