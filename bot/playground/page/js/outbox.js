// Messages on their way. They outlive a reload and are sent again until the server has them; the nonce keeps them single.

import { Refused, say } from "./api.js";
import { nonce as newNonce } from "./dom.js";
import { changed, state } from "./store.js";

const KEY = "threadreel.outbox";
const images = new Map();
const underWay = new Set();

function keep() {
  const plain = [...state.pending.values()].filter((message) => !images.has(message.nonce));
  localStorage.setItem(KEY, JSON.stringify(plain));
}

/** Show the message at once and send it. */
export function send({ channel, thread, replyTo, text, image }) {
  const nonce = newNonce();
  const message = { nonce, channel, thread, replyTo, text, member: state.member, createdAt: new Date().toISOString() };
  if (image) images.set(nonce, image);
  state.pending.set(nonce, message);
  keep();
  changed("messages");
  return attempt(message);
}

async function attempt(message) {
  if (underWay.has(message.nonce)) return;
  underWay.add(message.nonce);
  try {
    await say({ ...message, image: images.get(message.nonce) });
    settle(message);
  } catch (error) {
    if (!(error instanceof Refused)) return; // offline: `flush` sends it when the server is back
    settle(message);
    throw error;
  } finally {
    underWay.delete(message.nonce);
  }
}

function settle(message) {
  state.pending.delete(message.nonce);
  images.delete(message.nonce);
  keep();
  changed("messages");
}

/** Take up what a reload or an outage left behind. */
export function restore() {
  for (const message of JSON.parse(localStorage.getItem(KEY) ?? "[]")) state.pending.set(message.nonce, message);
}

/** Send again what this member still has waiting. */
export function flush() {
  for (const message of state.pending.values()) if (message.member === state.member) attempt(message).catch(() => {});
}
