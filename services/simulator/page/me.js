// What this browser remembers: who I am, the language, and how far each member has read.

const KEY = "chaupal-simulator";

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

const mine = { me: null, language: null, read: {}, ...remembered() };

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify(mine));
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}

export const me = () => mine.me;

export function become(phone) {
  mine.me = phone;
  keep();
}

export const chosenLanguage = () =>
  mine.language ?? (navigator.language.toLowerCase().startsWith("en") ? "en" : "hi");

export function chooseLanguage(language) {
  mine.language = language;
  keep();
}

const mark = (chat) => `${mine.me} ${chat}`;

export const readUpTo = (chat) => mine.read[mark(chat)] ?? 0;

export function markRead(chat, seq) {
  if (seq <= readUpTo(chat)) return;
  mine.read[mark(chat)] = seq;
  keep();
}
