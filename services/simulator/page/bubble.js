// One message as it stands in the conversation.

import { avatar, el, icon, nameOf, toneOf } from "./dom.js";
import { formatted, plain } from "./format.js";
import { clock, t } from "./i18n.js";
import { me } from "./me.js";
import { ticks, ticksText } from "./ticks.js";
import { card, choices } from "./card.js";
import { isNote, noteText, shortText, withNames } from "./words.js";
import { BOT, isAdmin, linesOf, moderates, nameFor, world } from "./world.js";

const LONE_EMOJI = /^(?:\p{Extended_Pictographic}[\p{M}\u200d\ufe0f\p{Emoji_Modifier}]*\s*){1,3}$/u;

export function bubble(message, follows) {
  if (isNote(message)) return el("p", { class: "note", "data-id": message.id }, el("span", {}, noteText(message)));
  const mine = message.from === me();
  const inGroup = world.groups.has(message.chat);
  const lone = message.kind === "text" && !message.reply_to && LONE_EMOJI.test(message.text);
  const when = new Date(message.at);
  return el(
    "article",
    {
      class: `message ${mine ? "mine" : "theirs"} ${follows ? "follows" : "starts"} ${message.from === BOT ? "from-bot" : ""}`,
      tabindex: "-1",
      "data-id": message.id,
      "aria-label": `${mine ? t("you") : nameFor(message.from)}, ${clock(when)}`,
    },
    inGroup && !mine && !follows
      ? avatar(message.from === BOT ? "bot" : "person", message.from, nameFor(message.from))
      : null,
    el(
      "div",
      { class: `bubble ${lone ? "lone" : ""}` },
      inGroup && !mine && !follows ? sender(message) : null,
      message.forwarded && !message.deleted ? el("span", { class: "forwarded" }, "↪ ", t("forwarded")) : null,
      message.reply_to && !message.deleted ? quote(message) : null,
      message.deleted ? null : card(message),
      el(
        "div",
        { class: "text", dir: "auto" },
        el("span", { class: "words" }, message.deleted ? el("em", { class: "gone" }, "🚫 ", t("deleted")) : words(message)),
        meta(message, when, mine || message.from === BOT),
      ),
      message.deleted ? null : choices(message),
      reactions(message),
    ),
    message.ticks === "pending" || message.deleted ? null : actions(message, mine && !message.history),
  );
}

// A card says its kind itself; what has none and no words says at least that.
function words(message) {
  if (message.type === "poll") return "";
  const own = withNames(message) || message.payload?.[message.type]?.caption || "";
  if (message.kind === "other" && !own && !card(message)) return shortText(message, plain);
  const file = message.payload?.[message.type] ?? {};
  return own === file.filename || own === file.name ? "" : formatted(own);
}

// Inside the text, so that the time stands on the last line where there is room.
function meta(message, when, ticked) {
  const time = el("time", { datetime: message.at }, clock(when));
  return el("span", { class: "meta", dir: "ltr" }, message.edited && !message.deleted ? t("edited") : null, time, ticked ? tickButton(message) : null);
}

function sender(message) {
  const bot = message.from === BOT;
  return el(
    "span",
    { class: `sender ${bot ? "sender-bot" : `ink-${toneOf(message.from)}`}` },
    nameOf(nameFor(message.from)),
    bot ? el("span", { class: "badge-bot" }, t("bot")) : null,
    isAdmin(message.chat, message.from) ? el("span", { class: "badge-admin" }, t("admin")) : null,
  );
}

export function quoteParts(quoted) {
  if (!quoted) return [el("span", { class: "quote-text" }, t("gone"))];
  const text = shortText(quoted, plain);
  return [
    el(
      "span",
      { class: `quote-name ${quoted.from === BOT ? "sender-bot" : `ink-${toneOf(quoted.from)}`}` },
      quoted.from === me() ? t("you") : nameOf(nameFor(quoted.from)),
    ),
    el("span", { class: "quote-text", dir: "auto" }, text),
  ];
}

function quote(message) {
  const quoted = linesOf(message.chat).find((line) => line.id === message.reply_to);
  const tone = quoted && quoted.from !== BOT ? `edge-${toneOf(quoted.from)}` : "edge-bot";
  return el("button", { type: "button", class: `quote ${tone}`, "data-act": "jump" }, ...quoteParts(quoted));
}

function tickButton(message) {
  return el(
    "button",
    { type: "button", class: "tick-button", "data-act": "details", title: ticksText(message), tabindex: "-1" },
    ticks(message),
  );
}

function reactions(message) {
  const entries = Object.entries(message.reactions);
  if (!entries.length) return null;
  const kinds = [...new Set(entries.map(([, emoji]) => emoji))];
  const names = entries.map(([who, emoji]) => `${emoji} ${who === me() ? t("you") : nameFor(who)}`).join(", ");
  return el(
    "button",
    { type: "button", class: "reactions", "data-act": "react", title: names, "aria-label": names, tabindex: "-1" },
    el("span", {}, kinds.slice(0, 4).join("")),
    entries.length > 1 ? el("span", { class: "reaction-count" }, String(entries.length)) : null,
  );
}

function actions(message, own) {
  const action = (act) =>
    el(
      "button",
      { type: "button", class: "icon-button small", "data-act": act, "aria-label": t(act), title: t(act), tabindex: "-1" },
      icon({ reply: "reply", react: "smile", details: "info", forward: "forward", edit: "edit", revoke: "bin" }[act]),
    );
  const acts = ["react", "reply", "forward", ...(own ? ["edit", "revoke"] : moderates(message.chat, me()) ? ["revoke"] : []), "details"];
  return el("div", { class: "actions", role: "group" }, ...acts.map(action));
}
