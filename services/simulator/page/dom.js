// Builds elements from plain values: text only ever enters as text.

const SVG = "http://www.w3.org/2000/svg";

export const $ = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name, label) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else {
    svg.setAttribute("aria-hidden", "true");
  }
  svg.classList.add("icon", `icon-${name}`);
  svg.append(use);
  return svg;
}

// A name is set apart from the text around it: one that reverses the reading order reverses only itself.
export const nameOf = (text, attributes = {}) => el("bdi", attributes, text);

export function toneOf(key) {
  let sum = 0;
  for (const letter of key) sum = (sum * 31 + letter.codePointAt(0)) % 997;
  return sum % 8;
}

export function avatar(kind, key, name) {
  if (kind === "bot") {
    return el("span", { class: "avatar avatar-bot", "aria-hidden": "true" }, icon("tree"));
  }
  return el(
    "span",
    { class: `avatar avatar-${kind} tone-${toneOf(kind === "group" ? `#${key}` : key)}`, "aria-hidden": "true" },
    initials(name),
  );
}

const letters = new Intl.Segmenter("hi", { granularity: "grapheme" });

function initials(name) {
  const words = name.trim().split(/\s+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const first = (word) => letters.segment(word)[Symbol.iterator]().next().value.segment.toUpperCase();
  const chosen = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  // Two syllables of an Indian script are as wide as four Latin letters, and two scripts side by side a riddle.
  const latin = chosen.every((word) => /^[\p{Script=Latin}\p{N}]/u.test(word));
  return (latin ? chosen : chosen.slice(0, 1)).map(first).join("") || "?";
}
