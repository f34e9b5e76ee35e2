/* Typing @ in a text offers whom to mention; the name is written into the text. */

import { make } from "./texts.js";
import { place } from "./menu.js";

const WORD = /(?:^|[\s(])@([^\s@]{0,40}(?: [^\s@]{0,40})?)$/;
let count = 0;

export function mount(area) {
  const list = make("ul", { class: "combo-list", role: "listbox", id: `mentions-${count += 1}`, "aria-label": "@" });
  const pop = make("div", { class: "combo-pop", popover: "manual" }, list);
  area.after(pop);
  area.setAttribute("aria-controls", list.id);
  area.setAttribute("aria-autocomplete", "list");
  let timer, running, settled = 0;

  const options = () => [...list.querySelectorAll("[data-value]")];
  const current = () => list.querySelector('[aria-selected="true"]');
  const isOpen = () => pop.matches(":popover-open");
  /** What stands between the last @ and the caret; null where nobody is being mentioned, or was already. */
  function term() {
    const before = area.value.slice(0, area.selectionStart);
    settled = Math.min(settled, before.length);
    const found = WORD.exec(before)?.[1] ?? null;
    return found !== null && before.length - found.length > settled ? found : null;
  }

  function choose(option) {
    current()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) area.setAttribute("aria-activedescendant", option.id);
    else area.removeAttribute("aria-activedescendant");
  }
  function close() {
    running?.abort();
    clearTimeout(timer);
    if (isOpen()) pop.hidePopover();
    choose(null);
  }
  async function search() {
    const wanted = term();
    if (wanted === null) return close();
    running?.abort();
    running = new AbortController();
    const url = new URL(area.dataset.mentions, window.location.href);
    url.searchParams.set("q", wanted);
    let html;
    try {
      const response = await fetch(url, { signal: running.signal, headers: { "HX-Request": "true" } });
      if (!response.ok || response.redirected) return;
      html = await response.text();
    } catch { return; }
    list.innerHTML = html;
    if (term() === null || !area.matches(":focus") || !options().length) return close();
    if (!isOpen()) pop.showPopover();
    place(pop, area, { matchWidth: true });
    choose(options()[0]);
  }
  function pick(option) {
    const caret = area.selectionStart;
    const start = caret - term().length;
    area.setRangeText(`${option.dataset.label} `, start, caret, "end");
    settled = area.selectionStart;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    close();
    area.focus();
  }

  area.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 120); });
  area.addEventListener("keydown", (event) => {
    if (!isOpen()) return;
    const all = options();
    const at = all.indexOf(current());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
    else if ((event.key === "Enter" || event.key === "Tab") && current() && !event.ctrlKey) pick(current());
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  area.addEventListener("blur", () => setTimeout(close, 120));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => { const option = event.target.closest("[data-value]"); if (option) pick(option); });
}
