"""What follows from a verdict, from nothing at all to a removal."""

import datetime as dt
from dataclasses import replace

import pytest

from services.moderation.domain.cases.case import Achieved, CaseState, Step
from services.moderation.domain.judging.context import Trust
from services.moderation.domain.judging.hearing import context_of, hear, substantial
from services.moderation.domain.judging.verdict import Category, Intent
from services.moderation.domain.policy.document import StepKind
from services.moderation.domain.room import RECENT
from services.moderation.domain.text import normalise
from shared.contracts.actions import MemberRemove, MessageDelete
from shared.contracts.gateway import ChatKind, MessageKind, SendClass
from shared.contracts.moderation import (
    CampaignDetected,
    CaseEnforced,
    MemberExpelled,
    MemberRestricted,
    MemberWarned,
    MessageFlagged,
)
from tests.support.events import member_id, message_id
from tests.support.moderation import (
    NOW,
    SCAM,
    UNABLE,
    Group,
    ago,
    breaks,
    edits,
    facts,
    later,
    policy,
    text_of,
    writes,
)

LINK = "यह देखिए https://sasta-maal.shop/abc पर बहुत कुछ है"
OFFER = "घर बैठे रोज ₹3000 कमाओ, रजिस्ट्रेशन ₹499, Telegram पर आओ https://t.me/abc"
FINE = "title tag में कितने अक्षर रखने चाहिए"


def group(**more: object) -> Group:
    found = Group(policy=policy(), **more)  # type: ignore[arg-type]
    found.settled(1)
    return found


def test_b5_02_a_first_spam_link_is_stopped_with_the_rule_the_count_and_the_date() -> None:
    seekho = group()
    decision = seekho.judges(writes(7, LINK), breaks())
    (say,) = decision.say
    assert text_of(say) == (
        "⚠️ @1, यह लिंक नियम 3 (बिना अनुमति लिंक) के कारण रोका गया। "
        "चेतावनी 1/3, बुधवार, 23 दिसंबर 2026 को समाप्त। कारण: !क्यों M1 · अपील: !अपील M1"
    )
    assert (say.send_class, say.mentions, say.privately_to) == (SendClass.SAFETY, (member_id(1),), None)
    assert say.reply_to is None, "a quotation would bring back what has been taken away"
    (delete,) = facts(decision, MessageDelete)
    assert delete.message_id == message_id(7)
    (warned,) = facts(decision, MemberWarned)
    assert (warned.points, warned.total, warned.expires_at) == (1, 1, later(days=30))
    assert facts(decision, MessageFlagged)[0].rule == "links"


def test_b5_02_the_strike_expires_on_its_date_without_anyone_acting() -> None:
    seekho = group()
    seekho.judges(writes(7, LINK), breaks())
    assert seekho.standing(1).points(later(days=29, hours=23)) == 1
    assert seekho.standing(1).points(later(days=30)) == 0
    (timer,) = seekho.timers.values()
    assert (timer.name, timer.due) == ("strike/community:seekho#1", later(days=30))


@pytest.mark.parametrize("language", ["hi", "en", "hi-Latn"])
def test_a_warning_holds_the_same_in_every_language(language: str) -> None:
    seekho = group()
    seekho.rooms[seekho.room().chat_id] = replace(seekho.room(), language=language)
    (say,) = seekho.judges(writes(7, LINK), breaks()).say
    text = text_of(say)
    assert say.language == language
    assert all(part in text for part in ("@1", "1/3", "M1", "2026", "3"))
    assert "sasta-maal" not in text


def test_b5_03_strikes_lead_from_a_warning_to_a_restriction_to_removal() -> None:
    seekho = group()
    first = seekho.judges(writes(1, LINK), breaks())
    second = seekho.judges(writes(2, LINK, at=later(hours=30)), breaks())
    third = seekho.judges(writes(3, LINK, at=later(hours=60)), breaks())
    assert [seekho.case(number).step for number in (1, 2, 3)] == [
        StepKind.WARN,
        StepKind.RESTRICT,
        StepKind.REMOVE,
    ]
    assert [seekho.case(number).cites for number in (1, 2, 3)] == [(), (1,), (1, 2)]
    assert not facts(first, MemberRestricted)
    assert facts(second, MemberRestricted)[0].until == later(hours=54)
    assert facts(third, MemberRemove)[0].member_id == member_id(1)
    assert facts(third, MemberExpelled)
    assert "24 घंटे" in text_of(second.say[0])
    assert "पहले के मामले: M1।" in text_of(second.say[0])
    assert "चेतावनी 3/3" in text_of(third.say[0])
    assert "M1, M2" in text_of(third.say[0])


def test_b5_03_a_restriction_ends_by_the_clock() -> None:
    seekho = group()
    for number in (1, 2):
        seekho.judges(writes(number, LINK), breaks())
    timer = seekho.timers[f"restriction/community:seekho/{member_id(1)}"]
    assert timer.due == later(hours=24)
    assert seekho.standing(1).restricted(later(hours=23))
    assert not seekho.standing(1).restricted(later(hours=24))


def test_b5_03_links_and_media_of_a_restricted_member_are_held() -> None:
    seekho = group()
    for number in (1, 2):
        seekho.judges(writes(number, LINK), breaks())
    link = seekho.judges(writes(3, "https://example.org/notes", at=later(hours=1)))
    picture = seekho.judges(writes(4, None, kind=MessageKind.IMAGE, at=later(hours=2)))
    words = seekho.judges(writes(5, FINE, at=later(hours=3)))
    assert [facts(each, MessageDelete) != [] for each in (link, picture, words)] == [True, True, False]
    assert seekho.case(3).state is CaseState.REVIEW
    assert len(seekho.standing(1).strikes) == 2
    after = seekho.judges(writes(6, "https://example.org/notes", at=later(hours=24)))
    assert not after.say
    assert not facts(after, MessageDelete)


def test_b5_03_where_nobody_can_be_removed_the_admins_have_a_task() -> None:
    seekho = group(capabilities=UNABLE)
    decision = seekho.judges(
        writes(1, OFFER), breaks(category=Category.ABUSE, check="abuse", rule=(2, "respect"))
    )
    assert seekho.case().step is StepKind.RESTRICT
    decision = seekho.judges(
        writes(2, OFFER), breaks(category=Category.ABUSE, check="abuse", rule=(2, "respect"))
    )
    assert not facts(decision, MemberRemove)
    assert seekho.case(2).steps[-1] == Step("member.remove", None, Achieved.NOTICE, "remove_member")
    assert "यह एडमिन तय करेंगे" in text_of(decision.say[0])


def test_b5_04_a_channel_that_cannot_delete_says_so_from_the_first() -> None:
    seekho = group(capabilities=UNABLE)
    decision = seekho.judges(writes(7, LINK), breaks())
    assert not facts(decision, MessageDelete)
    case = seekho.case()
    assert case.intent is Intent.REMOVE
    assert case.steps == (Step("message.delete", None, Achieved.NOTICE, "delete_foreign"),)
    assert case.message_id == message_id(7)
    (enforced,) = facts(decision, CaseEnforced)
    assert (enforced.action, enforced.achieved, enforced.code) == (
        "message.delete",
        "notice",
        "delete_foreign",
    )
    (say,) = decision.say
    assert say.reply_to == message_id(7)
    assert "रोका गया" not in text_of(say), "nothing has been stopped"


def test_b5_04_of_a_chat_nothing_is_known_of_the_gateway_is_asked() -> None:
    seekho = group(capabilities=frozenset())
    seekho.rooms[seekho.room().chat_id] = replace(seekho.room(), channel=None)
    decision = seekho.judges(writes(7, LINK), breaks())
    assert facts(decision, MessageDelete)
    (step,) = seekho.case().steps
    assert step.achieved is Achieved.PENDING
    assert seekho.steps == {step.command_id: seekho.case().case_id}


def test_b5_08_a_newcomers_scam_goes_with_three_points_and_a_warning_to_all() -> None:
    seekho = Group(policy=policy())
    decision = seekho.judges(writes(7, OFFER, by=2), SCAM)
    assert facts(decision, MemberWarned)[0].points == 3
    assert facts(decision, MessageDelete)
    assert seekho.case().newcomer
    alert, personal = decision.say
    assert text_of(alert).startswith(
        "⚠️ यह संदेश ठगी जैसा है: पहले फीस, पक्की कमाई, बाहर के ऐप पर बुलाना। पैसा न भेजें। "
        "ठगी हुई हो तो 1930 पर कॉल करें या cybercrime.gov.in पर शिकायत करें।"
    )
    assert alert.mentions == ()
    assert (personal.privately_to, personal.aloud) == (member_id(2), False)


def test_b5_08_a_group_is_warned_of_a_campaign_once_an_hour() -> None:
    seekho = Group(policy=policy())
    alerts = []
    for number, minutes in enumerate((0, 5, 59, 61)):
        varied = OFFER.replace("499", str(500 + number))
        decision = seekho.judges(writes(number, varied, by=number + 2, at=later(minutes=minutes)), SCAM)
        alerts.append(sum(each.phrase.key == "scam.alert" for each in decision.say))
    elsewhere = seekho.judges(writes(9, OFFER, by=9, chat=1, at=later(minutes=62)), SCAM)
    assert alerts == [1, 0, 0, 1]
    assert elsewhere.say[0].phrase.key == "scam.alert", "another group has not heard of it"


def test_b5_08_another_scam_is_another_warning() -> None:
    seekho = Group(policy=policy())
    seekho.judges(writes(1, OFFER, by=2), SCAM)
    other = "लकी ड्रा में आपका नंबर आया है, टैक्स भरकर आज ही इनाम की रकम अपने खाते में पाएँ"
    decision = seekho.judges(writes(2, other, by=3), SCAM)
    assert decision.say[0].phrase.key == "scam.alert"


def test_a_campaign_over_three_chats_is_told_once() -> None:
    seekho = Group(policy=policy())
    told = [
        facts(
            seekho.judges(writes(number, OFFER, by=2, chat=number, at=later(minutes=number))),
            CampaignDetected,
        )
        for number in range(5)
    ]
    assert [len(each) for each in told] == [0, 0, 1, 0, 0]
    assert (told[2][0].chats, told[2][0].members, told[2][0].community) == (3, 1, "seekho")


def test_bare_links_of_many_members_are_no_campaign() -> None:
    seekho = Group(policy=policy())
    for number in range(6):
        url = f"https://example.org/{number}"
        assert not facts(seekho.judges(writes(number, url, by=number + 1)), CampaignDetected)


def test_offers_are_remembered_for_hours_and_not_without_end() -> None:
    seekho = Group(policy=policy())
    for number in range(320):
        seekho.judges(writes(number, f"{LINK} {number}", at=later(seconds=number)))
    (community,) = seekho.communities.values()
    assert len(community.offers) == 300
    seekho.judges(writes(999, LINK, at=later(hours=7)))
    (community,) = seekho.communities.values()
    assert len(community.offers) == 1


@pytest.mark.parametrize("exempt", ["admin", "expert"])
def test_b5_12_nothing_is_done_about_an_admin_or_expert_but_a_note(exempt: str) -> None:
    seekho = group()
    decision = seekho.judges(writes(7, "बुरा शब्द"), breaks(exempt=exempt))
    assert (decision.emit, decision.say, decision.wake, decision.note) == ((), (), (), "exempt")
    row = seekho.judged[message_id(7)]
    assert (row.exempt, row.hits[0].intent, row.case) == (exempt, Intent.REMOVE, None)


def test_b5_13_a_rule_in_shadow_is_counted_and_nobody_notices() -> None:
    seekho = group()
    plain = Group(policy=policy())
    plain.settled(1)
    shadow = seekho.judges(writes(7, FINE), breaks(shadow=True))
    fine = plain.judges(writes(7, FINE))
    assert (shadow.emit, shadow.say, shadow.wake) == (fine.emit, fine.say, fine.wake) == ((), (), ())
    assert seekho.standing(1) == plain.standing(1)
    assert seekho.judged[message_id(7)].hits[0].shadow
    assert shadow.note == "shadowed"


def test_b5_14_the_same_message_twice_is_one_case_one_strike_and_one_reply() -> None:
    seekho = group()
    seekho.judges(writes(7, LINK), breaks())
    again = seekho.judges(writes(7, LINK), breaks())
    assert (again.emit, again.say, again.wake) == ((), (), ())
    assert len(seekho.cases) == len(seekho.standing(1).strikes) == len(seekho.said) == 1
    assert seekho.room().seq == 1


def test_b5_15_an_edit_that_becomes_spam_is_judged_again_and_linked() -> None:
    seekho = group()
    seekho.judges(writes(7, FINE))
    decision = seekho.judges(edits(7, LINK, at=later(minutes=5)), breaks())
    assert facts(decision, MessageDelete)
    assert seekho.case().evidence == LINK
    now, before = seekho.judged[message_id(7)], seekho.judged[f"{message_id(7)}#0"]
    assert (now.text, now.edits, now.case) == (LINK, 1, seekho.case().case_id)
    assert (before.text, before.edits) == (FINE, 0)
    assert len(seekho.room().recent) == 1


def test_b5_15_an_edit_of_what_has_its_case_is_the_same_case_and_strike() -> None:
    seekho = group(capabilities=UNABLE)
    seekho.judges(writes(7, LINK), breaks())
    decision = seekho.judges(edits(7, LINK + " आइए", at=later(minutes=5)), breaks())
    assert decision.say == ()
    assert len(seekho.cases) == len(seekho.standing(1).strikes) == 1
    assert [each.what for each in seekho.case().audit] == ["opened", "decided", "edited"]


def test_b5_15_what_waited_for_a_review_goes_when_its_edit_is_plain() -> None:
    seekho = group()
    seekho.judges(writes(7, FINE), breaks(Intent.REVIEW))
    assert seekho.said == []
    seekho.judges(edits(7, LINK, at=later(minutes=5)), breaks())
    assert seekho.case().state is CaseState.DECIDED
    assert len(seekho.standing(1).strikes) == len(seekho.cases) == 1


def test_b5_15_an_edit_may_come_before_what_it_changes() -> None:
    seekho = group()
    seekho.judges(edits(7, LINK, at=later(minutes=5)), breaks())
    late = seekho.judges(writes(7, FINE))
    assert late.say == ()
    row = seekho.judged[message_id(7)]
    assert (row.text, row.kind, row.sent_at) == (LINK, MessageKind.TEXT, NOW)
    assert len(seekho.cases) == len(seekho.standing(1).strikes) == 1
    again = seekho.judges(writes(7, FINE))
    assert again.note == "judged_before"


def test_b5_15_what_a_person_found_fine_is_held_when_it_is_edited_into_spam() -> None:
    seekho = group()
    seekho.judges(writes(7, FINE), breaks(Intent.REVIEW))
    name = seekho.case().case_id
    seekho.cases[name] = replace(seekho.case(), state=CaseState.DISMISSED)
    assert seekho.judges(edits(7, FINE, at=later(minutes=4)), breaks()).emit == ()
    assert seekho.case().state is CaseState.DISMISSED, "its wording is the one that was found fine"
    decision = seekho.judges(edits(7, LINK, at=later(minutes=5)), breaks())
    assert seekho.case().state is CaseState.REVIEW
    assert facts(decision, MessageDelete)
    assert seekho.standing(1).strikes == ()


def test_a_review_is_a_case_that_nobody_sees() -> None:
    seekho = group()
    decision = seekho.judges(writes(7, LINK), breaks(Intent.REVIEW))
    assert decision.say == ()
    assert [type(each.data) for each in decision.emit] == [MessageFlagged]
    assert seekho.case().state is CaseState.REVIEW
    assert seekho.standing(1).strikes == ()


def test_a_hold_takes_the_message_and_gives_no_strike() -> None:
    seekho = group()
    decision = seekho.judges(writes(7, LINK), breaks(Intent.HOLD))
    assert facts(decision, MessageDelete)
    assert not facts(decision, MemberWarned)
    assert seekho.standing(1).strikes == ()
    assert "कोई चेतावनी नहीं" in text_of(decision.say[0])
    assert "नियम" not in text_of(decision.say[0])


def test_a_hold_where_nothing_can_be_deleted_asks_all_to_wait() -> None:
    seekho = group(capabilities=UNABLE)
    (say,) = seekho.judges(writes(7, LINK), breaks(Intent.HOLD)).say
    assert say.reply_to == message_id(7)
    assert "जाँच पूरी होने तक इस पर अमल न करें" in text_of(say)


def test_who_is_being_removed_is_not_named_with_every_further_message() -> None:
    seekho = group()
    for number in range(3):
        seekho.judges(writes(number, LINK), breaks())
    fourth = seekho.judges(writes(4, LINK), breaks())
    assert facts(fourth, MessageDelete)
    assert [each.privately_to for each in fourth.say] == [member_id(1)]


def test_a_rule_without_weight_removes_and_warns_of_nothing() -> None:
    rules = [each.model_copy(update={"weight": 0}) for each in policy().document.rules]
    seekho = Group(policy=policy(rules=rules))
    decision = seekho.judges(writes(7, LINK), breaks())
    assert facts(decision, MessageDelete)
    assert seekho.standing(1).strikes == ()
    assert "कोई चेतावनी नहीं" in text_of(decision.say[0])
    assert decision.wake == ()


def test_what_is_written_to_us_alone_is_nobodys_offence() -> None:
    seekho = group()
    decision = seekho.judges(writes(7, LINK, chat_kind=ChatKind.DIRECT), breaks())
    assert (decision.emit, decision.say) == ((), ())
    assert seekho.cases == {}


def test_messages_that_say_something_make_a_newcomer_a_member() -> None:
    seekho = Group(policy=policy())
    for number, text in enumerate(("नमस्ते", "ok", "धन्यवाद सर बहुत अच्छा", "🙏🙏", "good morning dear friends")):
        seekho.judges(writes(number, text, at=ago(4)))
    assert seekho.standing(1).accepted == 0
    assert seekho.standing(1).since == ago(4)
    for number in range(10, 13):
        seekho.judges(writes(number, FINE, at=ago(1)))
    assert seekho.standing(1).accepted == 3
    assert seekho.standing(1).trust(seekho.policy, NOW, admin=False) is Trust.MEMBER


@pytest.mark.parametrize("text", ["जी सर", "ok", "👍", "धन्यवाद", "", "https://example.org", "हाँ हाँ हाँ"])
def test_small_talk_says_nothing(text: str) -> None:
    assert not substantial(normalise(text))


@pytest.mark.parametrize("text", ["वेबसाइट की रैंकिंग कैसे बढ़ाएँ", "website ki ranking kaise badhaye", FINE])
def test_a_question_says_something(text: str) -> None:
    assert substantial(normalise(text))


def test_a_room_remembers_its_last_messages() -> None:
    seekho = group()
    for number in range(RECENT + 5):
        seekho.judges(writes(number, f"{FINE} {number}"))
    assert len(seekho.room().recent) == RECENT
    assert seekho.room().recent[-1].message_id == message_id(RECENT + 4)
    assert seekho.room().seq == RECENT + 5


def test_a_message_is_not_among_what_is_known_around_it() -> None:
    seekho = group()
    seekho.judges(writes(7, LINK))
    event = edits(7, LINK, at=later(minutes=1))
    scene = seekho.scene(message=message_id(7))
    context = context_of(scene, hear(scene, event), event.time)
    assert (context.recent, context.offers) == ((), ())
    other = writes(8, LINK, at=later(minutes=1))
    scene = seekho.scene(message=message_id(8))
    context = context_of(scene, hear(scene, other), other.time)
    assert len(context.recent) == len(context.offers) == 1
    assert context_of(scene, hear(scene, other), NOW + dt.timedelta(hours=7)).offers == ()


def test_an_edit_keeps_how_its_message_came() -> None:
    seekho = group()
    seekho.judges(writes(7, FINE, kind=MessageKind.IMAGE, forwarded=True, mentions=(member_id(4),)))
    event = edits(7, LINK, at=later(minutes=1))
    message = hear(seekho.scene(message=message_id(7)), event)
    assert (message.kind, message.forwarded, message.mentions) == (MessageKind.IMAGE, True, 1)
    assert (message.edited, message.sent_at) == (True, NOW)
