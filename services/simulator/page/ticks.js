// The ticks beside a message: one for sent, two for delivered, blue for read.

import { icon } from "./dom.js";
import { t } from "./i18n.js";

export function ticksText(message) {
  if (message.ticks === "pending") return t("pending");
  if (message.ticks === "failed") return t("statusFailed");
  const all = message.delivered.length + message.waiting.length;
  if (message.read.length) return all === 1 ? t("readAll") : t("read", message.read.length, all);
  if (message.delivered.length) {
    return all === 1 ? t("deliveredAll") : t("delivered", message.delivered.length, all);
  }
  return t("sent");
}

export function ticks(message) {
  const shape = { pending: "clock", sent: "tick", failed: "failed" }[message.ticks] ?? "ticks";
  const svg = icon(shape, ticksText(message));
  svg.classList.add(`ticks-${message.ticks}`);
  return svg;
}
