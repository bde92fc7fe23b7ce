// A list of messages that grows at the bottom and stays there while its reader does.

import { h } from "./dom.js";
import { messageView, pendingView } from "./message.js";
import { state } from "./store.js";
import { day, language } from "./texts.js";

/** A scrolling log with `label(text)`, `show(messages, pending, head)` and `clear()`. */
export function messageList(context, act) {
  const inner = h("div", { class: "inner", role: "log" });
  const element = h("div", { class: "scroll", tabindex: "0", role: "region" }, inner);
  const views = new Map();
  const others = new Map();
  let pinned = true;

  element.addEventListener("scroll", () => {
    pinned = element.scrollHeight - element.scrollTop - element.clientHeight < 60;
  });
  const toBottom = () => pinned && element.scrollTo({ top: element.scrollHeight });
  new ResizeObserver(toBottom).observe(inner);
  new ResizeObserver(toBottom).observe(element);

  function viewOf(message) {
    if (!views.has(message.id)) views.set(message.id, messageView(context, act));
    const view = views.get(message.id);
    view.update(message);
    return view.element;
  }

  /** Days and unsent messages, each made once for as long as it is shown. */
  function keeper() {
    const shown = new Set();
    const keep = (key, make) => {
      shown.add(key);
      if (!others.has(key)) others.set(key, make());
      return others.get(key);
    };
    keep.forget = () => {
      for (const key of others.keys()) if (!shown.has(key)) others.delete(key);
    };
    return keep;
  }

  function show(messages, pending, head) {
    const keep = keeper();
    const wanted = [head];
    let lastDay = null;
    for (const message of messages) {
      const today = message.created_at.slice(0, 10);
      if (lastDay && today !== lastDay) wanted.push(keep(`${language} ${today}`, () => h("div", { class: "day" }, day(message.created_at))));
      lastDay = today;
      wanted.push(viewOf(message));
    }
    for (const message of pending) wanted.push(keep(`${language} ${state.online} ${message.nonce}`, () => pendingView(message)));
    arrange(inner, wanted.filter(Boolean));
    keep.forget();
    const ids = new Set(messages.map((message) => message.id));
    for (const id of views.keys()) if (!ids.has(id)) views.delete(id);
    toBottom();
  }

  function clear() {
    views.clear();
    inner.replaceChildren();
    pinned = true;
  }

  function label(text) {
    for (const part of [element, inner]) part.setAttribute("aria-label", text);
  }

  return { element, label, show, clear, pin: () => { pinned = true; toBottom(); } };
}

/** Make `wanted` the children, moving no element that is already in its place: a moved video would stop. */
function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((element, index) => {
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null);
  });
}
