/* A list in an order of one's own: by drag, or with Alt and the arrow keys. With data-grow there is always an empty row. */

import "../../vendor/sortable.min.js";

export function mount(group) {
  window.Sortable.create(group, { handle: "[data-grip]", animation: 120, delay: 120, delayOnTouchOnly: true });
  group.addEventListener("keydown", (event) => {
    const item = [...group.children].find((child) => child.contains(event.target));
    if (!item || !event.altKey) return;
    if (event.key === "ArrowUp") item.previousElementSibling?.before(item);
    else if (event.key === "ArrowDown") item.nextElementSibling?.after(item);
    else return;
    event.preventDefault();
    event.target.focus();
  });
  if (group.dataset.grow !== undefined) group.addEventListener("input", () => {
    const last = group.lastElementChild;
    if ([...last.querySelectorAll("input:not([type=hidden])")].some((input) => input.value)) group.append(emptied(last.cloneNode(true)));
  });
}

/** A row without what was entered, numbered on. */
function emptied(row) {
  for (const input of row.querySelectorAll("input, select")) {
    if (input.tagName === "SELECT") input.selectedIndex = 0;
    else input.value = "";
    input.setAttribute("aria-label", input.getAttribute("aria-label")?.replace(/\d+$/, (number) => Number(number) + 1) ?? "");
  }
  return row;
}
