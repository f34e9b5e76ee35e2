/* The value of one condition: an input for each kind of field and each number of operands. */

import { make, text } from "./texts.js";

const TYPES = { number: "number", decimal: "number", percent: "number", date: "date", datetime: "date", email: "text", phone: "text" };
const NUMERIC = new Set(["number", "decimal", "percent", "formula", "rollup"]);

const none = (operator) => operator.arity === "none" || operator.arity === 0;
const filled = (value) => value !== undefined && value !== null && value !== "";

/** Whether a condition says enough to be sent. */
export function complete(node, fields) {
  const field = fields.find((f) => f.name === node.field);
  const operator = field?.operators.find((o) => o.key === node.op);
  if (!operator) return false;
  if (none(operator) || operator.arity === "filter" || operator.arity === "count") return true;
  if (operator.arity === "many") return Array.isArray(node.value) && node.value.length > 0;
  if (operator.arity === "two" || operator.arity === 2) return Array.isArray(node.value) && node.value.length === 2 && node.value.every(filled);
  if (node.value && typeof node.value === "object" && "amount" in node.value) return filled(node.value.amount);
  return filled(node.value);
}

/** The element that edits `node.value`; calls `changed` after each change. */
export function valueEditor(node, field, operator, changed) {
  const cell = make("div", { class: "filter-value" });
  const put = (value) => { node.value = value; changed(); };
  if (none(operator) || operator.arity === "filter") return cell;
  if (operator.arity === "count") {
    node.value ??= { count: 1 };
    cell.append(line("number", node.value.count, (v) => put({ ...node.value, count: Math.max(0, Math.trunc(v) || 0) }), text("quantity")));
  } else if (operator.arity === "period") cell.append(period(node, field, operator, put));
  else if (operator.arity === "days") cell.append(line("number", node.value, (v) => put(v === "" ? undefined : Math.trunc(v)), text("days")), make("span", { class: "filter-word" }, text("days")));
  else if (operator.arity === "two" || operator.arity === 2) {
    const pair = Array.isArray(node.value) ? [...node.value] : [undefined, undefined];
    const set = (i) => (value) => { pair[i] = value; put([...pair]); };
    cell.append(single(field, pair[0], set(0)), make("span", { class: "filter-word" }, text("to")), single(field, pair[1], set(1)));
  } else if (operator.arity === "many") cell.append(several(node, field, put));
  else cell.append(single(field, node.value, put));
  return cell;
}

function line(type, value, put, label = text("value")) {
  const input = make("input", { class: "form-control", type, value: filled(value) ? String(value) : "", "aria-label": label, step: type === "number" ? "any" : null, maxlength: type === "text" ? "200" : null });
  input.addEventListener("input", () => put(type === "number" && input.value !== "" ? Number(input.value) : input.value));
  return input;
}

function select(choices, value, put, label = text("value")) {
  const element = make("select", { class: "form-select", "aria-label": label },
    make("option", { value: "" }, text("choose")),
    ...choices.map((c) => make("option", { value: String(c.value), selected: String(c.value) === String(value ?? "") }, c.label)));
  element.addEventListener("change", () => put(element.value === "" ? undefined : element.value));
  return element;
}

function single(field, value, put) {
  if (field.search_url) return reference(field, value === undefined ? [] : [value], false, put);
  if (field.choices?.length) return select(field.choices, value, put);
  if (field.kind === "boolean") return select([{ value: "true", label: text("yes") }, { value: "false", label: text("no") }], value, (v) => put(v === undefined ? undefined : v === "true"));
  if (field.kind === "money") return money(field, value, put);
  return line(NUMERIC.has(field.kind) ? "number" : (TYPES[field.kind] ?? "text"), value, put);
}

function money(field, value, put) {
  const now = { amount: value?.amount ?? "", currency: value?.currency ?? field.currencies?.[0] ?? "EUR" };
  const set = (part) => (v) => { now[part] = v; put({ ...now }); };
  const amount = line("number", now.amount, (v) => set("amount")(String(v)));
  const currency = select((field.currencies ?? [now.currency]).map((code) => ({ value: code, label: code })), now.currency, set("currency"), text("unit"));
  currency.firstElementChild.remove();
  return make("div", { class: "input-pair" }, amount, currency);
}

function several(node, field, put) {
  const values = Array.isArray(node.value) ? node.value.map(String) : [];
  if (field.search_url) return reference(field, node.value ?? [], true, put);
  if (!field.choices?.length) {
    const input = line("text", values.join(", "), (v) => put(v.split(",").map((part) => part.trim()).filter(Boolean).map((part) => (NUMERIC.has(field.kind) ? Number(part) : part))));
    return input;
  }
  const chips = make("div", { class: "chips-choice", role: "group", "aria-label": text("value") });
  for (const choice of field.choices) {
    const box = make("input", { type: "checkbox", value: String(choice.value) });
    box.checked = values.includes(String(choice.value));
    box.addEventListener("change", () => put([...chips.querySelectorAll("input:checked")].map((b) => b.value)));
    chips.append(make("label", { class: `chip-choice tone-${choice.tone ?? "blue"}` }, box, make("span", {}, choice.label)));
  }
  return chips;
}

/** A combobox as in forms; `field.labels` names the ids that are chosen already. */
function reference(field, values, many, put) {
  const id = `fv-${Math.random().toString(36).slice(2, 9)}`;
  const label = (value) => field.labels?.[value] ?? String(value);
  const box = make("div", { class: `combo${many ? " combo-many form-control" : ""}`, "data-combobox": true, "data-many": many, "data-url": field.search_url, "data-name": id });
  if (many) for (const value of values) box.append(make("span", { class: "chip tone-neutral", "data-chip": true }, make("span", {}, label(value)), make("input", { type: "hidden", value: String(value) }), make("button", { type: "button", "data-remove": true, "aria-label": text("remove", { label: label(value) }) }, "×")));
  else box.append(make("input", { type: "hidden", "data-value": true, value: values.length ? String(values[0]) : "" }));
  box.append(
    make("input", { class: many ? null : "form-control", type: "text", role: "combobox", id, "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": `${id}-list`, "aria-label": field.label, autocomplete: "off", value: many || !values.length ? "" : label(values[0]) }),
    make("div", { class: "combo-pop", popover: "manual" }, make("ul", { class: "combo-list", id: `${id}-list`, role: "listbox", "aria-label": field.label })));
  const typed = (value) => (/^\d+$/.test(value) ? Number(value) : value);
  box.addEventListener("change", () => {
    const now = [...box.querySelectorAll("input[type=hidden]")].map((input) => input.value).filter(Boolean).map(typed);
    put(many ? now : now[0]);
  });
  requestAnimationFrame(() => box.dispatchEvent(new Event("ui:mount", { bubbles: true })));
  return box;
}

/** A named period, or so many days back or ahead; `operator.values` lists the names with labels. */
function period(node, field, operator, put) {
  const rolling = /^(last|next)_(\d+)_days$/.exec(node.value ?? "");
  const choices = [...(operator.values ?? field.periods ?? [])];
  if (rolling && !choices.some((c) => c.value === node.value)) choices.push({ value: node.value, label: `${rolling[1]} ${rolling[2]} ${text("days")}` });
  return select(choices, node.value, put);
}
