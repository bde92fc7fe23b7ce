"use strict";
// Brings the board up to date. The server draws it; nothing is kept here.
const EVERY = 5000;
const board = document.getElementById("board");
const lost = document.getElementById("lost");

async function refresh() {
  try {
    const answer = await fetch(`/operator/board${location.search}`, { cache: "no-store" });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    const open = [...board.querySelectorAll("details[open]")].map((one) => one.id);
    board.innerHTML = text;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
}

setInterval(() => document.hidden || refresh(), EVERY);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
