/* Turns messages to this browser on and off. */

import { csrf, text } from "./texts.js";
import { toast } from "./toast.js";
import { visit } from "./requests.js";

const able = window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function bytes(key) {
  const raw = atob(key.replaceAll("-", "+").replaceAll("_", "/").padEnd(Math.ceil(key.length / 4) * 4, "="));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

const same = (key, other) => Boolean(other) && new Uint8Array(other).every((byte, at) => byte === key[at]);

async function post(url, fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const response = await fetch(url, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": csrf() } });
  if (response.ok && !response.redirected) return;
  const json = response.headers.get("content-type")?.includes("json") ? await response.json() : {};
  throw new Error(json.error ?? text("failed"));
}

export async function mount(box) {
  const { dataset } = box;
  const [on, off] = [box.querySelector("[data-push-on]"), box.querySelector("[data-push-off]")];
  const note = (name) => box.querySelectorAll("[data-push-note]").forEach((line) => { line.hidden = line.dataset.pushNote !== name; });
  const key = bytes(dataset.key);

  async function registration() {
    await navigator.serviceWorker.register(dataset.worker, { scope: "/" });
    return navigator.serviceWorker.ready;
  }

  async function show() {
    if (!able) { note("unable"); return; }
    if (Notification.permission === "denied") { note("denied"); return; }
    const known = await navigator.serviceWorker.getRegistration("/");
    const subscription = await known?.pushManager.getSubscription();
    const active = Boolean(subscription) && same(key, subscription.options.applicationServerKey) && dataset.known.split(" ").includes(await digest(subscription.endpoint));
    on.hidden = active;
    off.hidden = !active;
    note(active ? "on" : "off");
  }

  async function digest(endpoint) {
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
    return [...new Uint8Array(hash)].slice(0, 8).map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function turnOn() {
    if (await Notification.requestPermission() !== "granted") { await show(); return; }
    const ready = await registration();
    const old = await ready.pushManager.getSubscription();
    if (old && !same(key, old.options.applicationServerKey)) await old.unsubscribe();
    const subscription = await ready.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    await post(dataset.add, { subscription: JSON.stringify(subscription) });
  }

  async function turnOff() {
    const known = await navigator.serviceWorker.getRegistration("/");
    const subscription = await known?.pushManager.getSubscription();
    if (!subscription) return;
    await post(dataset.remove, { endpoint: subscription.endpoint });
    await subscription.unsubscribe();
  }

  async function act(button, what) {
    button.disabled = true;
    try {
      await what();
      await visit(window.location.pathname + window.location.search, { push: "false", keepScroll: true });
    } catch (error) {
      toast({ level: "error", text: error.name === "Error" ? error.message : dataset.failed });
    }
    button.disabled = false;
  }

  on.addEventListener("click", () => act(on, turnOn));
  off.addEventListener("click", () => act(off, turnOff));
  await show();
}
