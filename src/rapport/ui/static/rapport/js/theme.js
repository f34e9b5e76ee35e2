/* Light, dark or as the system: kept in a cookie, so that the server renders the right one at once. */

import { text } from "./texts.js";

const ORDER = ["auto", "light", "dark"];
const NAMES = { auto: "themeAuto", light: "themeLight", dark: "themeDark" };
const root = document.documentElement;

const now = () => (ORDER.includes(root.dataset.theme) ? root.dataset.theme : "auto");

function apply(theme) {
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  document.querySelectorAll("[data-theme-switch]").forEach((button) => { button.title = text(NAMES[theme]); });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-switch]")) apply(ORDER[(ORDER.indexOf(now()) + 1) % ORDER.length]);
});
document.querySelectorAll("[data-theme-switch]").forEach((button) => { button.title = text(NAMES[now()]); });
