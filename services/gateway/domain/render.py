"""From what a service wants said to what a channel can say: what it cannot do becomes text."""

from __future__ import annotations

from collections.abc import Sequence

from services.gateway.domain.items import Address
from services.gateway.domain.lengths import cut, length
from services.gateway.domain.outgoing import Capability, MessageRef, Outgoing
from shared.contracts.gateway import Choice, MessageSend
from shared.mentions import fill
from shared.mentions import mark as mark_of

MAX_TEXT = 4096
"""What every channel takes as a text, in UTF-16 units."""


def render(
    send: MessageSend,
    capabilities: frozenset[Capability],
    *,
    mark: str,
    client_id: str,
    reply_to: MessageRef | None = None,
    mentions: Sequence[Address | None] = (),
    called: Sequence[str] = (),
) -> Outgoing:
    """Return the message to send, of which nothing goes beyond `capabilities`.

    Args:
        send: what the service wants.
        capabilities: what the channel can do in this chat.
        mark: comes back with the statuses.
        client_id: what the message is to be called where the channel lets us choose.
        reply_to: the message it answers, where that is known.
        mentions: the address of each it mentions, None for who cannot be mentioned there.
        called: what stands in the text for each who cannot be mentioned; the last one for all beyond it.
    """
    file, lines = send.file, []
    if file is not None and Capability.FILES not in capabilities:
        lines += [file.link] if file.link else []
        file = None
    # A file carries a caption and nothing to press.
    choices = send.choices if Capability.CHOICES in capabilities and file is None else ()
    if send.choices and not choices:
        lines += choice_lines(send.choices)
    poll = send.poll if Capability.POLLS in capabilities and file is None and not send.choices else ()
    # The question of a poll mentions nobody.
    mentioned = () if poll or Capability.MENTIONS not in capabilities else tuple(mentions)
    text = _calling(send.text, mentioned, called)
    if send.poll and not poll:
        lines += numbered(send.poll)
    return Outgoing(
        text=with_lines(text, lines, MAX_TEXT),
        mark=mark,
        client_id=client_id,
        reply_to=reply_to if Capability.REPLIES in capabilities else None,
        mentions=tuple(each for each in mentioned if each is not None),
        file=file,
        choices=choices,
        poll=poll,
        many_answers=send.many_answers,
    )


def render_fallback(
    send: MessageSend, capabilities: frozenset[Capability], *, mark: str, client_id: str
) -> Outgoing | None:
    """Return the template to send where nothing else is taken, None where there is none."""
    if send.fallback is None or Capability.TEMPLATES not in capabilities:
        return None
    return Outgoing(text=_calling(send.text, (), ()), mark=mark, client_id=client_id, template=send.fallback)


def _calling(text: str, mentioned: Sequence[Address | None], called: Sequence[str]) -> str:
    """Return `text` with a mark for each of `mentioned` who has an address, numbered anew, else a name."""
    there = [number for number, each in enumerate(mentioned, 1) if each is not None]

    def name(number: int) -> str:
        if number in there:
            return mark_of(there.index(number) + 1)
        return called[min(number, len(called)) - 1] if called else ""

    return fill(text, name)


def choice_lines(choices: Sequence[Choice]) -> list[str]:
    """Return `choices` as numbered lines."""
    return numbered(
        [f"{each.title} – {each.description}" if each.description else each.title for each in choices]
    )


def numbered(options: Sequence[str]) -> list[str]:
    """Return `options` as numbered lines."""
    return [f"{number}. {option}" for number, option in enumerate(options, 1)]


def with_lines(text: str, lines: Sequence[str], limit: int) -> str:
    """Return `text` with `lines` below it; where that is too long, `text` gives way."""
    if not lines:
        return cut(text, limit)
    below = "\n\n" + "\n".join(lines)
    room = limit - length(below)
    return cut(text, room) + below if room > 1 else cut(text + below, limit)
