/* Popover menus: placed next to their button, worked with arrow keys. */

/** Put `floating` below its anchor, or above or to the left where there is no room. */
export function place(floating, anchor, { matchWidth = false, gap = 4 } = {}) {
  const box = anchor.getBoundingClientRect();
  if (matchWidth) floating.style.width = `${Math.max(box.width, 220)}px`;
  const { offsetWidth: width, offsetHeight: height } = floating;
  const left = box.left + width > innerWidth - 8 ? box.right - width : box.left;
  const below = box.bottom + gap + height <= innerHeight - 8 || box.top < height;
  floating.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  floating.style.top = `${Math.max(8, Math.min(below ? box.bottom + gap : box.top - gap - height, innerHeight - height - 8))}px`;
}

const anchors = new WeakMap();
const items = (menu) => [...menu.querySelectorAll(".menu-item")].filter((item) => item.offsetParent !== null && !item.disabled);
const buttonOf = (menu) => anchors.get(menu) ?? document.querySelector(`[popovertarget="${menu.id}"]`);

/** Open a menu at an element that is not its button. */
export function openAt(menu, anchor) {
  anchors.set(menu, anchor);
  menu.showPopover();
}

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.classList?.contains("menu")) return;
  const button = buttonOf(menu);
  const open = event.newState === "open";
  button?.setAttribute("aria-expanded", String(open));
  if (!open) return;
  if (button) place(menu, button);
  if (menu.getAttribute("role") === "menu") items(menu)[0]?.focus({ preventScroll: true });
}, true);

function step(menu, key, from) {
  const all = items(menu);
  const at = all.indexOf(from);
  if (key === "ArrowDown") return all[(at + 1) % all.length];
  if (key === "ArrowUp") return all[(at - 1 + all.length) % all.length];
  if (key === "Home") return all[0];
  if (key === "End") return all.at(-1);
  if (key.length === 1 && /\S/.test(key)) {
    const rest = [...all.slice(at + 1), ...all.slice(0, at + 1)];
    return rest.find((item) => item.textContent.trim().toLowerCase().startsWith(key.toLowerCase()));
  }
  return null;
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.('.menu[role="menu"]');
  if (!menu || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Tab") { menu.hidePopover(); return; }
  const next = step(menu, event.key, event.target);
  if (next) { event.preventDefault(); event.stopPropagation(); next.focus(); }
});

document.addEventListener("click", (event) => {
  const item = event.target.closest?.('.menu[role="menu"] .menu-item');
  if (item) setTimeout(() => item.closest(".menu")?.hidePopover?.());
});
addEventListener("resize", () => document.querySelectorAll(".menu:popover-open").forEach((menu) => buttonOf(menu) && place(menu, buttonOf(menu))));
