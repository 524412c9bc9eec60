// Sends what is no text: a file of this device, a voice message, a place.

import { $ } from "./dom.js";
import { t } from "./i18n.js";
import { say, upload } from "./world.js";

const TYPES = ["image", "video", "audio"];
const PLACE = { latitude: 24.7955, longitude: 85.0002 };

// A second of silence: what is said does not matter here, that it was spoken does.
function silence() {
  const rate = 8000;
  const wave = new Uint8Array(44 + rate).fill(128);
  const head = new DataView(wave.buffer);
  const words = (at, text) => [...text].forEach((letter, place) => (wave[at + place] = letter.charCodeAt(0)));
  words(0, "RIFF");
  head.setUint32(4, 36 + rate, true);
  words(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, rate, true);
  head.setUint32(28, rate, true);
  head.setUint16(32, 1, true);
  head.setUint16(34, 8, true);
  words(36, "data");
  head.setUint32(40, rate, true);
  return new File([wave], "voice.wav", { type: "audio/wav" });
}

const typeOf = (file) => TYPES.find((type) => file.type.startsWith(`${type}/`)) ?? "document";

// Wires the menu; `draft` gives the caption and empties the box, `where` says who sends to which chat.
export function wireAttachments({ where, draft, failed }) {
  const send = async (work) => {
    $("attachments").hidePopover();
    const { chat, from, replyTo } = where();
    try {
      await work(chat, from, replyTo);
    } catch {
      failed();
    }
  };
  const sendFile = (file, type, extra) =>
    send(async (chat, from, replyTo) => {
      const kept = await upload(file);
      await say(chat, from, type === "audio" ? "" : draft(), replyTo, { type, media: kept.id, ...extra });
    });
  // Before it shows, so that it is never seen elsewhere.
  $("attachments").addEventListener("beforetoggle", () => {
    const { left, top } = $("attach").getBoundingClientRect();
    $("attachments").style.left = `${left}px`;
    $("attachments").style.bottom = `${innerHeight - top + 8}px`;
  });
  $("attachments").addEventListener("toggle", (event) => event.newState === "open" && $("attach-file").focus());
  $("attach-file").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", () => {
    const [file] = $("file").files;
    if (file) sendFile(file, typeOf(file), {});
    $("file").value = "";
  });
  $("attach-voice").addEventListener("click", () => sendFile(silence(), "audio", { voice: true }));
  $("attach-place").addEventListener("click", () =>
    send((chat, from, replyTo) =>
      say(chat, from, "", replyTo, { type: "location", payload: { location: { ...PLACE, name: t("placeName") } } }),
    ),
  );
}
