// The dialog of a button that asks for more, such as Remix. Esc and the backdrop close it; focus returns to the button.

import { h } from "./dom.js";
import { t } from "./texts.js";

/** Ask for the form's fields; resolves to their values, or to null where the member thought better of it. */
export function ask(form) {
  return new Promise((resolve) => {
    const title = h("h2", { id: "dialog-title" }, form.title);
    const body = h("form", { method: "dialog" }, title, form.lead && h("p", { class: "lead" }, form.lead), form.fields.map(field), buttons(form));
    const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, body);
    body.addEventListener("submit", () => dialog.close("sent"));
    body.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) body.requestSubmit();
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "sent" ? Object.fromEntries(new FormData(body)) : null);
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = dialog.querySelector("textarea, input") ?? dialog.querySelector("[type=submit]");
    first.focus();
    if (first.value && first.select) first.select();
    dialog.querySelector("[data-cancel]").onclick = () => dialog.close();
  });
}

/** Ask yes or no; resolves to whether the member agreed. */
export const confirm = async (question, yes) => (await ask({ title: question, lead: "", fields: [], submit: yes })) !== null;

function buttons(form) {
  return h(
    "menu",
    {},
    h("button", { type: "button", class: "button", dataset: { cancel: "1" } }, t("dialog.cancel")),
    h("button", { type: "submit", class: "button", dataset: { style: "primary" } }, form.submit),
  );
}

function field(spec) {
  if (spec.choices?.length) return choices(spec);
  const input = h("textarea", { name: spec.name, rows: 3, maxLength: spec.max_length ?? 2000, required: spec.required, placeholder: spec.placeholder || null });
  input.value = spec.value ?? "";
  return h("label", { class: "field" }, spec.label, input);
}

function choices(spec) {
  const rows = spec.choices.map((choice) =>
    h(
      "label",
      {},
      h("input", { class: "visually-hidden", type: "radio", name: spec.name, value: choice.value, checked: choice.value === spec.value }),
      h("b", {}, choice.label),
      h("i", { class: "bar", "aria-hidden": "true" }),
      choice.description && h("span", {}, choice.description),
    ),
  );
  return h("fieldset", {}, h("legend", {}, spec.label), h("div", { class: "choices" }, rows));
}
