// Suggestions above the composer: commands after `/`, then the options of the command.

import { h } from "./dom.js";
import { state } from "./store.js";
import { t } from "./texts.js";

/** What could follow the text before the caret: `{caption, rows, eager}`; `eager` preselects the first row. */
export function suggestions(before) {
  const commands = state.house?.commands ?? [];
  const start = before.match(/^\/([\p{L}\w-]*)$/u);
  if (start) {
    const rows = commands.filter((c) => [c.name, ...c.aliases].some((name) => name.startsWith(start[1].toLowerCase()))).map(commandRow);
    return { caption: t("completion.commands"), rows, eager: true };
  }
  const inside = before.match(/^\/([\p{L}\w-]+)\s+(?:.*\s)?(\S*)$/su);
  const command = inside && commands.find((c) => [c.name, ...c.aliases].includes(inside[1].toLowerCase()));
  if (!command) return { caption: "", rows: [], eager: false };
  return optionRows(command, before, inside[2]);
}

function commandRow(command) {
  const options = command.options.map((o) => (o.required ? o.insert.trim() : `[${o.insert.trim()}]`)).join(" ");
  return { label: `/${command.name}`, about: command.description, extra: options, replace: /\/\S*$/u, insert: `/${command.name} ` };
}

/** The choices of the option before the caret; else, once a name is begun, the options that are still left. */
function optionRows(command, before, word) {
  const caption = t("completion.options", { command: `/${command.name}` });
  const named = before.match(/(?:^|\s)(?:--([\p{L}_-]+)[\s=:：]|([\p{L}_-]+)[:：])(\S*)$/u);
  const open = named && command.options.find((o) => o.choices.length && o.names.includes(named[1] ?? named[2]));
  if (open) {
    const rows = open.choices
      .filter((choice) => choice.startsWith(named[3]))
      .map((choice) => ({ label: choice, about: open.description, replace: new RegExp(`\\S{${named[3].length}}$`, "u"), insert: `${choice} ` }));
    return { caption, rows: rows.length === 1 && rows[0].label === named[3] ? [] : rows, eager: false };
  }
  const begun = word.replace(/^--/u, "");
  const untouched = /^\/\S+\s+$/u.test(before);
  const begins = (o) => o.names.some((name) => name.startsWith(begun));
  if (!untouched && !word.startsWith("--") && (word.length < 2 || !command.options.some(begins))) return { caption, rows: [], eager: false };
  const rows = command.options
    .filter((o) => begins(o) && !o.names.some((name) => new RegExp(`(--${name}([\\s=:：]|$)|\\s${name}[:：])`, "u").test(before.slice(0, before.length - word.length))))
    .map((o) => ({ label: o.insert.trim(), about: o.description, extra: o.choices.join(" "), replace: /\S*$/u, insert: o.insert }));
  return { caption, rows, eager: false };
}

/** The popup: a listbox that the textarea owns. `choose(row)` is told the choice. */
export function completionList(id, choose) {
  const element = h("ul", { class: "completion", role: "listbox", id, hidden: true });
  let rows = [];
  let active = -1;

  function show(found) {
    rows = found.rows;
    active = found.eager && rows.length ? 0 : -1;
    element.hidden = !rows.length;
    element.setAttribute("aria-label", found.caption);
    element.replaceChildren(h("li", { class: "caption", role: "presentation" }, found.caption), ...rows.map(option));
    mark();
  }

  function option(row, index) {
    const pick = (event) => {
      event.preventDefault(); // keeps the focus in the textarea
      choose(rows[index]);
    };
    return h(
      "li",
      { role: "option", id: `${id}-${index}`, onpointerdown: pick },
      h("code", {}, row.label),
      h("span", { class: "about" }, row.about),
      row.extra && h("span", { class: "options" }, row.extra),
    );
  }

  function mark() {
    const options = element.querySelectorAll('[role="option"]');
    options.forEach((node, index) => node.setAttribute("aria-selected", String(index === active)));
    options[active]?.scrollIntoView({ block: "nearest" });
  }

  function move(step) {
    active = (active + step + rows.length + (active < 0 && step < 0 ? 1 : 0)) % rows.length;
    mark();
  }

  return {
    element,
    show,
    move,
    hide: () => show({ caption: "", rows: [], eager: false }),
    get open() { return !element.hidden; },
    get active() { return active < 0 ? null : `${id}-${active}`; },
    get row() { return rows[active] ?? null; },
    get first() { return rows[0] ?? null; },
    get count() { return rows.length; },
  };
}
