// WhatsApp's formatting as elements: *bold* _italic_ ~strike~ ```mono``` `code` and links.

import { el } from "./dom.js";

const MONO = /```([\s\S]+?)```/u;
const LINK = /https?:\/\/[^\s<>"']+[^\s<>"'.,:;!?)\]}]/u;
const INLINE = /(?<![\p{L}\p{N}])([*_~`])(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])/u;
const TAGS = { "*": "strong", _: "em", "~": "s", "`": "code" };

export function formatted(text) {
  const fragment = document.createDocumentFragment();
  fragment.append(...pieces(text));
  return fragment;
}

function pieces(text) {
  const mono = MONO.exec(text);
  const link = LINK.exec(text);
  const inline = INLINE.exec(text);
  const first = [mono, link, inline].filter(Boolean).sort((a, b) => a.index - b.index)[0];
  if (!first) return text ? [text] : [];
  const before = text.slice(0, first.index);
  const after = text.slice(first.index + first[0].length);
  return [...(before ? [before] : []), element(first, mono, link), ...pieces(after)];
}

function element(found, mono, link) {
  if (found === mono) return el("code", { class: "mono" }, found[1]);
  if (found === link) {
    return el("a", { href: found[0], target: "_blank", rel: "noopener noreferrer nofollow" }, found[0]);
  }
  const inside = found[1] === "`" ? [found[2]] : pieces(found[2]);
  return el(TAGS[found[1]], {}, ...inside);
}

// One line without marks, for the list of chats and for quotes.
export function plain(text) {
  return text
    .replaceAll("```", "")
    .replace(/(?<![\p{L}\p{N}])([*_~`])(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])/gu, "$2")
    .replace(/\s+/gu, " ")
    .trim();
}
