// Requests to the playground's server. Each names the demo member and the language; cookies are not used.

import { state } from "./store.js";

export class Refused extends Error {}

function headers() {
  return { "X-Playground-Member": state.member, "X-Playground-Language": state.language };
}

async function answerOf(response) {
  const body = response.headers.get("content-type")?.includes("json") ? await response.json() : {};
  if (!response.ok) throw new Refused(body.message ?? `HTTP ${response.status}`);
  return body;
}

export const get = async (path) => answerOf(await fetch(path, { headers: headers() }));

export const post = async (path, body) =>
  answerOf(
    await fetch(path, {
      method: "POST",
      headers: { ...headers(), "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }),
  );

/** A message goes as a form, for it may carry an image. */
export async function say({ nonce, channel, thread, replyTo, text, image }) {
  const form = new FormData();
  form.set("nonce", nonce);
  form.set("channel", channel);
  form.set("text", text);
  if (thread) form.set("thread", thread);
  if (replyTo) form.set("reply_to", replyTo);
  if (image) form.set("image", image, image.name || "image.png");
  return answerOf(await fetch("/api/messages", { method: "POST", headers: headers(), body: form }));
}
