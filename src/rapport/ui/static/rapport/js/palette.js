/* The command palette: what the server finds, and what was opened from here before. */

import { text } from "./texts.js";
import { visit } from "./requests.js";
import { load } from "./dialogs.js";
import { optionsOf } from "./options.js";

const dialog = document.getElementById("palette");
const input = dialog.querySelector("input");
const list = dialog.querySelector("ul");
const nothing = dialog.querySelector(".palette-none");
const KEY = `rapport.opened.${dialog.dataset.user}`;
const KEEP = 5;
const options = optionsOf(list, input, search);
let running;

function recent() {
  try { return JSON.parse(sessionStorage.getItem(KEY)) ?? []; } catch { return []; }
}

function remember(option) {
  if (option.hasAttribute("data-dialog")) return;
  const entry = { html: option.innerHTML, url: option.getAttribute("href") };
  const entries = [entry, ...recent().filter((other) => other.url !== entry.url)].slice(0, KEEP);
  sessionStorage.setItem(KEY, JSON.stringify(entries));
}

const attribute = (value) => value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

function withRecent(html) {
  const entries = input.value ? [] : recent();
  const head = entries.length ? `<li role="presentation">${text("recent")}</li>` : "";
  return head + entries.map((entry, i) => `<li role="none"><a role="option" id="recent-${i}" aria-selected="false" href="${attribute(entry.url)}" tabindex="-1">${entry.html}</a></li>`).join("") + html;
}

export async function search() {
  running?.abort();
  running = new AbortController();
  const url = new URL(dialog.dataset.url, window.location.href);
  url.searchParams.set("q", input.value.trim());
  try {
    const response = await fetch(url, { signal: running.signal, headers: { "HX-Request": "true" } });
    if (!response.ok || response.redirected) return false;
    list.innerHTML = withRecent(await response.text());
  } catch (error) {
    if (error.name !== "AbortError") list.innerHTML = withRecent("");
  }
  nothing.hidden = options.all().length > 0;
  options.choose(options.all()[0]);
}

function follow(option) {
  if (!option) return;
  remember(option);
  dialog.close();
  if (option.hasAttribute("data-dialog")) load(option.dataset.dialog || option.getAttribute("href"));
  else visit(option.getAttribute("href"));
}

input.addEventListener("input", () => options.typed(110));
input.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") options.move(1);
  else if (event.key === "ArrowUp") options.move(-1);
  else if (event.key === "Enter") options.take(follow);
  else return;
  event.preventDefault();
});
list.addEventListener("click", (event) => {
  const option = event.target.closest('[role="option"]');
  if (!option || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  follow(option);
});
list.addEventListener("mousemove", (event) => {
  const option = event.target.closest('[role="option"]');
  if (option && option !== options.current()) options.choose(option);
});
dialog.addEventListener("close", () => {
  options.forget();
  running?.abort();
  input.value = "";
  list.replaceChildren();
  nothing.hidden = true;
});
