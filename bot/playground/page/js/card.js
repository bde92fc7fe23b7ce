// A card: what the bot says about a clip or a refusal. Only what changed is drawn anew, so a playing video plays on.

import { fill, h, refill, unbroken } from "./dom.js";
import { state } from "./store.js";
import { t } from "./texts.js";
import { watch } from "./player.js";

/** A card's element with an `update(card)`; `onButton(button)` is told what was pressed. */
export function cardView(onButton) {
  const parts = ["prompt", "line", "frame", "progress", "fields", "buttons"];
  const slot = Object.fromEntries(parts.map((name) => [name, h("div")]));
  const element = h("div", { class: "card" }, ...parts.map((name) => slot[name]));

  function update(card) {
    element.dataset.tone = card.tone;
    refill(slot.prompt, card.title, () => card.title && h("p", { class: "prompt" }, card.title));
    refill(slot.line, card.lines, () => card.lines.map((line) => h("p", { class: "line" }, unbroken(line))));
    drawFrame(slot.frame, card);
    progress(slot.progress, card.progress);
    refill(slot.fields, card.fields, () => card.fields.length && fields(card.fields));
    const mine = card.buttons.filter((b) => !b.only_for || b.only_for === state.member);
    refill(slot.buttons, mine, () => mine.length && h("div", { class: "buttons" }, mine.map((b) => button(b, onButton))));
  }

  return { element, update };
}

/** A newer preview takes the place of the one before only once it is there: while the bot is away the last one stays. */
function drawFrame(slot, card) {
  const shown = slot.querySelector("img.preview");
  if (!shown || card.media?.kind !== "preview") {
    refill(slot, [card.media, card.progress !== null], () => frame(card));
    return;
  }
  const next = preview(card);
  next.addEventListener("load", () => {
    const old = slot.querySelector("img.preview");
    if (Number(old?.dataset.order ?? Infinity) < Number(next.dataset.order)) old.replaceWith(next);
  });
}

let previews = 0;
const preview = (card) => h("img", { class: "preview", src: card.media.url, alt: card.media.alt, dataset: { order: previews++ } });

function frame(card) {
  if (!card.media && !card.progress) return null;
  const [width, height] = card.aspect ?? [16, 9];
  const shape = width > height ? "wide" : width < height ? "tall" : "square";
  const box = h("div", { class: "frame", dataset: { shape } });
  box.style.aspectRatio = `${width} / ${height}`;
  box.append(content(card));
  return box;
}

function content(card) {
  if (card.media?.kind === "video") return video(card);
  if (card.media?.kind === "preview") return preview(card);
  if (card.media) return h("img", { src: card.media.url, alt: card.media.alt });
  return h("div", { class: "waiting" }, h("img", { src: "/static/img/reel.svg", alt: t("card.working") }));
}

function video(card) {
  const element = h("video", {
    src: card.media.url,
    poster: card.media.poster,
    loop: true,
    muted: true,
    playsInline: true,
    preload: "metadata",
    "aria-label": card.media.alt,
  });
  watch(element);
  return element;
}

function progress(slot, value) {
  if (!value) return fill(slot);
  if (!slot.firstChild) {
    const bar = h("div", { class: "stitches", role: "progressbar", "aria-label": t("card.progress"), "aria-valuemin": "0", "aria-valuemax": "100" }, h("i"));
    slot.append(h("div", { class: "progress" }, bar, h("p", {}, h("span"), h("span"))));
  }
  const bar = slot.querySelector(".stitches");
  const percent = Math.round(value.fraction * 100);
  bar.setAttribute("aria-valuenow", String(percent));
  bar.setAttribute("aria-valuetext", value.label);
  bar.firstChild.style.width = `${percent}%`;
  const [label, rest] = slot.querySelectorAll("span");
  label.textContent = value.label;
  rest.textContent = value.eta ?? "";
  return undefined;
}

function fields(rows) {
  return h("dl", { class: "fields" }, rows.flatMap(([name, value]) => [h("dt", {}, unbroken(name)), h("dd", {}, value)]));
}

export function button(spec, onButton) {
  const label = spec.label ?? t(spec.text);
  return h(
    "button",
    {
      type: "button",
      class: "button",
      disabled: spec.disabled || null,
      dataset: { style: spec.style, focus: spec.id, action: spec.id },
      title: spec.hint || null,
      "aria-label": spec.hint ? `${label}: ${spec.hint}` : null,
      onclick: (event) => onButton(spec, event.currentTarget),
    },
    spec.emoji ? h("span", { "aria-hidden": "true" }, spec.emoji) : null,
    label,
  );
}
