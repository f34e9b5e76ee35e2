/* How htmx asks and what becomes of the answers: token, loading line, errors, navigation inside the frame. */

import { csrf, text } from "./texts.js";
import { toast } from "./toast.js";

const root = document.documentElement;
let pending = 0;
let shown = document.getElementById("main")?.dataset.path;

const isMain = (ctx) => ctx.target?.id === "main";

document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (!/^(GET|HEAD)$/.test(request.method)) request.headers["X-CSRFToken"] = csrf();
});

document.addEventListener("htmx:before:request", (event) => {
  pending += 1;
  event.detail.ctx.counted = true;
  root.classList.add("is-loading");
});
document.addEventListener("htmx:finally:request", (event) => {
  if (!event.detail.ctx.counted) return;
  pending -= 1;
  if (!pending) root.classList.remove("is-loading");
});

/* A file or another kind of document goes to the browser, not into the page. */
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  const { raw, headers } = ctx.response;
  const type = headers.get("content-type") ?? "text/html";
  const attached = (headers.get("content-disposition") ?? "").startsWith("attachment");
  if (raw.status < 400 && raw.status !== 204 && ctx.request.method === "GET" && (attached || !type.startsWith("text/html"))) {
    event.preventDefault();
    window.location.assign(ctx.request.action);
  }
});

/** What a page of an error says: what is wrong, what to do, and its number. */
function said(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return [...page.querySelectorAll("main h1, main p")].map((part) => part.textContent.trim().replace(/[^.!?]$/, "$&.")).join(" ");
}

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const { status, raw } = ctx.response;
  const head = ctx.text.slice(0, 600);
  const bare = head.includes('data-layout="bare"');
  const going = isMain(ctx) && ctx.request.method === "GET";
  if (bare && status >= (going ? 500 : 400)) {
    /* The page stays, with all that was typed on it. */
    event.preventDefault();
    ctx.told = true;
    toast({ level: "error", text: said(ctx.text) || text(status >= 500 ? "failed" : "refused") });
  } else if (bare) {
    event.preventDefault();
    const replay = ctx.request.method === "GET" || raw.redirected;
    window.location.assign(replay ? raw.url : window.location.href);
  } else if (isMain(ctx) && /<html/i.test(head)) {
    ctx.select = "#main";
  } else if (!isMain(ctx) && [401, 403, 404, 405, 410, 429].includes(status)) {
    event.preventDefault();
    toast({ level: "error", text: text(status === 404 || status === 410 ? "gone" : "refused") });
  } else if (isMain(ctx) && status === 429) {
    event.preventDefault();
    toast({ level: "error", text: text("refused") });
  }
});

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status >= 500 && !ctx.told) toast({ level: "error", text: text("failed") });
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.error instanceof TypeError || event.detail.ctx?.request?.signal?.reason === "timeout") {
    toast({ level: "error", text: text("offline") });
  }
});

/** Show which entry of the navigation the address belongs to: the one with the longest matching path. */
function markCurrent(path) {
  const links = [...document.querySelectorAll("[data-nav] a")];
  const fits = (link) => link.pathname === path || (link.pathname !== "/" && path.startsWith(link.pathname.replace(/\/?$/, "/")));
  const best = links.filter(fits).sort((a, b) => b.pathname.length - a.pathname.length)[0];
  links.forEach((link) => (link === best ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current")));
  best?.closest("details")?.setAttribute("open", "");
}

document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  if (!isMain(ctx)) return;
  const main = document.getElementById("main");
  markCurrent(main?.dataset.path || window.location.pathname);
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  document.querySelectorAll(".menu:popover-open, .side:popover-open").forEach((open) => open.hidePopover());
  const elsewhere = ctx.request.method === "GET" ? ctx.push !== "false" : ctx.response?.raw.redirected && shown !== main?.dataset.path;
  shown = main?.dataset.path;
  if (elsewhere && !ctx.keepScroll) {
    window.scrollTo(0, 0);
    main?.focus({ preventScroll: true });
  }
  const wrong = main?.querySelector("[data-error-summary]");
  if (wrong) { wrong.focus({ preventScroll: true }); wrong.scrollIntoView({ block: "center" }); }
});

/** Go to an address inside the frame. */
export function visit(url, options = {}) {
  if (!window.htmx || !document.getElementById("main")) { window.location.assign(url); return Promise.resolve(); }
  return window.htmx.ajax("GET", url, { target: "#main", swap: "outerHTML show:none", push: "true", headers: { "HX-Target": "main#main" }, ...options });
}

/* HX-Trigger: main:refresh — the page shows again what it shows, unless somebody is writing on it. */
document.addEventListener("main:refresh", () => document.querySelector("main form[data-guard][data-dirty]") || visit(window.location.pathname + window.location.search, { push: "false", keepScroll: true }));
