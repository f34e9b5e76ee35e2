/* The command palette: what the server finds, and what was opened from here before. */

import { text } from "./texts.js";
import { visit } from "./requests.js";
import { load } from "./dialogs.js";

const dialog = document.getElementById("palette");
const input = dialog.querySelector("input");
const list = dialog.querySelector("ul");
const nothing = dialog.querySelector(".palette-none");
const KEY = `rapport.opened.${dialog.dataset.user}`;
const KEEP = 5;
let timer, running;

const options = () => [...list.querySelectorAll('[role="option"]')];
const current = () => list.querySelector('[aria-selected="true"]');

function choose(option) {
  current()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option?.id) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
}

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
    if (!response.ok || response.redirected) return;
    list.innerHTML = withRecent(await response.text());
  } catch (error) {
    if (error.name !== "AbortError") list.innerHTML = withRecent("");
  }
  nothing.hidden = options().length > 0;
  choose(options()[0]);
}

function follow(option) {
  if (!option) return;
  remember(option);
  dialog.close();
  if (option.hasAttribute("data-dialog")) load(option.dataset.dialog || option.getAttribute("href"));
  else visit(option.getAttribute("href"));
}

input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 110); });
input.addEventListener("keydown", (event) => {
  const all = options();
  const at = all.indexOf(current());
  if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
  else if (event.key === "ArrowUp") choose(all[(at - 1 + all.length) % all.length]);
  else if (event.key === "Enter") follow(current());
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
  if (option && option !== current()) choose(option);
});
dialog.addEventListener("close", () => {
  clearTimeout(timer);
  running?.abort();
  input.value = "";
  list.replaceChildren();
  nothing.hidden = true;
});
