// Every word of the page in both languages. A value may be a function of what it talks about.

const WORDS = {
  hi: {
    tagline: "सीखो, सिखाओ, कमाओ",
    toggle: "English",
    toggleLabel: "Switch to English",
    iAm: "मैं हूँ",
    chooseMe: "चुनें कि आप कौन हैं",
    admin: "एडमिन",
    chats: "चैट",
    back: "चैट की सूची पर लौटें",
    you: "आप",
    bot: "बॉट",
    emptyTitle: "चौपाल में बैठिए",
    emptyText: "बाईं ओर से कोई ग्रुप चुनिए और बातचीत शुरू कीजिए। यहाँ आप हर सदस्य की जगह बोल सकते हैं।",
    draft: "संदेश लिखें",
    send: "भेजें",
    sendTo: (name) => `${name}: संदेश लिखें`,
    commands: "काम के संदेश",
    reply: "जवाब दें",
    react: "प्रतिक्रिया दें",
    details: "संदेश की जानकारी",
    stopQuoting: "जवाब रद्द करें",
    close: "बंद करें",
    today: "आज",
    yesterday: "कल",
    newMessages: (count) => `${count} नए संदेश`,
    toBottom: "सबसे नीचे जाएँ",
    unread: (count) => `${count} नए`,
    lost: "कनेक्शन टूट गया है। फिर से जोड़ रहे हैं…",
    failed: "संदेश नहीं जा पाया। दोबारा कोशिश करें।",
    actionFailed: "यह नहीं हो पाया।",
    gone: "पुराना संदेश, जो यहाँ नहीं है",
    created: () => "ग्रुप बना और चौपाल बॉट जुड़ा",
    joined: (name) => `${name} लिंक से जुड़े`,
    left: (name) => `${name} ग्रुप से निकले`,
    removed: (name) => `${name} को हटाया गया`,
    directHint: "यह बॉट के साथ आपकी निजी बातचीत है। लिखकर देखिए, जैसे !मदद",
    directPeople: "निजी बातचीत",
    noMessages: "अभी कोई संदेश नहीं",
    pending: "भेजा जा रहा है",
    sent: "भेजा गया",
    delivered: (some, all) => `${all} में से ${some} तक पहुँचा`,
    read: (some, all) => `${all} में से ${some} ने पढ़ा`,
    statusFailed: "नहीं पहुँचा",
    deliveredAll: "पहुँच गया",
    readAll: "पढ़ लिया",
    readBy: "पढ़ा",
    deliveredTo: "पहुँचा",
    waitingFor: "बाकी",
    hood: "अंदर की बात",
    messageId: "संदेश की ID",
    callback: "गेटवे का निशान",
    notTold: "पुरानी बातचीत: गेटवे को नहीं बताई गई",
    members: (count) => `${count} सदस्य`,
    group: "ग्रुप की जानकारी",
    become: (name) => `${name} बनें`,
    leave: "निकालें",
    leaveOf: (name) => `${name} को ग्रुप से निकालें`,
    join: "जोड़ें",
    joinOf: (name) => `${name} को ग्रुप में जोड़ें`,
    outside: "जो ग्रुप में नहीं हैं",
    newcomer: "किसी नए को जोड़ें",
    newcomerName: "नाम",
    photo: "फ़ोटो", video: "वीडियो", audio: "आवाज़", document: "फ़ाइल", sticker: "स्टिकर",
    location: "जगह", contacts: "संपर्क", other: "ऐसा संदेश जो यहाँ नहीं दिखता",
    voice: "बोला हुआ संदेश", template: "टेम्पलेट", list: "सूची",
    deleted: "यह संदेश हटा दिया गया", edited: "बदला हुआ", forwarded: "आगे भेजा गया",
    edit: "बदलें", revoke: "सबके लिए हटाएँ", forward: "आगे भेजें", forwardTo: "किसे भेजना है?",
    editing: "संदेश बदला जा रहा है", attach: "फ़ाइल, आवाज़ या जगह भेजें",
    sendFile: "फ़ोटो, वीडियो या फ़ाइल", sendVoice: "बोला हुआ संदेश", sendPlace: "जगह",
    placeName: "बड़ा बाज़ार, गया", download: "खोलें", fileName: "फ़ाइल",
    pinned: "पिन किया हुआ संदेश", jumpToPin: "पिन किए हुए संदेश पर जाएँ",
    pin: (name) => `📌 ${name} ने एक संदेश पिन किया`, unpin: (name) => `${name} ने पिन हटाया`,
    renamed: (name) => `${name} ने ग्रुप का नाम बदला`, described: (name) => `${name} ने ग्रुप का परिचय बदला`,
    rename: "नाम बदलें", subject: "ग्रुप का नाम", approval: "लोग पूछकर आएँ",
    ask: "पूछें", askOf: (name) => `${name}: आने के लिए पूछें`, withdraw: "रहने दें",
    withdrawOf: (name) => `${name}: अब नहीं आना`, waiting: "आने के लिए पूछा है",
    number: "नंबर बदलें", numberOf: (name) => `${name} का नंबर बदलें`, choose: "चुनें",
    bridge: "जुड़े हुए डिवाइस का नंबर (WAHA)", poll: "मतदान", votes: (count) => `${count} मत`,
    chooseOne: "एक चुनें", chooseMany: "एक या ज़्यादा चुनें",
    promoted: (name) => `${name} अब एडमिन`, demoted: (name) => `${name} अब एडमिन नहीं`,
    restricted: (name) => `${name} ने लिखना सिर्फ़ एडमिन के लिए किया`, opened: (name) => `${name} ने लिखना सबके लिए खोला`,
    promote: "एडमिन बनाएँ", promoteOf: (name) => `${name} को एडमिन बनाएँ`,
    demote: "एडमिन से हटाएँ", demoteOf: (name) => `${name} को एडमिन से हटाएँ`,
    adminsOnly: "सिर्फ़ एडमिन लिखें", closed: "अभी इस ग्रुप में सिर्फ़ एडमिन लिख सकते हैं।",
    admit: "आने दें", admitOf: (name) => `${name} को आने दें`, refuse: "मना करें", refuseOf: (name) => `${name} को मना करें`,
  },
  en: {
    tagline: "Learn, teach, earn",
    toggle: "हिन्दी",
    toggleLabel: "हिन्दी में देखें",
    iAm: "I am",
    chooseMe: "Choose who you are",
    admin: "admin",
    chats: "Chats",
    back: "Back to the chats",
    you: "You",
    bot: "bot",
    emptyTitle: "Take a seat under the tree",
    emptyText: "Choose a group on the left and say something. Here you can speak for every member.",
    draft: "Message",
    send: "Send",
    sendTo: (name) => `Message as ${name}`,
    commands: "Useful commands",
    reply: "Reply",
    react: "React",
    details: "Message info",
    stopQuoting: "Do not reply",
    close: "Close",
    today: "Today",
    yesterday: "Yesterday",
    newMessages: (count) => (count === 1 ? "1 new message" : `${count} new messages`),
    toBottom: "Go to the newest message",
    unread: (count) => `${count} unread`,
    lost: "The connection is lost. Reconnecting…",
    failed: "The message was not sent. Please try again.",
    actionFailed: "That did not work.",
    gone: "An old message that is not here",
    created: () => "Group created, with the Chaupal bot in it",
    joined: (name) => `${name} joined by link`,
    left: (name) => `${name} left`,
    removed: (name) => `${name} was removed`,
    directHint: "This is your private chat with the bot. Say something, for example !मदद",
    directPeople: "Private chat",
    noMessages: "No messages yet",
    pending: "Sending",
    sent: "Sent",
    delivered: (some, all) => `Delivered to ${some} of ${all}`,
    read: (some, all) => `Read by ${some} of ${all}`,
    statusFailed: "Not delivered",
    deliveredAll: "Delivered",
    readAll: "Read",
    readBy: "Read by",
    deliveredTo: "Delivered to",
    waitingFor: "Not yet",
    hood: "Under the hood",
    messageId: "Message id",
    callback: "The gateway's mark",
    notTold: "History: the gateway was not told",
    members: (count) => `${count} members`,
    group: "Group info",
    become: (name) => `Become ${name}`,
    leave: "Remove",
    leaveOf: (name) => `Let ${name} leave`,
    join: "Add",
    joinOf: (name) => `Let ${name} join`,
    outside: "Not in this group",
    newcomer: "Let somebody new join",
    newcomerName: "Name",
    photo: "Photo", video: "Video", audio: "Voice", document: "File", sticker: "Sticker",
    location: "Place", contacts: "Contact", other: "A message that cannot be shown here",
    voice: "Voice message", template: "Template", list: "List",
    deleted: "This message was deleted", edited: "edited", forwarded: "Forwarded",
    edit: "Edit", revoke: "Delete for everyone", forward: "Forward", forwardTo: "Forward to",
    editing: "Editing a message", attach: "Send a file, a voice message or a place",
    sendFile: "Photo, video or file", sendVoice: "Voice message", sendPlace: "Place",
    placeName: "Bada Bazaar, Gaya", download: "Open", fileName: "File",
    pinned: "Pinned message", jumpToPin: "Go to the pinned message",
    pin: (name) => `📌 ${name} pinned a message`, unpin: (name) => `${name} unpinned a message`,
    renamed: (name) => `${name} changed the group's name`, described: (name) => `${name} changed the description`,
    rename: "Rename", subject: "The group's name", approval: "People ask to join",
    ask: "Ask", askOf: (name) => `Let ${name} ask to join`, withdraw: "Withdraw",
    withdrawOf: (name) => `Let ${name} withdraw`, waiting: "Asking to join",
    number: "New number", numberOf: (name) => `Give ${name} another number`, choose: "Choose",
    bridge: "A linked device's number (WAHA)", poll: "Poll", votes: (count) => (count === 1 ? "1 vote" : `${count} votes`),
    chooseOne: "Choose one", chooseMany: "Choose one or more",
    promoted: (name) => `${name} is an admin now`, demoted: (name) => `${name} is no longer an admin`,
    restricted: (name) => `${name} let only admins write`, opened: (name) => `${name} let everybody write`,
    promote: "Make admin", promoteOf: (name) => `Make ${name} an admin`,
    demote: "Not admin", demoteOf: (name) => `Make ${name} an ordinary member`,
    adminsOnly: "Only admins write", closed: "Only admins may write in this group now.",
    admit: "Let in", admitOf: (name) => `Let ${name} in`, refuse: "Refuse", refuseOf: (name) => `Do not let ${name} in`,
  },
};

let language = "hi";

export function setLanguage(chosen) {
  language = chosen in WORDS ? chosen : "hi";
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-i18n]")) {
    element.textContent = t(element.dataset.i18n);
  }
}

export const currentLanguage = () => language;

export function t(key, ...about) {
  const word = WORDS[language][key];
  return typeof word === "function" ? word(...about) : word;
}

const locale = () => (language === "hi" ? "hi-IN" : "en-IN");

export function clock(date) {
  return new Intl.DateTimeFormat(locale(), { hour: "numeric", minute: "2-digit" }).format(date);
}

export function day(date) {
  const days = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  const shape = days < 7 && days > 0 ? { weekday: "long" } : { day: "numeric", month: "long", year: "numeric" };
  return new Intl.DateTimeFormat(locale(), shape).format(date);
}

export function shortDay(date) {
  const days = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
  if (days === 0) return clock(date);
  if (days === 1) return t("yesterday");
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "numeric", year: "2-digit" }).format(date);
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
