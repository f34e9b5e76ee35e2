/* What modules say, in the reader's language: the page carries the words. */

const words = JSON.parse(document.getElementById("ui-texts")?.textContent ?? "{}");

/** The text of `key`; `{name}` is replaced by the values. */
export function text(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** An element made of a tag, properties and children: text is never parsed as HTML. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const sprite = document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0] ?? "";

/** An icon of the sprite that the page uses already. */
export function icon(name, css = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `icon ${css}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#tabler-${name}`);
  svg.append(use);
  return svg;
}

export const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";
