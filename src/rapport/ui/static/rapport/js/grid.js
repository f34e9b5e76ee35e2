/* A table that is filled in by keyboard. Enter goes to the next cell and adds a row past the end, Ctrl+Delete removes
   the row. After a change the server reckons: `[data-sums]` is asked by the event "reckon", and its answer holds what
   goes into the rows. Without scripts the last row is empty and the form is sent as any other. */

export function mount(form) {
  const body = form.querySelector("tbody");
  const template = form.querySelector("template");
  const sums = form.querySelector("[data-sums]");
  const add = form.querySelector("[data-add]");
  const chosen = form.querySelector("[data-chosen]");
  const rows = () => [...body.children];
  const cells = (row) => [...row.querySelectorAll("input:not([type=hidden]), select")];
  let next = rows().length, timer;

  function create() {
    const row = template.content.firstElementChild.cloneNode(true);
    for (const element of [row, ...row.querySelectorAll("*")]) {
      for (const { name, value } of [...element.attributes]) {
        if (value.includes("__i__")) element.setAttribute(name, value.replace("__i__", next));
      }
    }
    next += 1;
    body.append(row);
    row.dispatchEvent(new CustomEvent("ui:mount", { bubbles: true }));
    cells(row)[0].focus();
  }
  function remove(row) {
    const near = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    if (near) cells(near)[0].focus();
    else create();
    form.dispatchEvent(new Event("input", { bubbles: true }));
    reckon();
  }
  function reckon(row = "") {
    clearTimeout(timer);
    if (row) chosen.value = row;
    timer = setTimeout(() => sums.dispatchEvent(new CustomEvent("reckon")), row ? 0 : 250);
  }

  form.addEventListener("keydown", (event) => {
    const row = event.target.closest("tr");
    if (!row || event.defaultPrevented) return;
    if (event.key === "Delete" && event.ctrlKey) {
      event.preventDefault();
      remove(row);
    } else if (event.key === "Enter" && event.target.matches("input, select") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const all = rows().flatMap(cells);
      const following = all[all.indexOf(event.target) + 1];
      if (following) { following.focus(); following.select?.(); }
      else create();
    }
  });
  form.addEventListener("input", (event) => { if (event.target.closest("tbody")) reckon(); });
  form.addEventListener("change", (event) => {
    const row = event.target.closest("tr");
    if (row) reckon(event.target.matches("[data-brings]") && event.target.value ? row.dataset.row : "");
  });
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-remove-line]")) remove(event.target.closest("tr"));
    else if (event.target.closest("[data-add]")) create();
  });

  /* What the server reckoned: nets and errors of the rows, and the cells that follow from a choice. */
  form.addEventListener("htmx:after:swap", () => {
    const answers = sums.querySelector("[data-answers]");
    if (!answers) return;
    chosen.value = "";
    const by = Object.fromEntries(rows().map((row) => [row.dataset.row, row]));
    for (const { dataset } of answers.querySelectorAll("[data-for]")) {
      const row = by[dataset.for];
      if (!row) continue;
      row.querySelector("[data-net]").textContent = dataset.net;
      const error = row.querySelector("[data-error]");
      error.textContent = dataset.error;
      error.hidden = !dataset.error;
    }
    const fill = answers.querySelector("[data-fill]");
    for (const { name, value } of fill && by[fill.dataset.fill] ? fill.attributes : []) {
      const field = name.startsWith("data-value-") && value && form.elements[`${fill.dataset.fill}-${name.slice(11).replace("-", "_")}`];
      if (field) field.value = value;
    }
    answers.remove();
  });
  if (add) add.hidden = false;
}
