"""`!सवाल 12 …`: members put questions to a session and say which they want answered; its host works them off.

A question is shown without its author, so that nobody is ashamed to ask.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Final

from services.events.domain.board import MOST, OPEN_EACH, Board, Question
from services.events.domain.facts import emit, of_webinar
from services.events.domain.links import has_link
from services.events.domain.naming import named, runs
from services.events.domain.replying import answer, of, reply
from services.events.domain.scene import Scene
from services.events.domain.webinar import Stage, Webinar
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived, SendClass
from shared.contracts.webinars import SessionAsked
from shared.decision import Decision, Phrase, Say
from shared.errors import NotFound

MAX_TEXT: Final = 500
"""Characters: what a host can read out."""

SHOWN: Final = 10

NEWS_VALID_FOR: Final = dt.timedelta(hours=6)

_VOTE: Final = re.compile(r"([+\-−–])\s*#?(\d{1,3})")
_DONE: Final = re.compile(r"[✓✔✅☑]\ufe0f?\s*#?(\d{1,3})")
_LONG_NUMBER: Final = re.compile(r"(?:\d[\s\-().]?){8,}")
"""A phone number, an account, a code: what nobody is to read in a list that we repeat."""


def decide(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Show the questions of a session, take one, or take what somebody says of one."""
    meant = named(scene, command.args)
    if isinstance(meant, Phrase):
        return answer(scene, event, meant, "question_unclear")
    webinar, text = meant.webinar, " ".join(meant.rest.split())
    if not text:
        return _shown(scene, webinar, event)
    if done := _DONE.fullmatch(text):
        return _answered(scene, webinar, int(done[1]), event, now)
    if not webinar.ahead:
        return answer(scene, event, Phrase("question.over", of(webinar)), "question_over")
    if vote := _VOTE.fullmatch(text):
        return _voted(scene, webinar, int(vote[2]), event, up=vote[1] == "+")
    return _asked(scene, webinar, text, event, now)


def decide_answered(scene: Scene, webinar: Webinar, number: int, now: dt.datetime) -> Decision[Scene]:
    """Mark a question as answered, and tell who asked it and nobody else; once.

    Raises:
        NotFound: there is no such question.
    """
    board = board_of(scene, webinar)
    question = board.of(number)
    if question is None:
        raise NotFound("There is no such question.")
    if question.answered_at is not None:
        return Decision(scene, note="question_repeated")
    scene = _with(scene, board.with_question(replace(question, answered_at=now)))
    return Decision(scene, say=(_news(webinar, question),), note="question_answered")


def board_of(scene: Scene, webinar: Webinar) -> Board:
    """Return the questions of a webinar."""
    return scene.boards.get(webinar.webinar_id) or Board(webinar.webinar_id)


def _answered(
    scene: Scene, webinar: Webinar, number: int, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    if not runs(scene, webinar):
        return answer(scene, event, Phrase("question.host_only"), "question_refused")
    if board_of(scene, webinar).of(number) is None:
        return answer(scene, event, Phrase("question.unknown", {"question": number}), "question_unclear")
    done = decide_answered(scene, webinar, number, now)
    said = reply(scene, event, Phrase("question.answered", of(webinar, question=number)))
    return replace(done, say=(said, *done.say))


def _asked(
    scene: Scene, webinar: Webinar, text: str, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    board = board_of(scene, webinar)
    if refused := _refused(scene, board, text):
        return answer(scene, event, refused, "question_refused")
    if known := board.like(text):
        # Asked by two, it is wanted by two.
        return _voted(scene, webinar, known.number, event, up=True)
    board, question = board.asked(scene.member.now, text, now)
    fact = SessionAsked(
        **of_webinar(webinar), member_id=scene.member.now, number=question.number, asked_at=now
    )
    phrase = Phrase("question.taken", of(webinar, question=question.number))
    return replace(answer(_with(scene, board), event, phrase, "question_taken"), emit=(emit(webinar, fact),))


def _refused(scene: Scene, board: Board, text: str) -> Phrase | None:
    if len(text) > MAX_TEXT:
        return Phrase("question.too_long", {"most": MAX_TEXT})
    if not any(each.isalpha() for each in text):
        return Phrase("question.how")
    if has_link(text) or _LONG_NUMBER.search(text):
        return Phrase("question.no_links")
    if board.like(text) is not None:
        return None
    if board.open_of(scene.member.ids) >= OPEN_EACH:
        return Phrase("question.too_many", {"most": OPEN_EACH})
    return Phrase("question.full") if len(board.questions) >= MOST else None


def _voted(
    scene: Scene, webinar: Webinar, number: int, event: Envelope[MessageReceived], *, up: bool
) -> Decision[Scene]:
    board, ids = board_of(scene, webinar), scene.member.ids
    question = board.of(number)
    if question is None or question.answered_at is not None:
        return answer(scene, event, Phrase("question.unknown", {"question": number}), "question_unclear")
    if question.member_id in ids:
        return answer(scene, event, Phrase("question.own", {"question": number}), "question_refused")
    others = question.votes - ids
    changed = replace(question, votes=others | {scene.member.now} if up else others)
    same = question.votes.isdisjoint(ids) is not up
    params = of(webinar, question=number, votes=len(changed.votes))
    phrase = Phrase("question.voted" if up else "question.unvoted", params)
    if same:
        return answer(scene, event, phrase, "question_repeated")
    return answer(_with(scene, board.with_question(changed)), event, phrase, "question_voted")


def _shown(scene: Scene, webinar: Webinar, event: Envelope[MessageReceived]) -> Decision[Scene]:
    wanted = board_of(scene, webinar).wanted
    if not wanted:
        key = "question.none" if webinar.stage in {Stage.SCHEDULED, Stage.LIVE} else "question.none_left"
        return answer(scene, event, Phrase(key, of(webinar)), "questions_shown")
    lines = tuple(
        Phrase("question.line", {"question": each.number, "votes": len(each.votes), "text": each.text})
        for each in wanted[:SHOWN]
    )
    params = of(webinar, lines=lines, shown=len(lines), total=len(wanted))
    return answer(scene, event, Phrase("question.list", params), "questions_shown")


def _news(webinar: Webinar, question: Question) -> Say:
    return Say(
        webinar.chat_id,
        Phrase("question.yours_answered", of(webinar, question=question.number)),
        webinar.language,
        send_class=SendClass.DIGEST,
        valid_for=NEWS_VALID_FOR,
        privately_to=question.member_id,
    )


def _with(scene: Scene, board: Board) -> Scene:
    return replace(scene, boards={**scene.boards, board.webinar_id: board})
