// The page's own words, in the language that the member chose. Words about clips and limits come from the bot.

let words = {};
export let language = "en";

/** Load a language; also tells the document, so that fonts and hyphenation follow. */
export async function loadTexts(wanted) {
  const answer = await fetch(`/static/texts/${wanted}.json`);
  words = await answer.json();
  language = wanted;
  document.documentElement.lang = wanted;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
}

/** The words for a key; `{name}` is filled in, and `key.one`/`key.other` chosen by `count`. */
export function t(key, values = {}) {
  const plural = "count" in values ? `${key}.${new Intl.PluralRules(language).select(values.count)}` : key;
  const template = words[plural] ?? words[`${key}.other`] ?? words[key] ?? key;
  return template.replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

export function clock(iso) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(new Date(iso));
}

export function day(iso) {
  return new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" }).format(new Date(iso));
}

export function date(iso) {
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "short" }).format(new Date(iso));
}
