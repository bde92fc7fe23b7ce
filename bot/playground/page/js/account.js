// What is left of the member's month, asked again when a job begins or ends.

import { get } from "./api.js";
import { changed, state } from "./store.js";

let timer = null;

/** Ask soon; several wishes in a row are one question. */
export function refreshAccount() {
  clearTimeout(timer);
  timer = setTimeout(ask, 250);
}

async function ask() {
  const member = state.member;
  try {
    const account = await get("/api/account");
    if (member !== state.member) return; // switched meanwhile
    state.account = account;
    changed("account");
  } catch {
    timer = setTimeout(ask, 3000); // the service is away; the sidebar keeps what it knew
  }
}
