// Words for messages that are not text.

import { t } from "./i18n.js";
import { nameFor } from "./world.js";

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

// One line for what was said, for the list of chats and for quotes.
export function shortText(message, plain) {
  if (message.deleted) return `🚫 ${t("deleted")}`;
  const spoken = message.kind !== "other" || message.type === "interactive";
  return spoken ? plain(message.text) : typeText(message);
}

export const isNote = (message) => message.kind === "note" || message.kind === "pin";

export const noteText = (note) => t(note.text, nameFor(note.from)) ?? note.text;
