/* Rows of contact points: add and remove in place. The server renders one empty row, so all of it works without scripts. */

export function mount(group) {
  const template = group.querySelector("template");
  const add = group.querySelector("[data-add]");
  const rows = () => [...group.querySelectorAll("[data-row]")];
  let next = rows().length;

  function create() {
    const row = template.content.firstElementChild.cloneNode(true);
    for (const element of [row, ...row.querySelectorAll("*")]) {
      for (const name of ["name", "id", "value", "aria-label"]) {
        const value = element.getAttribute(name);
        if (value?.includes("__i__")) element.setAttribute(name, value.replace("__i__", next));
      }
    }
    next += 1;
    template.before(row);
    row.querySelector("input").focus();
  }

  add.hidden = false;
  add.addEventListener("click", create);
  if (rows().length > 1 && !rows().at(-1).querySelector("input").value) rows().at(-1).remove();
  group.addEventListener("change", (event) => {
    const row = event.target.closest("[data-row]");
    if (!event.target.closest("[data-remove-row]") || row.querySelector('input[name$="-id"]')) return;
    const primary = row.querySelector("input[type=radio]").checked;
    if (rows().length > 1) row.remove();
    else { row.querySelector("input").value = ""; event.target.checked = false; }
    if (primary) rows()[0].querySelector("input[type=radio]").checked = true;
    (rows().at(-1) ?? add).querySelector?.("input")?.focus();
    group.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
