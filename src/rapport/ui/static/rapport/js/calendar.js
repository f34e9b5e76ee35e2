/* A calendar of people: own entries move by drag and by keys, a click in an empty half hour makes something there. */

import { load } from "./dialogs.js";
import { csrf, text } from "./texts.js";
import { toast } from "./toast.js";
import { visit } from "./requests.js";

const SLOT = 30;
const pad = (number) => String(number).padStart(2, "0");
const clock = (minutes) => `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;

/** The day that lies `by` days after an ISO day. */
function shifted(day, by) {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + by);
  return date.toISOString().slice(0, 10);
}

export function mount(root) {
  const calendar = root.querySelector("[data-calendar]");
  const opens = Number(calendar?.dataset.opens ?? 0) * 60;
  const rows = Number(calendar?.dataset.rows ?? 0);
  let dragged = null;

  const dayOf = (element) => element.closest("[data-drop]")?.dataset.drop;
  const isMonth = () => Boolean(root.querySelector(".calendar-grid"));

  /** The half hour of a week under a point, in minutes of the day; null elsewhere. */
  function minutesAt(slots, y) {
    if (!slots || !rows || getComputedStyle(slots).display !== "grid") return null;
    const box = slots.getBoundingClientRect();
    const row = Math.floor(((y - box.top) / box.height) * rows);
    return opens + Math.max(0, Math.min(rows - 1, row)) * SLOT;
  }

  async function save(entry, day, time = "") {
    const body = new FormData();
    body.set("entry", entry.dataset.entry);
    body.set("day", day);
    body.set("time", time);
    entry.classList.add("is-saving");
    let answer = { ok: false, status: 0, json: { error: text("offline") } };
    try {
      const response = await fetch(root.dataset.moves, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": csrf() } });
      const json = response.headers.get("content-type")?.includes("json") ? await response.json() : {};
      answer = { ok: response.ok && !response.redirected, status: response.status, json };
    } catch { /* told below */ }
    entry.classList.remove("is-saving");
    if (!answer.ok) {
      toast({ level: "error", text: answer.json.error ?? text(answer.status >= 500 ? "failed" : answer.status === 404 ? "gone" : "refused") });
      return;
    }
    if (!answer.json.text) return;
    toast({ level: "success", text: answer.json.text, undo: answer.json.undo });
    const [layer, key] = entry.dataset.entry.split(":");
    const focused = entry === document.activeElement;
    await visit(window.location.pathname + window.location.search, { push: "false", keepScroll: true });
    if (focused) document.querySelector(`[data-entry^="${CSS.escape(`${layer}:${key}`)}:"]`)?.focus();
  }

  root.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-entry]");
    if (dragged) { event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", dragged.href); }
  });
  root.addEventListener("dragover", (event) => {
    const place = dragged && event.target.closest("[data-drop]");
    if (!place) return;
    event.preventDefault();
    root.querySelectorAll(".is-target").forEach((other) => other !== place && other.classList.remove("is-target"));
    place.classList.add("is-target");
  });
  root.addEventListener("dragend", () => {
    root.querySelectorAll(".is-target").forEach((place) => place.classList.remove("is-target"));
    dragged = null;
  });
  root.addEventListener("drop", (event) => {
    const place = dragged && event.target.closest("[data-drop]");
    if (!place) return;
    event.preventDefault();
    const timed = dragged.closest(".week-slots");
    const minutes = timed ? minutesAt(event.target.closest(".week-slots"), event.clientY) : null;
    save(dragged, place.dataset.drop, minutes === null ? "" : clock(minutes));
  });

  root.addEventListener("keydown", (event) => {
    const entry = event.target.closest("[data-entry]");
    if (!entry || !(event.ctrlKey || event.altKey) || event.shiftKey || event.metaKey) return;
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    const slot = entry.closest(".week-slots > li");
    if (!dx && !dy) return;
    event.preventDefault();
    if (dx) { save(entry, shifted(dayOf(entry), dx)); return; }
    if (isMonth()) { save(entry, shifted(dayOf(entry), 7 * dy)); return; }
    if (!slot) return;
    const now = opens + (parseInt(getComputedStyle(slot).gridRowStart, 10) - 1) * SLOT;
    const next = now + dy * SLOT;
    if (next >= 0 && next < 24 * 60) save(entry, dayOf(entry), clock(next));
  });

  root.addEventListener("click", (event) => {
    const slots = event.target.matches("[data-slots]") ? event.target : null;
    const minutes = slots?.dataset.slots ? minutesAt(slots, event.clientY) : null;
    if (minutes === null) return;
    const url = new URL(slots.dataset.slots, window.location.href);
    url.searchParams.set("time", clock(minutes));
    load(url.pathname + url.search);
  });
}
