// The left side: who I am, and my chats with their last message.

import { $, avatar, el, nameOf } from "./dom.js";
import { plain } from "./format.js";
import { clock, shortDay, t } from "./i18n.js";
import { me, readUpTo } from "./me.js";
import { isNote, noteText, shortText } from "./words.js";
import { ticks } from "./ticks.js";
import { BOT, bridged, chatsOf, isAdmin, lastOf, linesOf, nameFor, titleOf, world } from "./world.js";

const adminSomewhere = (phone) => [...world.groups.keys()].some((group) => isAdmin(group, phone));

export function drawWho(open) {
  const now = $("who");
  const member = world.members.get(me());
  now.setAttribute("aria-expanded", String(open));
  now.setAttribute("aria-label", `${t("iAm")} ${member?.name ?? ""}. ${t("chooseMe")}`);
  now.replaceChildren(
    avatar("person", me() ?? "", member?.name ?? ""),
    el("span", { class: "who-text" }, el("small", {}, t("iAm")), nameOf(member?.name ?? "", { class: "who-name" })),
    adminSomewhere(me()) ? el("span", { class: "badge-admin" }, t("admin")) : null,
    el("span", { class: "chevron", "aria-hidden": "true" }),
  );
  const people = $("people");
  people.hidden = !open;
  people.setAttribute("aria-label", t("chooseMe"));
  people.replaceChildren(
    ...[...world.members.values()].map((each) =>
      el(
        "li",
        {
          role: "option",
          id: `person-${each.phone}`,
          class: "person",
          tabindex: "-1",
          "data-phone": each.phone,
          "aria-selected": String(each.phone === me()),
        },
        avatar("person", each.phone, each.name),
        nameOf(each.name, { class: "person-name" }),
        adminSomewhere(each.phone) ? el("span", { class: "badge-admin" }, t("admin")) : null,
      ),
    ),
  );
}

export function drawList(open) {
  const list = $("chats");
  const focused = document.activeElement?.closest?.(".chat-row")?.dataset.chat;
  const chats = chatsOf(me()).sort((a, b) => timeOf(b) - timeOf(a));
  list.setAttribute("aria-label", t("chats"));
  list.replaceChildren(...chats.map((chat) => row(chat, chat === open)));
  const tabbable = list.querySelector('[aria-selected="true"]') ?? list.firstElementChild;
  if (tabbable) tabbable.tabIndex = 0;
  if (focused) list.querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus();
}

const timeOf = (chat) => (lastOf(chat) ? Date.parse(lastOf(chat).at) : 0);

function row(chat, selected) {
  const last = lastOf(chat);
  const group = world.groups.get(chat);
  const unread = linesOf(chat).filter(
    (line) => line.seq > readUpTo(chat) && line.from !== me() && !isNote(line),
  ).length;
  return el(
    "li",
    { role: "option", class: "chat-row", tabindex: "-1", "data-chat": chat, "aria-selected": String(selected) },
    avatar(group ? "group" : "bot", chat, titleOf(chat)),
    el(
      "span",
      { class: "row-text" },
      el(
        "span",
        { class: "row-top" },
        nameOf(titleOf(chat), { class: "row-title" }),
        group ? null : el("span", { class: "badge-bot" }, t("bot")),
        bridged(chat) ? el("span", { class: "badge-bridge", title: t("bridge") }, "WAHA") : null,
        last
          ? el("time", { class: "row-time", datetime: last.at, title: clock(new Date(last.at)) }, shortDay(new Date(last.at)))
          : null,
      ),
      el(
        "span",
        { class: "row-bottom" },
        el("span", { class: "row-last", dir: "auto" }, ...preview(last, Boolean(group))),
        unread ? el("span", { class: "unread", "aria-label": t("unread", unread) }, String(unread)) : null,
      ),
    ),
  );
}

function preview(last, inGroup) {
  if (!last) return [t("noMessages")];
  if (isNote(last)) return [noteText(last)];
  const text = shortText(last, plain);
  if (last.from === me()) return [ticks(last), " ", text];
  return inGroup ? [nameOf(firstName(last.from)), ": ", text] : [text];
}

const firstName = (author) => (author === BOT ? nameFor(BOT) : nameFor(author).split(" ")[0]);
