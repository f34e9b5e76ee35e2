/* A board: cards move by drag, by menu and by keys; the server decides, and what it refuses goes back. */

import "../../vendor/sortable.min.js";
import { load } from "./dialogs.js";
import { openAt } from "./menu.js";
import { text } from "./texts.js";
import { toast } from "./toast.js";

const CARD = "[data-card]";

export function mount(board) {
  board.dataset.mounted = "";
  const lists = () => [...board.querySelectorAll("[data-cards]")];
  const cardsOf = (list) => [...list.querySelectorAll(CARD)];
  const columnOf = (element) => element.closest("[data-column]");
  const menu = board.querySelector("[data-move-menu]");
  const live = board.querySelector("[data-announce]");
  let moving = null;

  const announce = (message) => { live.textContent = ""; requestAnimationFrame(() => { live.textContent = message; }); };
  const where = (card) => ({ list: card.parentElement, before: nextCard(card) });
  const nextCard = (card) => { let next = card.nextElementSibling; while (next && !next.matches(CARD)) next = next.nextElementSibling; return next; };

  function put(card, { list, before }) {
    if (before?.parentElement === list) before.before(card);
    else (list.querySelector(".board-more") ?? null) ? list.querySelector(".board-more").before(card) : list.append(card);
  }

  function count(column, by) {
    const badge = column.querySelector("[data-count]");
    if (badge && /^\d+$/.test(badge.textContent)) badge.textContent = String(Number(badge.textContent) + by);
  }

  function settle(answer) {
    for (const fresh of answer.columns ?? []) {
      const column = board.querySelector(`[data-column="${CSS.escape(String(fresh.id))}"]`);
      if (!column) continue;
      if (fresh.count !== undefined) column.querySelector("[data-count]").textContent = fresh.count;
      if (fresh.total !== undefined) column.querySelector("[data-total]").textContent = fresh.total ?? "";
      if (fresh.total_title !== undefined) column.querySelector("[data-total]").title = fresh.total_title;
    }
  }

  async function post(card) {
    const body = new FormData();
    body.set("id", card.dataset.card);
    body.set("to", columnOf(card).dataset.column);
    body.set("before", nextCard(card)?.dataset.card ?? "");
    body.set("version", card.dataset.version);
    body.set("csrfmiddlewaretoken", board.dataset.csrf);
    const response = await fetch(board.dataset.moveUrl, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": board.dataset.csrf } });
    const json = response.headers.get("content-type")?.includes("json") ? await response.json() : {};
    return { ok: response.ok && !response.redirected, status: response.status, json };
  }

  /** `card` stands where it shall be; `from` is where it was. */
  async function save(card, from) {
    const [source, target] = [columnOf(from.list), columnOf(card)];
    const names = { card: card.dataset.title, column: target.dataset.title };
    if (source !== target) { count(source, -1); count(target, 1); }
    card.classList.add("is-saving");
    let answer;
    try { answer = await post(card); } catch { answer = { ok: false, status: 0, json: { error: text("offline") } }; }
    card.classList.remove("is-saving");
    if (answer.ok) {
      if (answer.json.version !== undefined) card.dataset.version = answer.json.version;
      settle(answer.json);
      announce(text("moved", names));
      if (answer.json.undo || answer.json.text) toast({ level: "success", text: answer.json.text ?? text("moved", names), undo: answer.json.undo });
      return;
    }
    put(card, from);
    if (source !== target) { count(source, 1); count(target, -1); }
    announce(text("notMoved", { card: names.card, column: source.dataset.title }));
    if (answer.json.dialog) { load(answer.json.dialog); return; }
    toast({ level: "error", text: answer.json.error ?? text(answer.status >= 500 ? "failed" : answer.status === 404 ? "gone" : "refused") });
  }

  function moveTo(card, list, before = cardsOf(list)[0] ?? null) {
    const from = where(card);
    if (from.list === list && from.before === before) return;
    put(card, { list, before });
    card.querySelector(".card-title").focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    save(card, from);
  }

  const locked = (list) => columnOf(list).dataset.locked !== undefined;

  if (board.dataset.moveUrl) {
    for (const list of lists()) {
      let from;
      window.Sortable.create(list, {
        group: { name: board.id, put: () => !locked(list) }, draggable: CARD, filter: "button", preventOnFilter: false, animation: 130,
        delay: 160, delayOnTouchOnly: true, ghostClass: "is-ghost", dragClass: "is-dragging", forceFallback: false,
        onStart: (event) => { from = where(event.item); },
        onMove: (event) => { lists().forEach((other) => columnOf(other).classList.toggle("is-target", other === event.to)); },
        onEnd: (event) => {
          lists().forEach((other) => columnOf(other).classList.remove("is-target"));
          if (event.from !== event.to || event.oldDraggableIndex !== event.newDraggableIndex) save(event.item, from);
        },
      });
    }
  }

  board.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) {
      moving = button.closest(CARD);
      const now = columnOf(moving).dataset.column;
      menu.querySelectorAll("[data-to]").forEach((item) => { item.hidden = item.dataset.to === now; });
      openAt(menu, button);
      return;
    }
    const choice = event.target.closest("[data-to]");
    if (choice && moving) moveTo(moving, lists().find((list) => columnOf(list).dataset.column === choice.dataset.to));
  });

  board.addEventListener("keydown", (event) => {
    const card = event.target.closest(CARD);
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
    if (!card || dx === undefined || event.target.closest(".menu") || event.shiftKey || event.metaKey) return;
    const all = lists();
    const column = all.indexOf(card.parentElement);
    const own = cardsOf(card.parentElement);
    const row = own.indexOf(card);
    event.preventDefault();
    if (event.ctrlKey || event.altKey) {
      if (!board.dataset.moveUrl) return;
      if (dx && all[column + dx] && !locked(all[column + dx])) moveTo(card, all[column + dx]);
      else if (dy && own[row + dy]) moveTo(card, card.parentElement, dy < 0 ? own[row - 1] : own[row + 2] ?? null);
      return;
    }
    let target = dy ? own[row + dy] : null;
    for (let next = column + dx; dx && !target && all[next]; next += dx) target = cardsOf(all[next])[Math.min(row, cardsOf(all[next]).length - 1)];
    target?.querySelector(".card-title").focus();
  });
}
