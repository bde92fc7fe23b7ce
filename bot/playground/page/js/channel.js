// The channel: header, messages, composer; and the welcome for those who come first.

import { composer } from "./composer.js";
import { fill, h, icon } from "./dom.js";
import { messageList } from "./list.js";
import { inChannel, state, waiting } from "./store.js";
import { t } from "./texts.js";

/** Builds the channel into `element`; returns `draw` (all), `refresh` (messages only) and the composer. */
export function channelView(element, act) {
  const header = h("header", { class: "header" });
  const list = messageList("channel", act);
  const box = composer("channel", { ...act.composer, onSend: (said) => act.send({ ...said, thread: null }) });
  element.append(header, list.element, box.element);
  let channel = null;
  let head = null;

  function draw() {
    const spec = state.house.channels.find((c) => c.key === state.channel);
    fill(
      header,
      h("button", { type: "button", class: "icon-button menu-button", "aria-label": t("open-menu"), dataset: { focus: "menu" }, onclick: act.menu }, icon("menu")),
      h("h1", {}, h("span", { class: "hash" }, "#"), spec.name),
      h("span", { class: "topic" }, t(`topic.${spec.key}`)),
    );
    list.label(t("messages", { channel: spec.name }));
    if (channel !== state.channel) list.clear();
    channel = state.channel;
    head = welcome(act);
    box.draw();
    refresh();
  }

  function refresh() {
    const messages = inChannel(state.channel);
    const pending = waiting(state.channel, null);
    const posts = messages.filter((message) => !message.ephemeral);
    list.show(messages, pending, posts.length + pending.length < 3 ? head : null);
  }

  return { draw, refresh, composer: box, pin: list.pin };
}

function welcome(act) {
  const examples = ["example.1", "example.2", "example.3"].map((key) => {
    const [command, ...words] = t(key).split(" ");
    return h("li", {}, h("button", { type: "button", onclick: () => act.send({ text: t(key), image: null, thread: null }) },
      h("code", {}, command), h("span", {}, words.join(" ")), h("span", { class: "go", "aria-hidden": "true" }, "→")));
  });
  return h(
    "section",
    { class: "welcome", "aria-label": t("welcome.title") },
    h("img", { src: "/static/img/mark.svg", alt: "" }),
    h("h2", {}, t("welcome.title")),
    h("p", {}, t("welcome.lead")),
    h("ul", { class: "examples" }, examples),
    h("p", { class: "reply-hint" }, t("welcome.reply")),
  );
}
