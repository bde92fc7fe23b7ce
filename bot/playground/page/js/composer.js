// Where a member writes: grows with the text, completes commands, takes an image, remembers the last message.

import { completionList, suggestions } from "./completion.js";
import { fill, h, icon } from "./dom.js";
import { gist } from "./message.js";
import { state } from "./store.js";
import { t } from "./texts.js";
import { imageSlot } from "./upload.js";

/** A composer for `channel` or `thread`; `onSend({text, image})` is called with what was written. */
export function composer(where, { onSend, onCancelReply, announce }) {
  const list = completionList(`${where}-suggestions`, choose);
  const image = imageSlot(announce, () => drawSend());
  const reply = h("div", { class: "chips" });
  const text = h("textarea", {
    rows: 1, id: where === "channel" ? "composer-text" : "thread-text", role: "combobox", autocomplete: "off",
    "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${where}-suggestions`,
  });
  const send = h("button", { type: "submit", class: "icon-button send" }, icon("send"));
  const hint = h("p", { class: "hint", id: `${where}-hint` });
  const form = h("form", {}, list.element, reply, image.chips, h("div", { class: "row" }, image.button, image.input, text, send));
  const element = h("div", { class: "composer" }, form, where === "channel" ? hint : null);
  image.accept(element);
  const DRAFT = `threadreel.draft.${where}`;
  const LAST = `threadreel.last.${where}`;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  text.value = sessionStorage.getItem(DRAFT) ?? "";
  text.addEventListener("input", refresh);
  text.addEventListener("click", refresh);
  text.addEventListener("blur", () => list.hide());
  text.addEventListener("keydown", onKey);

  function submit() {
    const value = text.value.trim();
    if (!value && !image.file) return;
    if (value) localStorage.setItem(LAST, value);
    const file = image.file;
    text.value = "";
    image.clear();
    refresh();
    onSend({ text: value, image: file });
  }

  function refresh() {
    text.style.height = "auto";
    if (text.scrollHeight) text.style.height = `${Math.min(text.scrollHeight, 180)}px`; // 0 while it is hidden
    drawSend();
    if (text.value) sessionStorage.setItem(DRAFT, text.value);
    else sessionStorage.removeItem(DRAFT);
    const atEnd = text.selectionEnd === text.value.length;
    if (atEnd && document.activeElement === text) list.show(suggestions(text.value));
    else list.hide();
    reflect();
  }

  function drawSend() {
    send.disabled = !text.value.trim() && !image.file;
  }

  function reflect() {
    text.setAttribute("aria-expanded", String(list.open));
    if (list.active) text.setAttribute("aria-activedescendant", list.active);
    else text.removeAttribute("aria-activedescendant");
  }

  function choose(row) {
    text.value = text.value.replace(row.replace, row.insert);
    text.setSelectionRange(text.value.length, text.value.length);
    refresh();
  }

  function onKey(event) {
    if (event.isComposing) return; // Enter then ends the kana conversion, not the message
    if (list.open && onListKey(event)) {
      event.preventDefault();
      event.stopPropagation();
      reflect();
      return;
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "ArrowUp" && !text.value && localStorage.getItem(LAST)) {
      event.preventDefault();
      text.value = localStorage.getItem(LAST);
      refresh();
    } else if (event.key === "Escape" && where === "thread" && state.replyTo) {
      event.stopPropagation();
      onCancelReply();
    }
  }

  function onListKey(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) list.move(moves[event.key]);
    else if (event.key === "Escape") list.hide();
    else if (event.key === "Tab" && !event.shiftKey) choose(list.row ?? list.first);
    else if (event.key === "Enter" && !event.shiftKey && list.row && list.row.label !== text.value.trim()) choose(list.row);
    else return false;
    return true;
  }

  function draw() {
    text.placeholder = where === "channel" ? t("composer.channel", { channel: channelName() }) : t("composer.thread");
    text.setAttribute("aria-label", `${t("composer.label")}: ${text.placeholder}`);
    for (const [button, key] of [[send, "composer.send"], [image.button, "composer.attach"]]) {
      button.setAttribute("aria-label", t(key));
      button.title = t(key);
    }
    form.dataset.drop = t("composer.drop");
    hint.textContent = t("composer.hint");
    image.draw();
    drawReply();
    refresh();
  }

  function drawReply() {
    const target = where === "thread" && state.replyTo && state.messages.get(state.replyTo);
    if (!target) return fill(reply);
    const stop = h("button", { type: "button", "aria-label": t("reply.stop"), title: t("reply.stop"), onclick: onCancelReply }, "✕");
    return fill(reply, h("div", { class: "chip" }, h("span", {}, `↱ ${t("reply.to", { text: gist(target) })}`), stop));
  }

  return { element, draw, focus: () => text.focus(), set: (value) => { text.value = value; text.focus(); refresh(); } };
}

const channelName = () => state.house?.channels.find((c) => c.key === state.channel)?.name ?? state.channel;
