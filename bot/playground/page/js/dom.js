// Small helpers to build elements. Text only ever enters as text nodes, so nothing a member writes can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with properties and children; `on…` are listeners, null and false are left out. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name in element && !name.startsWith("aria") && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PATHS = {
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  image: "M4 6.5A1.5 1.5 0 0 1 5.5 5h13A1.5 1.5 0 0 1 20 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5zM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15.5 9.5h.01",
  send: "M5 12h13M12.5 6l6 6-6 6",
};

/** A line icon; decorative, so hidden from assistive technology. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  for (const [key, value] of Object.entries({ fill: "none", stroke: "currentColor", "stroke-width": "1.9", "stroke-linecap": "round", "stroke-linejoin": "round" }))
    path.setAttribute(key, value);
  svg.append(path);
  return svg;
}

/** Replace an element's children and keep the keyboard where it was, found again by `data-focus`. */
export function fill(container, ...children) {
  const focused = container.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  container.replaceChildren(...children.flat().filter(Boolean));
  if (focused) container.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}

/** Text whose `--options` are never broken over two lines. */
export const unbroken = (text) => text.split(/(--[\p{L}_-]+)/u).map((part, index) => (index % 2 ? h("span", { class: "option" }, part) : part));

const drawn = new WeakMap();

/** `fill` with what `draw()` makes, but only where `key` is another than last time: what is pressed or selected stays. */
export function refill(container, key, draw) {
  const text = JSON.stringify(key);
  if (drawn.get(container) === text) return;
  drawn.set(container, text);
  fill(container, draw());
}

/** A name for one act. `crypto.randomUUID` would do, were it not kept from pages over plain http. */
export const nonce = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A way back to a button of a message, though the message may have been drawn anew meanwhile. */
export function wayBack(button) {
  const place = button.closest(".channel, .thread")?.id;
  const message = button.closest(".message")?.dataset.id;
  const name = button.dataset.focus;
  return () => {
    const found = document.querySelector(`#${place} [data-id="${CSS.escape(message ?? "")}"] [data-focus="${CSS.escape(name ?? "")}"]`);
    found?.focus();
    return Boolean(found);
  };
}
