// An image for a message: by button, paste or drop. Only what the bot can read is taken; the server checks again.

import { fill, h, icon } from "./dom.js";
import { state } from "./store.js";
import { t } from "./texts.js";

const TYPES = ["image/png", "image/jpeg", "image/webp"];

/** The image slot of a composer: `button`, `chips`, `file`, `clear()`. `say(text)` tells why an image is not taken; `changed` is called after it came or went. */
export function imageSlot(say, changed) {
  const input = h("input", { type: "file", accept: TYPES.join(","), hidden: true, tabindex: "-1" });
  const button = h("button", { type: "button", class: "icon-button attach", onclick: () => input.click() }, icon("image"));
  const chips = h("div", { class: "chips" });
  let file = null;
  let url = null;

  input.addEventListener("change", () => {
    take(input.files[0]);
    input.value = "";
  });

  function take(candidate) {
    if (!candidate) return;
    const limit = state.house?.max_upload_bytes ?? Infinity;
    if (!TYPES.includes(candidate.type)) return say(t("upload.not-image"));
    if (candidate.size > limit) return say(t("upload.too-large", { limit: Math.floor(limit / 1048576) }));
    clear();
    file = candidate;
    url = URL.createObjectURL(file);
    draw();
    return undefined;
  }

  function draw() {
    changed();
    if (!file) return fill(chips);
    const label = t("composer.remove-image", { name: file.name });
    const remove = h("button", { type: "button", "aria-label": label, title: label, onclick: clear }, "✕");
    return fill(chips, h("div", { class: "chip" }, h("img", { src: url, alt: "", onerror: unreadable }), h("span", {}, file.name), remove));
  }

  function unreadable() {
    say(t("upload.unreadable", { name: file.name }));
    clear();
  }

  function clear() {
    if (url) URL.revokeObjectURL(url);
    file = url = null;
    draw();
  }

  function accept(target) {
    target.addEventListener("paste", (event) => {
      const pasted = [...event.clipboardData.files].find((f) => f.type.startsWith("image/"));
      if (!pasted) return;
      event.preventDefault();
      take(pasted);
    });
    const carries = (event) => event.dataTransfer.types.includes("Files");
    target.addEventListener("dragover", (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      target.classList.add("dragging");
    });
    target.addEventListener("dragleave", (event) => target.contains(event.relatedTarget) || target.classList.remove("dragging"));
    target.addEventListener("drop", (event) => {
      event.preventDefault();
      target.classList.remove("dragging");
      take(event.dataTransfer.files[0]);
    });
  }

  return { button, input, chips, accept, clear, draw, get file() { return file; } };
}
