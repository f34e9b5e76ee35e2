/* The composer: one form at a time, chosen by tabs; it empties itself when the server has taken it.
   Only the first form comes with the page; another is fetched when its tab is first chosen (hx-trigger="wanted once"). */

export function mount(composer) {
  const tabs = [...composer.querySelectorAll('[role="tab"]')];

  function select(tab, focus = false) {
    for (const other of tabs) {
      const on = other === tab;
      other.setAttribute("aria-selected", String(on));
      other.tabIndex = on ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !on;
    }
    const panel = document.getElementById(tab.getAttribute("aria-controls"));
    if (focus && !enter(panel)) entered = panel;
    panel.dispatchEvent(new CustomEvent("wanted"));
  }

  /** Put the focus into the form of a panel; false when it is not there yet. */
  function enter(panel) {
    const field = panel.querySelector("textarea, input:not([type=hidden])");
    field?.focus();
    return Boolean(field);
  }
  let entered;
  composer.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.target !== entered) return;
    enter(entered);
    entered = undefined;
  });

  composer.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab) select(tab, true);
  });
  composer.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(event.target);
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (at < 0 || !by) return;
    event.preventDefault();
    const tab = tabs[(at + by + tabs.length) % tabs.length];
    select(tab);
    tab.focus();
  });
  /* Other parts of the page open a kind: <button data-compose="call"> */
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-compose]");
    const tab = opener && composer.isConnected && document.getElementById(`compose-${opener.dataset.compose}-tab`);
    if (!tab) return;
    event.preventDefault();
    select(tab, true);
    composer.scrollIntoView({ block: "center" });
  });
  /* HX-Trigger: composer:done */
  composer.addEventListener("composer:done", (event) => {
    const form = event.target.closest("form");
    form?.reset();
    const token = form?.querySelector('input[name="submission"]');
    if (token) token.value = `${token.value.split("~")[0]}~${Date.now().toString(36)}`;
  });
}
