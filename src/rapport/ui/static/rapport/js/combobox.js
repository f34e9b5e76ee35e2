/* A field that searches: one choice (a hidden input holds it) or many (chips hold them). */

import { load } from "./dialogs.js";
import { icon, make, text } from "./texts.js";
import { place } from "./menu.js";
import { optionsOf } from "./options.js";

let waiting = null;

/* HX-Trigger: combobox:created {value, label} — what a dialog made goes to the field that asked for it. */
document.addEventListener("combobox:created", (event) => { waiting?.(event.detail); waiting = null; });

export function mount(box) {
  const many = "many" in box.dataset;
  const input = box.querySelector('[role="combobox"]');
  const hidden = box.querySelector("[data-value]");
  const pop = box.querySelector(".combo-pop");
  const list = box.querySelector("ul");
  const options = optionsOf(list, input, () => search(input.value.trim()));
  let label = input.value, running;

  const isOpen = () => pop.matches(":popover-open");
  const changed = () => box.dispatchEvent(new Event("input", { bubbles: true })) && (hidden ?? input).dispatchEvent(new Event("change", { bubbles: true }));

  function close() {
    running?.abort();
    if (isOpen()) pop.hidePopover();
    input.setAttribute("aria-expanded", "false");
    options.forget();
  }
  const narrowing = () => box.closest("form")?.elements[box.dataset.narrowBy];

  /** The options for a term, as items of the list; null when there is no answer or a later question. */
  async function ask(term) {
    running?.abort();
    running = new AbortController();
    const url = new URL(box.dataset.url, window.location.href);
    url.searchParams.set("q", term);
    if (narrowing()) url.searchParams.set(box.dataset.narrowAs, narrowing().value);
    try {
      const response = await fetch(url, { signal: running.signal, headers: { "HX-Request": "true" } });
      return response.ok && !response.redirected ? await response.text() : null;
    } catch { return null; }
  }
  async function search(term) {
    const html = await ask(term);
    if (html === null) return false;
    if (!input.matches(":focus")) return;
    list.innerHTML = html;
    if (!isOpen()) pop.showPopover();
    place(pop, many ? box : input, { matchWidth: true });
    input.setAttribute("aria-expanded", "true");
    options.choose(term ? options.all()[0] : null);
  }
  function set(value, shown, tone) {
    if (many) addChip(value, shown, tone);
    else { hidden.value = value; label = shown; input.value = shown; box.classList.toggle("has-value", value !== ""); }
    changed();
  }
  function addChip(value, shown, tone) {
    input.value = "";
    if ([...box.querySelectorAll("[data-chip] input")].some((other) => other.value === String(value))) return;
    input.before(make("span", { class: `chip tone-${tone ?? "neutral"}`, "data-chip": true }, make("span", {}, shown),
      make("input", { type: "hidden", name: box.dataset.name, value: String(value) }),
      make("button", { type: "button", "data-remove": true, "aria-label": text("remove", { label: shown }) }, icon("x", "icon-s"))));
  }
  function pick(option) {
    close();
    if (option.dataset.createUrl) {
      waiting = ({ value, label: made }) => set(value, made);
      load(option.dataset.createUrl, box.closest("#remote") ? "drawer" : "remote");
    } else if (option.dataset.value !== undefined) set(option.dataset.value, option.dataset.label, option.dataset.tone);
    input.focus();
  }

  input.addEventListener("input", (event) => {
    event.stopPropagation();
    options.typed(120);
  });
  input.addEventListener("focus", () => { if (!many) input.select(); });
  input.addEventListener("click", () => { if (!isOpen()) search(""); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen()) search(many || input.value !== label ? input.value.trim() : "");
      else options.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && (options.isDue() || (isOpen() && options.current())) && !event.ctrlKey) {
      event.preventDefault();
      options.take((option) => { if (option) pick(option); });
    } else if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Backspace" && many && !input.value) {
      [...box.querySelectorAll("[data-chip]")].at(-1)?.remove();
      changed();
    }
  });
  input.addEventListener("blur", () => setTimeout(() => {
    if (pop.contains(document.activeElement)) return;
    close();
    if (many) { input.value = ""; return; }
    if (!input.value.trim() && hidden.value) set("", "");
    else input.value = label;
  }, 120));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => { const option = event.target.closest('[role="option"]'); if (option) pick(option); });
  box.addEventListener("click", (event) => {
    if (event.target.closest("[data-clear]")) { set("", ""); input.focus(); }
    const remove = event.target.closest("[data-remove]");
    if (remove) { remove.closest("[data-chip]").remove(); changed(); input.focus(); }
    else if (event.target === box) input.focus();
  });
  box.classList.toggle("has-value", Boolean(hidden?.value));

  /* Another choice in the field that narrows this one: the first of what is offered now stands here. */
  if (box.dataset.narrowBy) box.closest("form")?.addEventListener("change", async (event) => {
    if (event.target.name !== box.dataset.narrowBy) return;
    set("", "");
    const html = event.target.value && await ask("");
    if (!html) return;
    list.innerHTML = html;
    const first = options.all()[0];
    if (first?.dataset.value) set(first.dataset.value, first.dataset.label);
  });
}
