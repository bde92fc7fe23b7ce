// One message: who, when, what, the card beneath, and the way into its thread.

import { button, cardView } from "./card.js";
import { h, refill, unbroken } from "./dom.js";
import { clock, language, t } from "./texts.js";
import { inChannel, inThread, member, state } from "./store.js";

/** An article with `update(message)`. `context` is `channel` or `thread`; `act` holds what can be done with it. */
export function messageView(context, act) {
  const slots = Object.fromEntries(["toolbar", "quote", "byline", "text", "attachment", "offers", "note", "summary"].map((n) => [n, h("div")]));
  const avatarSlot = h("div");
  let current = null;
  const card = cardView((button, opener) => act.press(current, button, opener));
  const body = h("div", { class: "body" }, slots.byline, slots.text, slots.attachment, card.element, slots.offers, slots.note, slots.summary);
  const element = h("article", { class: "message" }, avatarSlot, h("div", { class: "body-wrap" }, slots.quote, body), slots.toolbar, h("span", { class: "rail", "aria-hidden": "true" }));

  function update(message) {
    current = message;
    element.dataset.id = message.id;
    element.classList.toggle("ephemeral", message.ephemeral);
    element.classList.toggle("target", context === "thread" && state.replyTo === message.id);
    const { author, ephemeral, image, text } = message;
    const target = message.reply_to && state.messages.get(message.reply_to);
    refill(avatarSlot, author, () => avatar(author));
    refill(slots.quote, [language, message.card?.author, ephemeral, message.asked, target && gist(target)], () => quote(message, target));
    refill(slots.byline, [language, author], () => byline(message));
    refill(slots.text, text, () => text && h("p", { class: "text" }, unbroken(text)));
    refill(slots.attachment, [image, message.file?.url], () => attachment(image, message.file));
    card.element.hidden = !message.card;
    if (message.card) card.update(message.card);
    refill(slots.offers, [language, message.buttons], () => message.buttons && h("div", { class: "buttons" }, message.buttons.map((b) => button(b, (spec, opener) => act.press(current, spec, opener)))));
    const beside = ephemeral ? whispersOf(message) : [];
    refill(slots.note, [language, ephemeral, message.private, beside.length], () => (ephemeral || message.private) && onlyYou(message, beside, act));
    const replies = context === "channel" && !ephemeral ? inThread(message.id).filter((reply) => !reply.ephemeral) : [];
    const posters = replies.map((reply) => reply.card?.media?.poster).filter(Boolean).slice(-4);
    refill(slots.summary, [language, replies.length, posters, replies.at(-1)?.created_at], () => replies.length && summary(message, replies, posters, act));
    refill(slots.toolbar, [language, ephemeral, !message.card], () => toolbar(context, message, act));
  }

  return { element, update };
}

/** A picture that came along, or a file that was handed over. */
function attachment(image, file) {
  if (image) return h("img", { class: "attachment", src: image, alt: "", loading: "lazy" });
  return file && h("p", { class: "text" }, h("a", { href: file.url, download: file.name }, `📎 ${file.name}`));
}

export function avatar(author) {
  if (author.kind === "bot") return h("div", { class: "avatar" }, h("img", { src: "/static/img/mark.svg", alt: "" }));
  return h("div", { class: "avatar", dataset: { tier: author.tier }, "aria-hidden": "true" }, author.name.slice(0, 1));
}

export const tierBadge = (tier) => h("span", { class: "tier", dataset: { tier } }, tier[0].toUpperCase() + tier.slice(1));

function byline(message) {
  const bot = message.author.kind === "bot";
  return h(
    "div",
    { class: "byline" },
    h("strong", {}, message.author.name),
    bot ? h("span", { class: "app-tag" }, t("app")) : tierBadge(message.author.tier),
    h("time", { datetime: message.created_at }, clock(message.created_at)),
  );
}

/** The line above: who used which command, or which message this answers. */
function quote(message, target) {
  const asker = message.card?.author;
  if (asker && !message.ephemeral) return h("div", { class: "quote" }, h("span", {}, t("asked-by", { name: asker })));
  if (message.asked) return h("div", { class: "quote" }, h("span", {}, message.asked));
  if (!target) return null;
  const jump = () => document.querySelector(`.thread [data-id="${CSS.escape(target.id)}"]`)?.scrollIntoView({ block: "center" });
  return h("button", { type: "button", class: "quote", onclick: jump }, h("span", {}, t("reply.to", { text: gist(target) })));
}

/** A message in a few words. */
export const gist = (message) => (message.card?.title || message.text || "").slice(0, 80);

const whispersOf = (message) => (message.thread ? inThread(message.thread) : inChannel(message.channel)).filter((other) => other.ephemeral);

function onlyYou(message, beside, act) {
  return h(
    "p",
    { class: "only-you" },
    h("span", {}, `${message.private ? "🔒" : "👁"} ${t("only-you")}`),
    message.ephemeral && h("button", { type: "button", dataset: { focus: "dismiss" }, onclick: () => act.dismiss([message]) }, t("dismiss")),
    beside.length > 1 && h("button", { type: "button", dataset: { focus: "dismiss-all" }, onclick: () => act.dismiss(whispersOf(message)) }, t("dismiss.all")),
  );
}

function summary(message, replies, posters, act) {
  return h(
    "button",
    { type: "button", class: "thread-summary", dataset: { focus: "summary" }, onclick: (event) => act.open(message, event.currentTarget) },
    posters.length ? h("span", { class: "frames" }, posters.map((src) => h("img", { src, alt: "" }))) : null,
    h("b", {}, t("thread.replies", { count: said(replies) })),
    h("time", {}, t("thread.last", { time: clock(replies.at(-1).created_at) })),
  );
}

/** How many replies: what was written and the clip made of it are one. */
function said(replies) {
  const clips = replies.filter((reply) => reply.author.kind === "bot").length;
  return Math.max(clips, replies.length - clips);
}

function toolbar(context, message, act) {
  if (message.ephemeral || !message.card) return null;
  const inside = context === "thread";
  const press = (event) => (inside ? act.reply(message) : act.open(message, event.currentTarget));
  return h(
    "div",
    { class: "toolbar" },
    h("button", { type: "button", dataset: { focus: "reply" }, onclick: press }, inside ? `↩ ${t("reply")}` : `💬 ${t("thread.open")}`),
  );
}

/** A message that the server has not confirmed yet. */
export function pendingView(message) {
  const author = member(message.member);
  return h(
    "article",
    { class: "message pending" },
    avatar({ kind: "member", name: author.name, tier: author.tier }),
    h("div", { class: "body" }, h("div", { class: "byline" }, h("strong", {}, author.name), tierBadge(author.tier)),
      h("p", { class: "text" }, message.text), h("span", { class: "sending" }, t(state.online ? "sending" : "waiting-for-server"))),
  );
}
