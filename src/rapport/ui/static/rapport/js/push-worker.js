/* Shows messages that are pushed, and opens what they lead to. Nothing is kept and nothing is fetched. */

function said(data) {
  try {
    const message = data?.json();
    return typeof message?.title === "string" ? message : null;
  } catch {
    return null;
  }
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const message = said(event.data);
  if (!message) return;
  const options = { tag: `${message.kind}:${message.url}`, data: { url: message.url } };
  event.waitUntil(self.registration.showNotification(message.title, options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url ?? "/", self.location.origin);
  if (url.origin !== self.location.origin) return;
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const same = open.find((client) => client.url === url.href);
    if (same) await same.focus();
    else await self.clients.openWindow(url.href);
  })());
});
