/* Typing @ in a text offers whom to mention; the name is written into the text. */

import { make } from "./texts.js";
import { place } from "./menu.js";
import { optionsOf } from "./options.js";

const WORD = /(?:^|[\s(])@([^\s@]{0,40}(?: [^\s@]{0,40})?)$/;
let count = 0;

export function mount(area) {
  const list = make("ul", { class: "combo-list", role: "listbox", id: `mentions-${count += 1}`, "aria-label": "@" });
  const pop = make("div", { class: "combo-pop", popover: "manual" }, list);
  area.after(pop);
  area.setAttribute("aria-controls", list.id);
  area.setAttribute("aria-autocomplete", "list");
  const options = optionsOf(list, area, search);
  let running, settled = 0;

  const isOpen = () => pop.matches(":popover-open");
  /** What stands between the last @ and the caret; null where nobody is being mentioned, or was already. */
  function term() {
    const before = area.value.slice(0, area.selectionStart);
    settled = Math.min(settled, before.length);
    const found = WORD.exec(before)?.[1] ?? null;
    return found !== null && before.length - found.length > settled ? found : null;
  }

  function close() {
    running?.abort();
    if (isOpen()) pop.hidePopover();
    options.forget();
  }
  /** Answers false when the options could not be had. */
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
      if (!response.ok || response.redirected) return false;
      html = await response.text();
    } catch { return false; }
    list.innerHTML = html;
    if (term() === null || !area.matches(":focus") || !options.all().length) return close();
    if (!isOpen()) pop.showPopover();
    place(pop, area, { matchWidth: true });
    options.choose(options.all()[0]);
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

  area.addEventListener("input", () => options.typed(120));
  area.addEventListener("keydown", (event) => {
    if (!isOpen()) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") options.move(event.key === "ArrowDown" ? 1 : -1);
    else if ((event.key === "Enter" || event.key === "Tab") && options.current() && !event.ctrlKey) options.take((option) => { if (option) pick(option); });
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  area.addEventListener("blur", () => setTimeout(close, 120));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => { const option = event.target.closest("[data-value]"); if (option) pick(option); });
}
