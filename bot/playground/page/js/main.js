// The page's start: loads words and house, draws the parts, and joins them to what the server tells.

import { Refused, get, post } from "./api.js";
import { channelView } from "./channel.js";
import { ask, confirm } from "./dialog.js";
import { fill, h, nonce, wayBack } from "./dom.js";
import { flush, restore, send } from "./outbox.js";
import { sidebar } from "./sidebar.js";
import { member, prefer, state, subscribe } from "./store.js";
import { listen } from "./stream.js";
import { loadTexts, t } from "./texts.js";
import { threadView } from "./thread.js";

const app = document.getElementById("app");
const status = document.getElementById("status");
const scrim = document.getElementById("scrim");
const systemDark = matchMedia("(prefers-color-scheme: dark)");
let noticeTimer = null;

function announce(text) {
  fill(status, h("span", {}, text));
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(showConnection, 4000);
}

function showConnection() {
  app.classList.toggle("offline", state.ready && !state.online);
  fill(status, state.ready && !state.online && h("span", {}, t("offline")));
}

function complain(error) {
  if (!(error instanceof Refused) && !(error instanceof TypeError)) throw error;
  announce(error instanceof Refused ? error.message : t("offline"));
}

const act = {
  composer: { announce, onCancelReply: () => {} },
  send: ({ text, image, thread, replyTo = null }) => {
    const place = thread ? thread_ : channel;
    place.refresh();
    place.pin();
    send({ channel: state.channel, thread, replyTo, text, image }).catch(complain);
  },
  open: (message, opener) => thread_.open(message.id, opener),
  reply: (message) => thread_.reply(message.id),
  dismiss: (messages) => Promise.all(messages.map((message) => post("/api/dismiss", { message: message.id }))).catch(complain),
  press: pressed,
  focusChannel: () => channel.composer.focus(),
  menu: () => menu(true),
  channel: (key) => {
    prefer("channel", key);
    Object.assign(state, { thread: null, replyTo: null });
    state.unread.delete(key);
    menu(false);
    drawAll();
    channel.composer.focus();
  },
  member: (key) => {
    prefer("member", key);
    state.account = null;
    listen({ afresh: true });
    drawAll();
    flush();
    announce(t("member.switched", { name: member(key).name, tier: member(key).tier }));
  },
  language: async () => {
    prefer("language", state.language === "en" ? "ja" : "en");
    await loadHouse();
    listen({ afresh: true });
    drawAll();
  },
  theme: () => {
    prefer("theme", act.isDark() ? "light" : "dark");
    applyTheme();
    drawSidebar();
  },
  isDark: () => (state.theme ? state.theme === "dark" : systemDark.matches),
};

async function pressed(message, button, opener) {
  const thread = (opener.closest(".thread") && state.thread) || "";
  const goBack = wayBack(opener);
  const fields = button.form ? await ask(button.form) : {};
  const agreed = fields && (!button.confirm || (await confirm(button.confirm, button.label)));
  if (button.form || button.confirm) goBack();
  if (!agreed) return;
  opener.disabled = true;
  try {
    const answer = await post("/api/actions", { nonce: nonce(), message: message.id, thread, action: button.id, fields });
    if (answer.thread && state.messages.has(answer.thread)) {
      thread_.open(answer.thread);
      thread_.pin();
    } else if (answer.answer) reveal(answer.answer);
  } catch (error) {
    complain(error);
  } finally {
    opener.disabled = false;
  }
}

let awaited = null;

/** Bring the answer to a button into view, now or as soon as the page hears of it. */
function reveal(id) {
  const found = document.querySelector(`.message[data-id="${CSS.escape(id)}"]`);
  awaited = found ? null : id;
  found?.scrollIntoView({ block: "nearest" });
}

function menu(open) {
  app.classList.toggle("menu-open", open);
  scrim.hidden = !open;
  if (open) document.querySelector(".sidebar button")?.focus();
}

function applyTheme() {
  if (state.theme) document.documentElement.dataset.theme = state.theme;
}

async function loadHouse() {
  await loadTexts(state.language);
  state.house = await get("/api/house");
  document.title = t("title");
  if (!member(state.member)) state.member = state.house.members[0].key;
  if (!state.house.channels.some((c) => c.key === state.channel)) state.channel = state.house.channels[0].key;
}

function drawAll() {
  drawSidebar();
  channel.draw();
  thread_.draw();
  showConnection();
}

function onChange(what) {
  if (what === "messages" || what === "thread") {
    channel.refresh();
    thread_.refresh();
    if (awaited) reveal(awaited);
    if (what === "messages") drawSidebar();
  } else if (what === "account") drawSidebar();
  else if (what === "online") {
    showConnection();
    if (state.online) flush();
  }
}

applyTheme();
const channel = channelView(document.getElementById("channel"), act);
const thread_ = threadView(document.getElementById("thread"), act);
const drawSidebar = sidebar(document.getElementById("sidebar"), act);

scrim.addEventListener("click", () => menu(false));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented || document.querySelector("dialog")) return;
  if (app.classList.contains("menu-open")) menu(false);
  else if (state.thread) thread_.close();
});
systemDark.addEventListener("change", drawSidebar);

await loadHouse();
restore();
state.ready = true;
subscribe(onChange);
drawAll();
listen();
channel.composer.focus();
