// What a message holds beside its words: a file, a place, the rows of a form, buttons.

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { me } from "./me.js";
import { kindOf } from "./words.js";
import { nameFor } from "./world.js";

const MEDIA = ["image", "video", "audio", "document", "sticker"];

export function card(message) {
  if (MEDIA.includes(message.type)) return fileCard(message);
  if (message.type === "poll") return pollCard(message);
  if (message.type === "location") return placeCard(message.payload?.location ?? {});
  if (message.type === "contacts" || message.type === "template") return plainCard(...kindOf(message), "");
  return null;
}

function fileCard(message) {
  const file = message.payload?.[message.type] ?? {};
  const [sign, kind] = kindOf(message);
  // Only what the simulator itself keeps is opened: an address from outside stays a text.
  const href = file.id ? `v1/media/${encodeURIComponent(file.id)}` : null;
  const name = file.filename || file.link || file.mime_type || "";
  const picture = href && message.type === "image" && file.mime_type;
  return el(
    "div",
    { class: "file" },
    picture ? el("img", { class: "picture", src: href, alt: t("photo"), loading: "lazy" }) : null,
    plainCard(
      sign,
      kind,
      name,
      href && file.sha256
        ? el("a", { class: "open", href, target: "_blank", rel: "noopener", "aria-label": `${t("download")}: ${kind}` }, t("download"))
        : null,
    ),
  );
}

// Everybody sees who has chosen what, and chooses by a click.
function pollCard(message) {
  const { name, options = [], multipleAnswers } = message.payload?.poll ?? {};
  const votes = Object.entries(message.votes);
  const rows = options.map((option) => {
    const voters = votes.filter(([, chosen]) => chosen.includes(option)).map(([who]) => who);
    const names = voters.map((who) => (who === me() ? t("you") : nameFor(who))).join(", ");
    return el(
      "button",
      {
        type: "button", class: "option", "data-act": "vote", "data-choice": option, "aria-pressed": String(voters.includes(me())),
        title: names, "aria-label": `${option}: ${t("votes", voters.length)}`,
      },
      el("span", { class: "option-text", dir: "auto" }, option),
      el("span", { class: "option-count", "aria-hidden": "true" }, String(voters.length)),
      el("progress", { max: String(Math.max(votes.length, 1)), value: String(voters.length), "aria-hidden": "true" }),
    );
  });
  return el(
    "div",
    { class: "poll", role: "group", "aria-label": `${t("poll")}: ${name}` },
    el("strong", { dir: "auto" }, "📊 ", name ?? ""),
    el("small", {}, t(multipleAnswers ? "chooseMany" : "chooseOne")),
    ...rows,
  );
}

function placeCard(place) {
  const where = `${place.latitude ?? "?"}, ${place.longitude ?? "?"}`;
  return plainCard("📍", place.name || t("location"), place.address || where);
}

const plainCard = (sign, title, detail, ...more) =>
  el(
    "div",
    { class: "card" },
    el("span", { class: "card-sign", "aria-hidden": "true" }, sign),
    el(
      "span",
      { class: "card-text" },
      el("strong", { dir: "auto" }, title),
      detail ? el("small", { dir: "auto" }, detail) : null,
    ),
    ...more,
  );

// The choices that the bot offers: whoever is in the chat may press one.
export function choices(message) {
  const asked = message.payload?.interactive;
  if (message.from !== "bot" || !asked?.action) return null;
  const rows =
    asked.type === "button"
      ? asked.action.buttons.map((button) => button.reply)
      : (asked.action.sections ?? []).flatMap((section) => section.rows);
  if (!rows.length) return null;
  const press = (row) =>
    el(
      "button",
      { type: "button", class: "choice", "data-act": "press", "data-choice": row.id },
      el("span", { dir: "auto" }, row.title),
      row.description ? el("small", { dir: "auto" }, row.description) : null,
    );
  if (asked.type === "button") return el("div", { class: "choices", role: "group", "aria-label": t("choose") }, ...rows.map(press));
  return el(
    "details",
    { class: "choices listed" },
    el("summary", {}, `${asked.action.button} ${t("list")}`),
    ...rows.map(press),
  );
}
