// Words for messages that are not text.

import { t } from "./i18n.js";
import { bridged, nameFor, world } from "./world.js";

const SIGNS = {
  image: ["📷", "photo"],
  video: ["🎬", "video"],
  audio: ["🎵", "audio"],
  voice: ["🎤", "voice"],
  document: ["📄", "document"],
  sticker: ["🙂", "sticker"],
  location: ["📍", "location"],
  contacts: ["👤", "contacts"],
  interactive: ["☑️", "list"],
  template: ["🧾", "template"],
  poll: ["📊", "poll"],
};

// What kind of thing a message is: a sign and a word.
export function kindOf(message) {
  const type = message.payload?.audio?.voice ? "voice" : message.type;
  const [sign, word] = SIGNS[type] ?? ["❔", "other"];
  return [sign, t(word)];
}

export function typeText(message) {
  const [sign, word] = kindOf(message);
  const caption = message.text || message.payload?.[message.type]?.caption || message.payload?.[message.type]?.name;
  return `${sign} ${caption || word}`;
}

// What was said, with names where WhatsApp writes the digits of whoever is called.
export function withNames(message) {
  if (!bridged(message.chat)) return message.text;
  return message.text.replace(/@(\d{8,20})/gu, (mark, digits) => {
    const called = world.members.get(digits) ?? [...world.members.values()].find((each) => each.hidden_id === digits);
    return called ? `@${called.name}` : mark;
  });
}

// One line for what was said, for the list of chats and for quotes.
export function shortText(message, plain) {
  if (message.deleted) return `🚫 ${t("deleted")}`;
  const spoken = message.kind !== "other" || message.type === "interactive";
  return spoken ? plain(withNames(message)) : typeText(message);
}

export const isNote = (message) => message.kind === "note" || message.kind === "pin";

export const noteText = (note) => t(note.text, nameFor(note.from)) ?? note.text;
