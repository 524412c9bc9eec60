// Words for messages that are not text.

import { t } from "./i18n.js";
import { nameFor } from "./world.js";

const SIGNS = {
  image: ["📷", "photo"],
  video: ["🎬", "video"],
  audio: ["🎤", "audio"],
  voice: ["🎤", "audio"],
  document: ["📄", "document"],
  sticker: ["🙂", "sticker"],
  location: ["📍", "location"],
  contacts: ["👤", "contacts"],
};

export function typeText(message) {
  const [sign, word] = SIGNS[message.type] ?? ["❔", "other"];
  const caption = message.text || message.payload?.[message.type]?.caption || "";
  return `${sign} ${caption || t(word)}`;
}

export const noteText = (note) => t(note.text, nameFor(note.from)) ?? note.text;
