from __future__ import annotations

from dataclasses import replace

import pytest

from services.moderation.domain.cases.case import Appeal, Case, CaseState, Ground
from services.moderation.domain.cases.opening import Order, Subject, open_case
from services.moderation.domain.judging.verdict import Category, Intent, Span
from services.moderation.domain.review import why
from services.moderation.domain.scene import Scene
from shared.commands import Command, parse_command
from shared.contracts.gateway import ChatKind
from shared.decision import Decision
from shared.i18n import Language
from tests.support.events import chat_id, member_id, message_id
from tests.support.moderation import NOW, Group, later, policy, text_of, writes

TEXT = "देखें bit.ly/kamai abhi"
LINK = Ground("links", 3, "links", "link", 0.9, (Span(6, 18),), Category.SPAM)
INSULT = Ground("respect", 2, "abuse", "slur", 0.9, (Span(0, 5),), Category.ABUSE)
SCAM = Ground("income", 4, "scam", "fee_and_promise", 0.9, (Span(0, 5),), Category.SCAM)
PERSONAL = Ground("privacy", 5, "personal", "phone", 0.9, (Span(0, 5),), Category.PRIVACY)


def opened(group: Group, ground: Ground = LINK, number: int = 1) -> Case:
    made = open_case(
        group.scene(1),
        Order("rule", NOW),
        about=group.person(1),
        subject=Subject(message_id(number), TEXT),
        grounds=(ground,),
        intent=Intent.REMOVE,
    )
    group.keep(made.decision("struck"))
    return made.case


def grown() -> Group:
    group = Group(policy())
    group.settled(1)
    return group


def asked(
    group: Group, text: str = "!क्यों M1", *, by: int = 1, chat: int = 0, number: int = 1
) -> Decision[Scene]:
    command = parse_command(text)
    assert isinstance(command, Command)
    scene = group.scene(by, chat=chat, cases=(number,))
    return why.decide(scene, command, writes(100, text, by=by, chat=chat), NOW)


def said(decision: Decision[Scene], language: str | None = None) -> str:
    (say,) = decision.say
    return text_of(say, language)


@pytest.mark.parametrize("text", ["!क्यों M1", "!kyon m1", "!why M-1", "!क्यों M१"])
def test_b5_09_the_member_learns_rule_version_part_what_is_fine_expiry_and_appeal(text):
    group = grown()
    opened(group)
    answer = said(asked(group, text))
    assert "नियम 3: बिना अनुमति लिंक (नियमों का संस्करण 5)" in answer
    assert "“bit[.]ly/kamai”" in answer
    assert "पहले एडमिन से पूछना" in answer
    assert "23 दिसंबर 2026" in answer
    assert "!अपील M1" in answer


def test_b5_09_another_member_learns_only_that_the_case_is_private():
    group = grown()
    opened(group)
    answer = said(asked(group, by=2))
    assert "निजी" in answer
    for hint in ("नियम", "bit", "लिंक", "चेतावनी", "अपील"):
        assert hint not in answer


def test_b5_09_an_admin_of_the_group_learns_no_more_in_the_chat():
    group = replace(grown(), admins=frozenset({member_id(9)}))
    opened(group)
    assert said(asked(group, by=9)) == said(asked(group, by=2))


def test_b5_09_the_answer_is_private_where_there_is_a_way_and_else_fit_for_the_group():
    group = grown()
    opened(group)
    (say,) = asked(group).say
    assert (say.privately_to, say.aloud) == (member_id(1), True)


@pytest.mark.parametrize("ground", [INSULT, SCAM, PERSONAL], ids=lambda ground: ground.check)
def test_x01_in_a_group_no_insult_scam_or_number_is_repeated(ground):
    group = grown()
    opened(group, ground)
    for language in Language:
        assert "देखें" not in said(asked(group), language)


def alone(group: Group) -> None:
    room = group.room(7)
    group.rooms[chat_id(7)] = replace(room, kind=ChatKind.DIRECT)


def test_x01_the_member_alone_may_see_the_insult_and_still_no_sign_of_the_scam():
    insult, scam = grown(), grown()
    for group, ground, seen in ((insult, INSULT, True), (scam, SCAM, False)):
        opened(group, ground)
        alone(group)
        assert ("“देखें”" in said(asked(group, chat=7))) is seen


def test_x01_every_check_is_explained_in_every_language():
    for check in [*sorted(why.EXPLAINED), "of_tomorrow"]:
        group = grown()
        opened(group, replace(LINK, check=check, category=None))
        for language in Language:
            assert said(asked(group), language)


def test_a_number_that_does_not_exist_is_asked_for_again():
    for text in ("!क्यों", "!क्यों M77", "!क्यों कल वाला"):
        assert "M1043" in said(asked(grown(), text, number=77))


def test_what_is_no_longer_in_force_is_said_to_be_so():
    group = grown()
    case = opened(group)
    for state, hint in (
        (CaseState.REVIEW, "जाँच"),
        (CaseState.DISMISSED, "ठीक"),
        (CaseState.OVERTURNED, "वापस"),
    ):
        group.cases[case.case_id] = replace(case, state=state)
        answer = said(asked(group))
        assert hint in answer
        assert "चेतावनी अंक" not in answer


def test_b5_10_the_answer_to_an_appeal_stays_readable():
    group = grown()
    case = opened(group)
    answered = Appeal("मेरी साइट", NOW, "नियम सबके लिए है।", "admin", later(hours=1))
    group.cases[case.case_id] = replace(case, appeal=answered)
    assert "नियम सबके लिए है।" in said(asked(group))


def test_the_part_that_is_quoted_is_short_and_opens_nothing():
    group = grown()
    text = "https://" + "x" * 300 + ".com *bold* @1\nline"
    case = opened(group, replace(LINK, spans=(Span(0, len(text)),)))
    group.cases[case.case_id] = replace(case, evidence=text)
    quoted = said(asked(group)).partition("“")[2].partition("”")[0]
    assert len(quoted) <= 62
    assert "://" not in quoted
    assert "*" not in quoted


def test_without_the_text_the_kind_is_still_named():
    group = grown()
    case = opened(group)
    group.cases[case.case_id] = replace(case, evidence=None)
    answer = said(asked(group))
    assert "“" not in answer
    assert "बिना अनुमति लिंक" in answer
