// Wires the page together: what a person does, and what the stream says.

import {
  addPending, dropPending, jumpTo, openChat, redraw, resized, scrolled, showChat, toBottom, update, walk,
} from "./conversation.js";
import { wireAttachments } from "./attach.js";
import { quoteParts } from "./bubble.js";
import { $, el } from "./dom.js";
import { currentLanguage, setLanguage, t } from "./i18n.js";
import { drawList, drawWho } from "./list.js";
import { become, chooseLanguage, chosenLanguage, me } from "./me.js";
import { hideEmoji, offerEmoji } from "./palette.js";
import { closeSheet, showDetails, showForward, showGroup, showMe } from "./sheet.js";
import {
  chatsOf, edit, follow, linesOf, loadChats, loadEverything, mayWrite, moderates, nameFor, place, press, react,
  revoke, say, vote, world,
} from "./world.js";

const COMMANDS = ["!नियम", "!niyam", "!rules", "!मदद"];

let quoting = null;
let editing = null;
let sheetChat = null;

async function reload() {
  await loadEverything();
  if (!world.members.has(me())) become(world.members.keys().next().value ?? null);
  await loadChats(chatsOf(me()));
  const chat = openChat();
  if (chat && !chatsOf(me()).includes(chat)) showChat(null);
  draw();
}

function draw() {
  drawWho(!$("people").hidden);
  drawList(openChat());
  drawComposer();
  redraw();
}

function drawComposer() {
  const name = nameFor(me());
  $("draft").placeholder = t("draft");
  $("draft").setAttribute("aria-label", t("sendTo", name));
  $("send").setAttribute("aria-label", t("send"));
  $("back").setAttribute("aria-label", t("back"));
  $("quoting-stop").setAttribute("aria-label", t("stopQuoting"));
  $("chips").setAttribute("aria-label", t("commands"));
  $("language").textContent = t("toggle");
  $("language").setAttribute("aria-label", t("toggleLabel"));
  $("language").lang = currentLanguage() === "hi" ? "en" : "hi";
  $("attach").setAttribute("aria-label", t("attach"));
  $("attach").title = t("attach");
  $("file").setAttribute("aria-label", t("sendFile"));
  const quoted = linesOf(openChat()).find((line) => line.id === (editing ?? quoting));
  $("quoting").hidden = !quoted;
  $("quoting").dataset.label = editing ? t("editing") : "";
  $("quoting-text").replaceChildren(...(quoted ? quoteParts(quoted) : []));
  const open = mayWrite(openChat(), me());
  $("closed").hidden = open;
  $("entry").hidden = $("chips").hidden = !open;
}

// The open chat stands in the address, so that the browser's back button leads to the list on a phone.
function route() {
  hideEmoji();
  const chat = decodeURIComponent(location.hash.slice(1));
  const known = chatsOf(me()).includes(chat) ? chat : null;
  quoting = editing = null;
  showChat(known);
  $("app").dataset.screen = known ? "chat" : "list";
  draw();
  if (known && matchMedia("(min-width: 820px)").matches) $("draft").focus();
}

function go(chat) {
  const hash = chat ? `#${encodeURIComponent(chat)}` : "";
  if (location.hash === hash) route();
  else if (chat) location.hash = hash;
  else history.back();
}

async function switchTo(phone) {
  become(phone);
  await loadChats(chatsOf(phone));
  togglePeople(false);
  const chat = openChat();
  if (chat && !world.groups.has(chat)) location.replace(`#${encodeURIComponent(chat.replace(/^\d+/u, phone))}`);
  else route();
}

function togglePeople(open) {
  $("people").hidden = !open;
  drawWho(open);
  if (open) ($("people").querySelector('[aria-selected="true"]') ?? $("people").firstElementChild)?.focus();
}

async function send(text) {
  const chat = openChat();
  if (!text.trim() || !chat) return;
  const line = pendingLine(chat, text);
  quoting = null;
  drawComposer();
  addPending(line);
  try {
    const message = await say(chat, line.from, text, line.reply_to);
    arrived(message);
  } catch {
    if (!$("draft").value) $("draft").value = text;
    toast(t("failed"));
  } finally {
    dropPending(line);
  }
}

function pendingLine(chat, text) {
  return {
    id: `pending-${Math.random()}`, chat, seq: Infinity, from: me(), at: new Date().toISOString(), kind: "text",
    type: "text", text, reply_to: quoting, ticks: "pending", delivered: [], read: [], waiting: [], reactions: {},
  };
}

function takeDraft() {
  const text = $("draft").value;
  $("draft").value = "";
  fit();
  return text;
}

function sendDraft() {
  const text = takeDraft();
  if (editing) change(text);
  else send(text);
}

async function change(text) {
  const message = found(editing);
  editing = null;
  drawComposer();
  if (message && text.trim()) await attempt(() => edit(message, text));
}

// Whatever comes of it, the stream tells; only a refusal is said here.
async function attempt(work) {
  try {
    await work();
  } catch {
    toast(t("actionFailed"));
  }
}

const found = (id) => linesOf(openChat()).find((line) => line.id === id);

function forward(message) {
  showForward(chatsOf(me()), (chat) => {
    closeSheet();
    const { text, type, payload } = message;
    attempt(() => say(chat, me(), text, null, { type, payload, forwarded: true }));
  });
}

function fit() {
  const draft = $("draft");
  draft.style.height = "auto";
  draft.style.height = `${Math.min(draft.scrollHeight, 160)}px`;
}

function arrived(message) {
  const isNew = place(message);
  update(message, isNew);
  drawList(openChat());
}

function heard(news) {
  if (news.type === "stale") {
    reload();
  } else if (news.type === "message") {
    if (news.message.kind !== "reaction") arrived(news.message);
  } else if (news.type === "group") {
    world.groups.set(news.group.id, news.group);
    loadChats(chatsOf(me())).then(draw);
    if ($("sheet").open && sheetChat === news.group.id) openGroup(news.group.id);
  } else if (news.type === "member") {
    world.members.set(news.member.phone, news.member);
    draw();
  }
}

function openGroup(chat) {
  sheetChat = chat;
  const failed = () => toast(t("actionFailed"));
  if (!world.groups.has(chat)) {
    showMe(me(), { renumbered, failed });
    return;
  }
  showGroup(chat, {
    become: (phone) => {
      closeSheet();
      switchTo(phone);
    },
    failed,
  });
}

async function renumbered(phone) {
  closeSheet();
  become(phone);
  await reload();
  location.replace(`#${encodeURIComponent(phone)}`);
}

let toastTimer;
function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => ($("toast").hidden = true), 4000);
}

function act(name, element, choice) {
  const message = found(element.dataset.id);
  if (!message) return;
  const acts = {
    jump: () => jumpTo(message.reply_to),
    details: () => {
      sheetChat = null;
      showDetails(message);
    },
    reply: () => compose(message.id, null, null),
    edit: () => compose(null, message.id, message.text),
    revoke: () => attempt(() => revoke(message, me())),
    vote: () => attempt(() => vote(message.chat, me(), message.id, chosen(message, choice))),
    forward: () => forward(message),
    press: () => attempt(() => press(message.chat, me(), message.id, choice)),
    react: () =>
      offerEmoji(element.querySelector(".bubble"), message.reactions[me()], (emoji) =>
        attempt(() => react(message.chat, me(), message.id, emoji)),
      ),
  };
  acts[name]?.();
}

// The whole choice in a poll after a click on one option.
function chosen(poll, option) {
  const mine = poll.votes[me()] ?? [];
  if (mine.includes(option)) return mine.filter((each) => each !== option);
  return poll.payload.poll.multipleAnswers ? [...mine, option] : [option];
}

function compose(reply, change, text) {
  quoting = reply;
  editing = change;
  if (text !== null) $("draft").value = text;
  fit();
  drawComposer();
  $("draft").focus();
}

// Arrow keys, Home and End move through a list; Enter and Space choose.
function listKeys(list, choose) {
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
  list.addEventListener("keydown", (event) => {
    const options = [...list.children];
    const at = options.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1 }[event.key];
    if (next !== undefined) options[Math.max(0, Math.min(next, options.length - 1))]?.focus();
    else if (event.key === "Enter" || event.key === " ") choose(document.activeElement);
    else return;
    event.preventDefault();
  });
}

function logKeys(event) {
  const message = event.target.closest(".message");
  if (!message || event.target !== message) return;
  const acts = { r: "reply", Enter: "reply", e: "react", i: "details", f: "forward" };
  if (message.classList.contains("mine")) Object.assign(acts, { c: "edit", Delete: "revoke" });
  if (moderates(openChat(), me())) acts.Delete = "revoke";
  if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(message, event.key === "ArrowDown" ? 1 : -1);
  else if (acts[event.key]) act(acts[event.key], message);
  else return;
  event.preventDefault();
}

function wire() {
  listKeys($("chats"), (row) => go(row.dataset.chat));
  listKeys($("people"), (row) => switchTo(row.dataset.phone));
  $("who").addEventListener("click", () => togglePeople($("people").hidden));
  $("language").addEventListener("click", () => {
    chooseLanguage(currentLanguage() === "hi" ? "en" : "hi");
    setLanguage(chosenLanguage());
    draw();
  });
  $("back").addEventListener("click", () => go(null));
  $("chat-open").addEventListener("click", () => openGroup(openChat()));
  $("chips").append(
    ...COMMANDS.map((command) => el("button", { type: "button", class: "chip", onclick: () => send(command) }, command)),
  );
  $("quoting-stop").addEventListener("click", () => {
    if (editing) takeDraft();
    quoting = editing = null;
    drawComposer();
    $("draft").focus();
  });
  $("send").addEventListener("click", sendDraft);
  $("draft").addEventListener("input", fit);
  $("draft").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      sendDraft();
    }
  });
  $("log").addEventListener("scroll", scrolled, { passive: true });
  $("log").addEventListener("wheel", hideEmoji, { passive: true });
  new ResizeObserver(resized).observe($("log"));
  $("log").addEventListener("keydown", logKeys);
  $("log").addEventListener("click", (event) => {
    const message = event.target.closest(".message");
    const { act: name, choice } = event.target.closest("[data-act]")?.dataset ?? {};
    if (message && name) act(name, message, choice);
    else if (message && !event.target.closest("a, summary")) message.focus({ preventScroll: true });
  });
  $("pinned").addEventListener("click", () => jumpTo($("pinned").dataset.target));
  wireAttachments({
    where: () => {
      const replyTo = quoting;
      quoting = null;
      drawComposer();
      return { chat: openChat(), from: me(), replyTo };
    },
    draft: takeDraft,
    failed: () => toast(t("failed")),
  });
  $("pill").addEventListener("click", () => toBottom(true));
  $("sheet-close").addEventListener("click", closeSheet);
  $("sheet").addEventListener("click", (event) => event.target === $("sheet") && closeSheet());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || $("people").hidden) return;
    togglePeople(false);
    $("who").focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".who") && !$("people").hidden) togglePeople(false);
  });
  document.addEventListener("visibilitychange", () => {
    scrolled();
    drawList(openChat());
  });
  addEventListener("hashchange", route);
}

function banner(text) {
  $("banner").textContent = text ?? "";
  $("banner").hidden = !text;
}

async function start() {
  setLanguage(chosenLanguage());
  wire();
  let routed = false;
  follow({
    news: heard,
    lost: () => banner(t("lost")),
    found: async () => {
      await reload();
      banner(null);
      if (!routed) route();
      routed = true;
      document.documentElement.dataset.ready = "yes";
    },
  });
}

start();
