// The dialogs: what became of a message, and who is in a group.

import { $, avatar, el, nameOf } from "./dom.js";
import { formatted, plain } from "./format.js";
import { clock, t } from "./i18n.js";
import { ticks, ticksText } from "./ticks.js";
import { shortText } from "./words.js";
import {
  ask, BOT, bridged, freshNumber, isAdmin, join, leave, nameFor, rank, regroup, renumber, settle, titleOf, withdraw, world,
} from "./world.js";

function show(title, ...children) {
  $("sheet-title").replaceChildren(nameOf(title));
  $("sheet-close").setAttribute("aria-label", t("close"));
  $("sheet-body").replaceChildren(...children.filter(Boolean));
  if (!$("sheet").open) $("sheet").showModal();
}

export const closeSheet = () => $("sheet").close();

const face = (who) => avatar(who === BOT ? "bot" : "person", who, nameFor(who));

function crowd(title, people) {
  if (!people.length) return null;
  return el(
    "section",
    {},
    el("h3", {}, `${title} · ${people.length}`),
    el("ul", { class: "crowd" }, ...people.map((who) => el("li", {}, face(who), nameOf(nameFor(who))))),
  );
}

export function showDetails(message) {
  const own = message.kind === "other" || message.deleted ? shortText(message, plain) : formatted(message.text);
  const read = message.read;
  const delivered = message.delivered.filter((who) => !read.includes(who));
  show(
    t("details"),
    el("blockquote", { class: "detail-text", dir: "auto" }, own),
    el("p", { class: "detail-status" }, ticks(message), " ", ticksText(message), " · ", clock(new Date(message.at))),
    crowd(t("readBy"), read),
    crowd(t("deliveredTo"), delivered),
    crowd(t("waitingFor"), message.waiting),
    el(
      "details",
      { class: "hood" },
      el("summary", {}, t("hood")),
      el(
        "dl",
        {},
        ...fact(t("messageId"), message.id),
        ...(message.opaque ? fact(t("callback"), message.opaque) : []),
        ...(message.history ? fact("", t("notTold")) : []),
      ),
    ),
  );
}

const fact = (name, value) => [el("dt", {}, name), el("dd", {}, el("code", {}, value))];

export function showGroup(chat, { become, failed }) {
  const group = world.groups.get(chat);
  if (!group) return;
  const again = (work) => async () => {
    try {
      await work();
    } catch {
      failed();
    }
  };
  const outside = [...world.members.keys()].filter((phone) => !group.members.includes(phone));
  const name = el("input", {
    id: "newcomer", type: "text", maxlength: "60", dir: "auto", autocomplete: "off", placeholder: t("newcomerName"),
    "aria-label": t("newcomerName"),
  });
  const newcomer = again(async () => {
    if (name.value.trim()) await (group.approval ? ask : join)(chat, freshNumber(), name.value.trim());
  });
  show(
    titleOf(chat),
    group.description ? el("p", { class: "about", dir: "auto" }, group.description) : null,
    settings(group, again),
    el(
      "section",
      {},
      el("h3", {}, t("members", group.members.length + 1)),
      el(
        "ul",
        { class: "roster" },
        el(
          "li",
          {},
          face(BOT),
          nameOf(nameFor(BOT), { class: "roster-name" }),
          el("span", { class: "badge-bot" }, t("bot")),
          isAdmin(chat, BOT) ? el("span", { class: "badge-admin" }, t("admin")) : null,
          ranks(chat, BOT, again),
        ),
        ...group.members.map((phone) =>
          el(
            "li",
            {},
            el(
              "button",
              { type: "button", class: "roster-me", "aria-label": t("become", nameFor(phone)), onclick: () => become(phone) },
              face(phone),
              nameOf(nameFor(phone), { class: "roster-name" }),
              isAdmin(chat, phone) ? el("span", { class: "badge-admin" }, t("admin")) : null,
            ),
            ranks(chat, phone, again),
            el(
              "button",
              {
                type: "button", class: "quiet", "aria-label": t("leaveOf", nameFor(phone)),
                onclick: again(() => leave(chat, phone)),
              },
              t("leave"),
            ),
          ),
        ),
      ),
    ),
    outside.length
      ? el(
          "section",
          {},
          el("h3", {}, t("outside")),
          el(
            "ul",
            { class: "roster" },
            ...outside.map((phone) =>
              el(
                "li",
                {},
                face(phone),
                nameOf(nameFor(phone), { class: "roster-name" }),
                entrance(group, phone, again),
              ),
            ),
          ),
        )
      : null,
    el(
      "section",
      {},
      el("h3", {}, t("newcomer")),
      el("div", { class: "newcomer" }, name, el("button", { type: "button", class: "quiet", onclick: newcomer }, t(group.approval ? "ask" : "join"))),
    ),
  );
}

// Makes somebody an admin or no longer one: where a linked device sees it.
function ranks(chat, who, again) {
  if (!bridged(chat)) return null;
  const act = isAdmin(chat, who) ? "demote" : "promote";
  return el(
    "button",
    { type: "button", class: "quiet rank", "aria-label": t(`${act}Of`, nameFor(who)), onclick: again(() => rank(chat, who, act === "promote")) },
    t(act),
  );
}

// How somebody comes in: by the link at once, or by asking where the business decides.
function entrance(group, phone, again) {
  const asked = Object.values(group.requests).includes(phone);
  const act = asked ? "withdraw" : group.approval ? "ask" : "join";
  const work = { withdraw, ask, join }[act];
  return el(
    "span",
    { class: "entrance" },
    asked ? el("small", {}, t("waiting")) : null,
    ...(asked && bridged(group.id) ? [["admit", true], ["refuse", false]] : []).map(([word, approved]) =>
      el(
        "button",
        { type: "button", class: "quiet", "aria-label": t(`${word}Of`, nameFor(phone)), onclick: again(() => settle(group.id, phone, approved)) },
        t(word),
      ),
    ),
    el(
      "button",
      { type: "button", class: "quiet", "aria-label": t(`${act}Of`, nameFor(phone)), onclick: again(() => work(group.id, phone)) },
      t(act),
    ),
  );
}

function settings(group, again) {
  const subject = el("input", {
    id: "subject", type: "text", maxlength: "128", dir: "auto", autocomplete: "off", value: group.subject,
    "aria-label": t("subject"),
  });
  const rename = again(async () => {
    if (subject.value.trim()) await regroup(group.id, { subject: subject.value.trim() });
  });
  const approval = el("input", {
    id: "approval", type: "checkbox", checked: group.approval, onchange: again(() => regroup(group.id, { approval: approval.checked })),
  });
  const closed = el("input", {
    id: "admins-only", type: "checkbox", checked: group.admins_only,
    onchange: again(() => regroup(group.id, { admins_only: closed.checked })),
  });
  return el(
    "section",
    {},
    el("h3", {}, t("subject")),
    el("div", { class: "field" }, subject, el("button", { type: "button", class: "quiet", onclick: rename }, t("rename"))),
    el("label", { class: "switch" }, approval, t("approval")),
    bridged(group.id) ? el("label", { class: "switch" }, closed, t("adminsOnly")) : null,
  );
}

// Of a direct chat: who I am there, and another number for me.
export function showMe(phone, { renumbered, failed }) {
  const change = async () => {
    try {
      const { phone: fresh } = await renumber(phone, freshNumber());
      renumbered(fresh);
    } catch {
      failed();
    }
  };
  show(
    nameFor(phone),
    el(
      "ul",
      { class: "roster" },
      el(
        "li",
        {},
        face(phone),
        el("span", { class: "roster-name", dir: "ltr" }, `+${phone}`),
        el("button", { type: "button", class: "quiet", "aria-label": t("numberOf", nameFor(phone)), onclick: change }, t("number")),
      ),
    ),
  );
}

export function showForward(chats, forward) {
  show(
    t("forwardTo"),
    el(
      "ul",
      { class: "roster" },
      ...chats.map((chat) =>
        el(
          "li",
          {},
          el(
            "button",
            { type: "button", class: "roster-me", "data-chat": chat, onclick: () => forward(chat) },
            avatar(world.groups.has(chat) ? "group" : "bot", chat, titleOf(chat)),
            nameOf(titleOf(chat), { class: "roster-name" }),
          ),
        ),
      ),
    ),
  );
}
