/* The card of the tour: it marks what it speaks of, takes the focus when one goes on, and Esc puts it away. */

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** A selector may name several things; what is seen first is meant. */
function shown(selector) {
  if (!selector) return null;
  return [...document.querySelectorAll(selector)].find((element) => element.getClientRects().length > 0) ?? null;
}

function unmark() {
  document.querySelectorAll(".is-toured").forEach((element) => element.classList.remove("is-toured"));
}

export function mount(card) {
  const title = card.querySelector("[data-tour-title]");
  const there = card.querySelector("[data-tour-there]");
  const path = new URL(card.dataset.path, window.location.href);

  /** Mark what the card speaks of; away from its page the card offers the way there. */
  function mark({ reveal = false } = {}) {
    unmark();
    if (!card.isConnected) return;
    const here = window.location.pathname === path.pathname;
    there.hidden = here;
    const target = here ? shown(card.dataset.show) : null;
    target?.classList.add("is-toured");
    if (reveal) target?.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
  }

  const arrived = window.location.hash === "#tour";
  if (arrived) {
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
    title.focus({ preventScroll: true });
  }
  mark({ reveal: arrived });

  const again = (event) => {
    if (!card.isConnected) { unmark(); document.removeEventListener("htmx:after:swap", again); return; }
    if (event.detail.ctx.target?.id === "main") mark();
  };
  document.addEventListener("htmx:after:swap", again);

  card.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    card.querySelector("[data-tour-leave]").click();
  });
  card.querySelector("[data-tour-leave]").addEventListener("htmx:after:request", () => {
    unmark();
    document.getElementById("main")?.focus({ preventScroll: true });
  });
}
