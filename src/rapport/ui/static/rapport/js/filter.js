/* The filter builder: edits {"all": […]}, {"any": […]}, {"not": …} over {field, op, value} and keeps it in a hidden input. */

import { icon, make, text } from "./texts.js";
import { complete, valueEditor } from "./filter-values.js";

const MODES = { all: "all", any: "any", none: "none" };

/** The tree that is edited: groups {mode, items} and rules {field, op, value}. */
function parse(filter) {
  if (!filter || !Object.keys(filter).length) return { mode: "all", items: [] };
  if ("field" in filter) return { ...filter };
  const keys = Object.keys(filter);
  if (keys.length > 1) return { mode: "all", items: keys.map((key) => parse({ [key]: filter[key] })) };
  if ("not" in filter) {
    const inner = parse(filter.not);
    return inner.mode === "any" ? { mode: "none", items: inner.items } : { mode: "none", items: [inner] };
  }
  const mode = "any" in filter ? "any" : "all";
  return { mode, items: filter[mode].map(parse) };
}

function group(filter) {
  const tree = parse(filter);
  return tree.mode ? tree : { mode: "all", items: [tree] };
}

/** The tree as a filter; rules that are not complete are left out. */
function write(node, fields) {
  if (!node.mode) return complete(node, fields, writeGroup) ? rule(node, fields) : null;
  const items = node.items.map((item) => write(item, fields)).filter(Boolean);
  if (!items.length) return null;
  if (node.mode === "none") return { not: items.length === 1 ? items[0] : { any: items } };
  return items.length === 1 && !("field" in items[0]) ? items[0] : { [node.mode]: items };
}
const writeGroup = (tree, fields) => write(tree, fields) ?? {};

function rule(node, fields) {
  const field = fields.find((f) => f.name === node.field);
  const operator = field.operators.find((o) => o.key === node.op);
  if (operator.arity === "none" || operator.arity === 0) return { field: node.field, op: node.op };
  if (operator.arity === "filter") return { field: node.field, op: node.op, value: writeGroup(node.tree, field.fields) };
  if (operator.arity === "count") return { field: node.field, op: node.op, value: { count: node.value?.count ?? 1, where: writeGroup(node.tree, field.fields) } };
  return { field: node.field, op: node.op, value: node.value };
}

export function mount(editor) {
  const spec = JSON.parse(editor.querySelector("[data-filter-spec]").textContent);
  const output = editor.querySelector(`input[name="${editor.dataset.name}"]`);
  const root = editor.querySelector("[data-filter-root]");
  let tree = group(output.value ? JSON.parse(output.value) : null);

  function store() {
    const filter = write(tree, spec.fields);
    output.value = filter ? JSON.stringify(filter) : "";
    output.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function redraw(focus) {
    root.replaceChildren(drawGroup(tree, spec.fields, null));
    store();
    if (focus) root.querySelector(`[data-focus="${focus}"]`)?.focus();
  }

  function drawGroup(node, fields, remove) {
    const mode = make("select", { class: "form-select", "aria-label": text("operator") },
      ...Object.keys(MODES).map((key) => make("option", { value: key, selected: key === node.mode }, text(key))));
    mode.addEventListener("change", () => { node.mode = mode.value; store(); });
    const body = node.items.map((item, i) => {
      const drop = () => { node.items.splice(i, 1); redraw(); };
      return item.mode ? drawGroup(item, fields, drop) : drawRule(item, fields, drop);
    });
    const add = button("plus", text("addCondition"), () => { node.items.push(fresh(fields)); redraw("last"); });
    const nest = button("braces", text("addGroup"), () => { node.items.push({ mode: node.mode === "any" ? "all" : "any", items: [fresh(fields)] }); redraw("last"); });
    const head = make("div", { class: "filter-head" }, mode, add, nest);
    if (remove) head.append(removeButton(remove));
    return make("div", { class: "filter-group", role: "group", "aria-label": text(node.mode) }, head,
      ...(body.length ? body : [make("div", { class: "filter-none" }, text("emptyFilter"))]));
  }

  function drawRule(node, fields, remove) {
    const field = fields.find((f) => f.name === node.field) ?? fields[0];
    if (!field.operators.some((o) => o.key === node.op)) node.op = field.operators[0].key;
    const which = fieldSelect(fields, node.field);
    which.addEventListener("change", () => { Object.assign(node, fresh(fields, which.value)); redraw("last"); });
    const how = make("select", { class: "form-select", "aria-label": text("operator") },
      ...field.operators.map((o) => make("option", { value: o.key, selected: o.key === node.op }, o.label)));
    how.addEventListener("change", () => {
      const arity = (key) => field.operators.find((o) => o.key === key).arity;
      if (arity(how.value) !== arity(node.op)) { delete node.value; delete node.tree; }
      node.op = how.value;
      redraw();
    });
    const operator = field.operators.find((o) => o.key === node.op);
    const row = make("div", { class: "filter-row" }, which, how, valueEditor(node, field, operator, store), removeButton(remove));
    if (operator.arity === "filter" || operator.arity === "count") {
      const where = operator.arity === "count" ? node.value?.where : node.value;
      node.tree ??= group(where);
      row.append(make("div", { class: "filter-nested" }, drawGroup(node.tree, field.fields, null)));
    }
    which.dataset.focus = "last";
    return row;
  }

  editor.closest("form")?.addEventListener("click", (event) => {
    if (!event.target.closest("[data-filter-clear]")) return;
    tree = group(null);
    redraw();
  });
  redraw();
}

function fresh(fields, name = fields[0].name) {
  const field = fields.find((f) => f.name === name);
  return { field: name, op: field.operators[0].key, value: undefined, tree: undefined };
}

function fieldSelect(fields, chosen) {
  const select = make("select", { class: "form-select", "aria-label": text("field") });
  const groups = new Map();
  for (const field of fields) {
    const option = make("option", { value: field.name, selected: field.name === chosen }, field.label);
    if (!field.group) { select.append(option); continue; }
    if (!groups.has(field.group)) { groups.set(field.group, make("optgroup", { label: field.group })); select.append(groups.get(field.group)); }
    groups.get(field.group).append(option);
  }
  return select;
}

function button(symbol, label, act) {
  const element = make("button", { type: "button", class: "btn btn-quiet btn-sm" }, icon(symbol), make("span", {}, label));
  element.addEventListener("click", act);
  return element;
}

function removeButton(act) {
  const element = make("button", { type: "button", class: "btn btn-quiet btn-icon btn-sm", "aria-label": text("removeCondition"), title: text("removeCondition") }, icon("x"));
  element.addEventListener("click", act);
  return element;
}
