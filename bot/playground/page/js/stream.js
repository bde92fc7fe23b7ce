// The server's events. The page resumes behind the last one it saw; where the server cannot, it tells everything anew.

import { refreshAccount } from "./account.js";
import { changed, state, take, takeAll } from "./store.js";

let source = null;
let retry = null;
let last = "";

/** Listen as the chosen member; called again when the member or the language changes. */
export function listen({ afresh = false } = {}) {
  if (afresh) last = "";
  source?.close();
  clearTimeout(retry);
  const query = new URLSearchParams({ member: state.member, language: state.language, after: last });
  source = new EventSource(`/api/events?${query}`);
  source.addEventListener("open", () => online(true));
  on("snapshot", (messages) => {
    takeAll(messages);
    changed("messages");
    refreshAccount();
  });
  on("message", (message) => {
    take(message);
    changed("messages");
    if (!message.card?.progress) refreshAccount();
  });
  source.onerror = () => {
    online(false);
    // The browser gives up for good on some failures, so the page itself asks again.
    source.close();
    clearTimeout(retry);
    retry = setTimeout(listen, 1000);
  };
}

function on(name, handle) {
  source.addEventListener(name, (event) => {
    if (event.lastEventId) last = event.lastEventId;
    handle(JSON.parse(event.data));
  });
}

function online(value) {
  state.online = value;
  changed("online");
}
