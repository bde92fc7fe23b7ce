// What the page knows: preferences of this tab, and the messages as the server last told them.

const listeners = new Set();

const memory = (name, fallback) => localStorage.getItem(`threadreel.${name}`) ?? fallback;

export const state = {
  member: memory("member", "free"),
  language: memory("language", navigator.language.startsWith("ja") ? "ja" : "en"),
  theme: memory("theme", ""),
  channel: memory("channel", "reels"),
  thread: null,
  replyTo: null,
  online: false,
  ready: false,
  house: null,
  account: null,
  unread: new Set(),
  messages: new Map(),
  pending: new Map(),
};

/** Call `listener(what)` after a change; `what` names the part that changed. */
export const subscribe = (listener) => listeners.add(listener);
export const changed = (what) => listeners.forEach((listener) => listener(what));

/** Keep a preference for the next visit. */
export function prefer(name, value) {
  state[name] = value;
  localStorage.setItem(`threadreel.${name}`, value);
}

/** Take a message as the server tells it; an older revision never overwrites a newer one. */
export function take(message) {
  const known = state.messages.get(message.id);
  if (known && known.revision >= message.revision) return;
  if (message.removed) state.messages.delete(message.id);
  else state.messages.set(message.id, message);
  if (message.nonce) state.pending.delete(message.nonce);
  const elsewhere = message.channel !== state.channel && !known && state.ready;
  if (elsewhere) state.unread.add(message.channel);
}

/** Take all that there is: what the server no longer has is gone here too. */
export function takeAll(messages) {
  state.messages.clear();
  for (const message of messages) {
    state.messages.set(message.id, message);
    if (message.nonce) state.pending.delete(message.nonce);
  }
}

const byOrder = (a, b) => a.order - b.order;

export const inChannel = (channel) =>
  [...state.messages.values()].filter((m) => m.channel === channel && !m.thread).sort(byOrder);

export const inThread = (root) => [...state.messages.values()].filter((m) => m.thread === root).sort(byOrder);

export const waiting = (channel, thread) =>
  [...state.pending.values()].filter((m) => m.channel === channel && m.thread === thread);

/** Which demo member a key belongs to. */
export const member = (key) => state.house?.members.find((m) => m.key === key);
