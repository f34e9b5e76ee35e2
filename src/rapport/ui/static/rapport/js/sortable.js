/* A list in an order of one's own: by drag, or with Alt and the arrow keys. */

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
}
