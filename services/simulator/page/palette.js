// The row of reactions. It floats above the conversation, so that a message may change below it.

import { $, el } from "./dom.js";
import { t } from "./i18n.js";

const EMOJI = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const EDGE = 8;

export function hideEmoji() {
  const palette = $("palette");
  if (palette.matches(":popover-open")) palette.hidePopover();
}

// Shows the row above `bubble`, or below where there is no room; choosing the `own` emoji again takes it away.
export function offerEmoji(bubble, own, choose) {
  const palette = $("palette");
  palette.setAttribute("aria-label", t("react"));
  palette.replaceChildren(
    ...EMOJI.map((emoji) =>
      el(
        "button",
        {
          type: "button",
          "aria-pressed": String(emoji === own),
          onclick: () => {
            hideEmoji();
            choose(emoji === own ? "" : emoji);
          },
        },
        emoji,
      ),
    ),
  );
  palette.showPopover();
  const { left, right, top, bottom } = bubble.getBoundingClientRect();
  // Its final size: the rectangle on the screen is smaller while it still grows.
  const { offsetWidth: width, offsetHeight: height } = palette;
  const wanted = bubble.closest(".mine") ? right - width : left;
  const ceiling = $("log").getBoundingClientRect().top;
  palette.style.left = `${Math.max(EDGE, Math.min(wanted, innerWidth - width - EDGE))}px`;
  palette.style.top = `${top - height - 4 > ceiling ? top - height - 4 : Math.min(bottom + 4, innerHeight - height - EDGE)}px`;
  palette.firstElementChild.focus({ preventScroll: true });
}
