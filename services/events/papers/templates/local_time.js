// Beside the group's time stands the visitor's own, where theirs is another.
for (const time of document.querySelectorAll("time[data-offset]")) {
  const at = new Date(time.dateTime);
  if (-at.getTimezoneOffset() === Number(time.dataset.offset)) continue;
  const own = document.createElement("span");
  own.className = "own";
  const style = { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit", timeZoneName: "short" };
  own.textContent = `${time.dataset.yours}: ${new Intl.DateTimeFormat(document.documentElement.lang, style).format(at)}`;
  time.closest(".when").append(own);
}
