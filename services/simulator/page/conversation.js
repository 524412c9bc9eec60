// The right side: the conversation of one chat.

import { bubble } from "./bubble.js";
import { $, avatar, el, nameOf } from "./dom.js";
import { day, t } from "./i18n.js";
import { markRead, me } from "./me.js";
import { plain } from "./format.js";
import { isNote, shortText } from "./words.js";
import { BOT, botIn, bridged, lastOf, linesOf, nameFor, titleOf, world } from "./world.js";

const NEAR = 80;
const MANY = 8;
const PAUSE = 10 * 60 * 1000;

const shown = { chat: null, unseen: 0, pending: [], stuck: true };

export const openChat = () => shown.chat;

export function showChat(chat) {
  shown.chat = chat;
  shown.unseen = 0;
  shown.pending = [];
  $("empty").hidden = Boolean(chat);
  $("chat").hidden = !chat;
  if (chat) {
    redraw();
    toBottom(false);
  }
}

export function redraw() {
  if (!shown.chat) return;
  drawHead();
  const log = $("log");
  const lines = [...linesOf(shown.chat), ...shown.pending];
  const focused = document.activeElement?.closest?.(".message")?.dataset.id;
  const children = lines.flatMap((line, index) => withDate(line, lines[index - 1]));
  if (!world.groups.has(shown.chat) && !lines.length) {
    children.push(el("p", { class: "note hint" }, el("span", {}, t("directHint"))));
  }
  log.setAttribute("aria-label", titleOf(shown.chat));
  log.replaceChildren(...children);
  focusable(log);
  if (focused) find(focused)?.focus({ preventScroll: true });
}

function withDate(line, before) {
  const when = new Date(line.at);
  const newDay = !before || new Date(before.at).toDateString() !== when.toDateString();
  const follows =
    !newDay && before.from === line.from && !isNote(before) && when - new Date(before.at) < PAUSE;
  const message = bubble(line, follows);
  return newDay ? [el("p", { class: "date" }, el("span", {}, day(when))), message] : [message];
}

function focusable(log) {
  const messages = log.querySelectorAll(".message");
  if (messages.length) messages[messages.length - 1].tabIndex = 0;
}

function drawHead() {
  const group = world.groups.get(shown.chat);
  $("chat-avatar").replaceChildren(avatar(group ? "group" : "bot", shown.chat, titleOf(shown.chat)));
  $("chat-title").replaceChildren(nameOf(titleOf(shown.chat)));
  if (bridged(shown.chat)) {
    $("chat-title").append(" ", el("span", { class: "badge-bridge", title: t("bridge") }, "WAHA"));
  }
  const names = group?.members.filter((phone) => phone !== me()).map((phone) => nameFor(phone).split(" ")[0]) ?? [];
  $("chat-people").textContent = group
    ? `${names.length > MANY ? `${t("members", names.length + 2)} · ` : ""}${[t("you"), ...names, nameFor(BOT)].join(", ")}`
    : `${t("directPeople")} · +${botIn(shown.chat).phone}`;
  drawPinned(group);
}

// The newest pin that is here, above the conversation.
function drawPinned(group) {
  const pin = group?.pins.map((id) => linesOf(shown.chat).find((line) => line.id === id)).find(Boolean);
  const bar = $("pinned");
  bar.hidden = !pin;
  bar.dataset.target = pin?.id ?? "";
  bar.title = t("jumpToPin");
  $("pinned-words").textContent = pin ? shortText(pin, plain) : "";
}

const find = (id) => $("log").querySelector(`.message[data-id="${CSS.escape(id)}"]`);

// A message came or changed. One that only changed keeps its place on the screen.
export function update(message, isNew) {
  if (message.chat !== shown.chat) return;
  const log = $("log");
  const atBottom = isAtBottom();
  shown.pending = shown.pending.filter((line) => !(isNew && line.from === message.from && line.text === message.text));
  const old = isNew ? null : find(message.id);
  if (old) {
    const focused = old.contains(document.activeElement);
    const fresh = bubble(message, old.classList.contains("follows"));
    fresh.tabIndex = old.tabIndex;
    old.replaceWith(fresh);
    if (focused) fresh.focus({ preventScroll: true });
  } else {
    redraw();
    log.lastElementChild?.classList.add("arriving");
  }
  if (atBottom || (isNew && message.from === me())) toBottom(isNew);
  else if (isNew && !isNote(message)) shown.unseen += 1;
  drawPill();
}

export function addPending(line) {
  shown.pending.push(line);
  redraw();
  toBottom(true);
}

export function dropPending(line) {
  shown.pending = shown.pending.filter((each) => each !== line);
  redraw();
}

function isAtBottom() {
  const log = $("log");
  return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
}

export function toBottom(smoothly) {
  const log = $("log");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  log.scrollTo({ top: log.scrollHeight, behavior: smoothly && !calm ? "smooth" : "instant" });
  seen();
}

function seen() {
  shown.stuck = true;
  shown.unseen = 0;
  const last = lastOf(shown.chat);
  if (last && !document.hidden) markRead(shown.chat, last.seq);
  drawPill();
}

export function scrolled() {
  shown.stuck = isAtBottom();
  if (shown.chat && shown.stuck) seen();
  else drawPill();
}

// The keyboard of a phone or a quote above the draft takes room away: the newest message stays in sight.
export function resized() {
  if (shown.chat && shown.stuck) toBottom(false);
}

function drawPill() {
  const pill = $("pill");
  pill.hidden = isAtBottom() && !shown.unseen;
  pill.lastElementChild.textContent = shown.unseen ? t("newMessages", shown.unseen) : "";
  pill.setAttribute("aria-label", shown.unseen ? t("newMessages", shown.unseen) : t("toBottom"));
}

export function jumpTo(id) {
  const target = find(id);
  if (!target) return;
  target.scrollIntoView({ block: "center", behavior: "smooth" });
  target.classList.remove("flash");
  void target.offsetWidth;
  target.classList.add("flash");
  target.focus({ preventScroll: true });
}

// Arrow keys walk through the messages.
export function walk(from, step) {
  const messages = [...$("log").querySelectorAll(".message")];
  const next = messages[messages.indexOf(from) + step];
  if (!next) return;
  from.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
