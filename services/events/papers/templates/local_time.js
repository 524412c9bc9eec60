// Beside the group's time stands the visitor's own, where theirs is another.
const language = document.documentElement.lang;
const locale = language === "en" ? "en-IN" : language;
for (const time of document.querySelectorAll("time[data-offset]")) {
  const at = new Date(time.dateTime);
  if (-at.getTimezoneOffset() === Number(time.dataset.offset)) continue;
  const own = document.createElement("span");
  own.className = "own";
  const style = { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit", timeZoneName: "short" };
  own.textContent = `${time.dataset.yours}: ${new Intl.DateTimeFormat(locale, style).format(at)}`;
  time.closest(".when").append(own);
}
