// The thread beside the channel: the clip it began with, everything said since, and a composer that remixes.

import { composer } from "./composer.js";
import { fill, h, icon, wayBack } from "./dom.js";
import { messageList } from "./list.js";
import { changed, inThread, state, waiting } from "./store.js";
import { t } from "./texts.js";

/** Builds the thread into `element`; `open(root)`, `close()`, `draw`, `refresh`. */
export function threadView(element, act) {
  const header = h("header", { class: "header" });
  const list = messageList("thread", act);
  const box = composer("thread", {
    ...act.composer,
    onCancelReply: () => reply(null),
    onSend: (said) => {
      act.send({ ...said, thread: state.thread, replyTo: state.replyTo });
      reply(null);
    },
  });
  element.append(header, list.element, box.element);
  let goBack = null;

  function reply(id) {
    state.replyTo = id;
    box.draw();
    refresh();
    box.focus();
  }

  function open(root, from = null) {
    if (state.thread !== root) list.clear();
    Object.assign(state, { thread: root, replyTo: null });
    if (from) goBack = wayBack(from);
    changed("thread");
    box.draw();
    box.focus();
  }

  function close() {
    Object.assign(state, { thread: null, replyTo: null });
    changed("thread");
    if (!goBack?.()) act.focusChannel();
    goBack = null;
  }

  function draw() {
    fill(
      header,
      h("h2", {}, t("thread")),
      h("span", { class: "grow" }),
      h("button", { type: "button", class: "icon-button", dataset: { focus: "close" }, "aria-label": t("thread.close"), title: `${t("thread.close")} (Esc)`, onclick: close }, icon("close")),
    );
    element.setAttribute("aria-label", t("thread"));
    list.label(t("thread.messages"));
    box.draw();
    refresh();
  }

  function refresh() {
    const root = state.thread && state.messages.get(state.thread);
    element.hidden = !root;
    document.getElementById("app").classList.toggle("with-thread", Boolean(root));
    if (root) list.show([root, ...inThread(state.thread)], waiting(state.channel, state.thread), null);
  }

  return { draw, refresh, open, close, reply, pin: list.pin };
}
