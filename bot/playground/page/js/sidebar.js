// The sidebar: channels, the three demo members with what is left of their month, language and theme.

import { h, refill } from "./dom.js";
import { avatar, tierBadge } from "./message.js";
import { state } from "./store.js";
import { date, language, t } from "./texts.js";

/** Draws into `element`; `act` holds what the sidebar can change. */
export function sidebar(element, act) {
  return function draw() {
    const { channel: current, member, account: known, house } = state;
    refill(element, [language, current, member, known, house, [...state.unread], act.isDark()], () => [
      brand(),
      h("nav", { "aria-label": t("channels") }, h("h2", {}, t("channels")), h("ul", { class: "channels" }, house.channels.map((c) => channel(c, act)))),
      h("div", { class: "grow" }),
      members(act),
      account(),
      preferences(act),
    ]);
  };
}

const brand = () =>
  h("div", { class: "brand" }, h("img", { src: "/static/img/mark.svg", alt: "" }), h("div", {}, h("strong", {}, "threadreel"), h("span", {}, t("tagline"))));

function channel(spec, act) {
  const current = spec.key === state.channel;
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", dataset: { focus: `channel-${spec.key}` }, "aria-current": current ? "page" : null, onclick: () => act.channel(spec.key) },
      h("span", { class: "hash", "aria-hidden": "true" }, "#"),
      h("span", {}, spec.name),
      state.unread.has(spec.key) && !current ? h("span", { class: "unread" }) : null,
    ),
  );
}

function members(act) {
  const rows = state.house.members.map((m) =>
    h(
      "label",
      {},
      h("input", {
        class: "visually-hidden", type: "radio", name: "member", value: m.key, checked: m.key === state.member,
        dataset: { focus: `member-${m.key}` }, onchange: () => act.member(m.key),
      }),
      avatar({ kind: "member", name: m.name, tier: m.tier }),
      h("span", { class: "name" }, m.name),
      tierBadge(m.tier),
    ),
  );
  return h("fieldset", { class: "members" }, h("legend", {}, h("h2", {}, t("members"))), rows);
}

function account() {
  const known = state.account;
  if (!known) return h("div", { class: "account" }, "…");
  const bar = h("div", { class: "stitches", "aria-hidden": "true" }, h("i"));
  bar.firstChild.style.width = `${Math.min(100, (known.used / known.limit) * 100)}%`;
  const limits = t("account.limits", { seconds: known.max_seconds, resolution: known.max_resolution, jobs: known.max_jobs, date: date(known.resets_at) });
  return h(
    "div",
    { class: "account", id: "account" },
    h("p", {}, h("b", {}, t("account.used", known)), h("span", {}, t("account.left", { left: Math.max(0, known.limit - known.used) }))),
    bar,
    h("p", { class: "limits" }, known.watermark ? `${limits} · ${t("account.watermark")}` : limits),
  );
}

function preferences(act) {
  const dark = act.isDark();
  const next = t(dark ? "theme.light" : "theme.dark");
  return h(
    "div",
    { class: "preferences" },
    h("button", { type: "button", dataset: { focus: "language" }, lang: state.language === "en" ? "ja" : "en", "aria-label": t("language.label"), onclick: act.language }, t("language.switch")),
    h("button", { type: "button", dataset: { focus: "theme" }, "aria-label": t("theme.switch", { theme: next }), onclick: act.theme }, `${dark ? "☀" : "☾"} ${next}`),
  );
}
