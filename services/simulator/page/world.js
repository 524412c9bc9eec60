// What the page knows: a copy of the simulator's world, kept fresh by its stream.

const BASE = new URL("v1/", document.baseURI);

export const BOT = "bot";

export const world = { bot: { name: "", phone: "" }, waha: null, members: new Map(), groups: new Map(), lines: new Map() };

export async function call(path, method = "GET", body = undefined) {
  const answer = await fetch(new URL(path, BASE), {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

const chatPath = (chat) => `chats/${encodeURIComponent(chat)}`;

export async function loadEverything() {
  const whole = await call("world");
  world.bot = whole.bot;
  world.waha = whole.waha;
  world.members = new Map(whole.members.map((member) => [member.phone, member]));
  world.groups = new Map(whole.groups.map((group) => [group.id, group]));
  world.lines.clear();
}

// Loads the chats that have not been looked at yet.
export async function loadChats(chats) {
  const missing = chats.filter((chat) => !world.lines.has(chat));
  const loaded = await Promise.all(missing.map((chat) => call(`${chatPath(chat)}/messages`)));
  missing.forEach((chat, index) => world.lines.set(chat, loaded[index].messages));
}

// Puts a message in its place and tells whether it was not there before.
export function place(message) {
  const lines = world.lines.get(message.chat);
  if (!lines || message.kind === "reaction") return false;
  const at = lines.findIndex((line) => line.id === message.id);
  if (at >= 0) {
    lines[at] = message;
    return false;
  }
  const after = lines.findLastIndex((line) => line.seq < message.seq);
  lines.splice(after + 1, 0, message);
  return true;
}

export const say = (chat, from, text, replyTo, extra = {}) =>
  call(`${chatPath(chat)}/messages`, "POST", { from, text, reply_to: replyTo ?? null, ...extra });

export const edit = (message, text) =>
  call(`${chatPath(message.chat)}/messages/${encodeURIComponent(message.id)}`, "PATCH", { from: message.from, text });

export const revoke = (message, who) =>
  call(`${chatPath(message.chat)}/messages/${encodeURIComponent(message.id)}?from=${who}`, "DELETE");

export const vote = (chat, from, messageId, options) =>
  call(`${chatPath(chat)}/votes`, "POST", { from, message_id: messageId, options });

export const press = (chat, from, messageId, choice) =>
  call(`${chatPath(chat)}/presses`, "POST", { from, message_id: messageId, choice });

// Keeps a file on the simulator's servers and returns what it is called there.
export async function upload(file) {
  const answer = await fetch(new URL(`media?filename=${encodeURIComponent(file.name)}`, BASE), {
    method: "POST",
    headers: { "content-type": file.type || "application/octet-stream" },
    body: file,
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

export const react = (chat, from, messageId, emoji) =>
  call(`${chatPath(chat)}/reactions`, "POST", { from, message_id: messageId, emoji });

export const join = (group, phone, name) =>
  call(`groups/${encodeURIComponent(group)}/members`, "POST", { phone, name: name ?? null });

export const leave = (group, phone) => call(`groups/${encodeURIComponent(group)}/members/${phone}`, "DELETE");

export const regroup = (group, changes) => call(`groups/${encodeURIComponent(group)}`, "PATCH", changes);

export const ask = (group, phone, name) =>
  call(`groups/${encodeURIComponent(group)}/join-requests`, "POST", { phone, name: name ?? null });

export const withdraw = (group, phone) => call(`groups/${encodeURIComponent(group)}/join-requests/${phone}`, "DELETE");

export const settle = (group, phone, approved) =>
  call(`groups/${encodeURIComponent(group)}/join-requests/${phone}`, "PUT", { approved });

export const rank = (group, who, admin) =>
  call(`groups/${encodeURIComponent(group)}/admins/${who}`, admin ? "PUT" : "DELETE");

export const renumber = (phone, fresh) => call(`members/${phone}/number`, "PUT", { phone: fresh });

export const freshNumber = () => `9199991${String(Math.floor(Math.random() * 100_000)).padStart(5, "0")}`;

export function nameFor(author) {
  return author === BOT ? world.bot.name : (world.members.get(author)?.name ?? `+${author}`);
}

// Beside the groups, a chat with each number of the bot that a member has met.
export function chatsOf(me) {
  const groups = [...world.groups.values()].filter((group) => group.members.includes(me));
  const direct = world.members.has(me) ? [me] : [];
  if (direct.length && world.waha && groups.some(isBridged)) direct.push(`${me}@c.us`);
  return [...groups.map((group) => group.id), ...direct];
}

const isBridged = (group) => group.account === "waha";

// Whether a chat is with the number that WAHA drives as a linked device.
export const bridged = (chat) => world.waha !== null && (chat?.includes("@") ?? false);

export const botIn = (chat) => (bridged(chat) ? world.waha : world.bot);

// Whether `who` may delete what others have said in `chat`.
export const moderates = (chat, who) => bridged(chat) && isAdmin(chat, who);

export const mayWrite = (chat, who) => !world.groups.get(chat)?.admins_only || isAdmin(chat, who);

export const linesOf = (chat) => world.lines.get(chat) ?? [];

export const lastOf = (chat) => linesOf(chat).at(-1);

export const titleOf = (chat) => world.groups.get(chat)?.subject ?? botIn(chat).name;

export const isAdmin = (chat, phone) => world.groups.get(chat)?.admins.includes(phone) ?? false;

// Follows the stream; `lost` and `found` tell when it breaks and when it is there (again).
export function follow({ news, lost, found }) {
  let source;
  let again;
  const open = () => {
    source = new EventSource(new URL("stream", BASE));
    source.onopen = found;
    source.onmessage = (event) => news(JSON.parse(event.data));
    source.onerror = () => {
      lost();
      // A refused connection is given up by the browser, so it is opened anew here.
      if (source.readyState === EventSource.CLOSED) {
        clearTimeout(again);
        again = setTimeout(open, 1500);
      }
    };
  };
  open();
}
