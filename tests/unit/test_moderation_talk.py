"""What the whole of moderation makes of what people write: all checks, the judge, and what follows."""

from __future__ import annotations

from typing import Any

import pytest

from services.moderation import weights
from services.moderation.domain.detectors.shipped import shipped
from services.moderation.domain.judging.learned import Weights
from services.moderation.domain.judging.verdict import Intent
from services.moderation.domain.listening import Listener
from services.moderation.domain.scene import Scene
from shared.contracts.actions import MessageDelete
from shared.decision import Decision
from tests.support.events import member_id, message_id
from tests.support.moderation import Group, facts, later, policy, text_of, writes

TOPIC = {"sentence": {"hi": "SEO।"}, "within": ("SEO", "website", "ranking")}
BLOCKED = (
    policy()
    .document.rules[2]
    .model_copy(
        update={"id": "own", "texts": {"hi": "यह शब्द नहीं।"}, "checks": {"patterns": {"words": ["chameli"]}}}
    )
)


@pytest.fixture(scope="module", params=["rules", "rules and weights"])
def listener(request: pytest.FixtureRequest) -> Listener:
    """Moderation as it is shipped, and as it goes on while its weights are missing."""
    learned = weights.load()
    return Listener(shipped(learned if isinstance(learned, Weights) and "weights" in request.param else None))


def group(**document: Any) -> Group:
    return Group(policy=policy(**document))


def heard(
    listener: Listener, group: Group, number: int, text: str, *, by: int = 1, seconds: int = 0
) -> Decision[Scene]:
    event = writes(number, text, by=by, at=later(seconds=seconds))
    scene = group.scene(by, message=event.data.message_id)
    return group.keep(listener.decide_message(scene, event, event.time))


@pytest.mark.parametrize(
    "text", ["50% chhoot", "masala", "Lodha जी", "chutti kal hai", "SEOका फायदा", "🙏🙏🙏🙏🙏"]
)
def test_b5_05_what_only_looks_bad_makes_no_case_of_a_newcomer(listener: Listener, text: str) -> None:
    seekho = group()
    decision = heard(listener, seekho, 1, text)
    assert (decision.emit, decision.say, seekho.cases) == ((), (), {})


@pytest.mark.parametrize(
    "text",
    [
        "सावधान! ऐसे मैसेज ठगी हैं: 'घर बैठे रोज 3000 कमाओ'",
        "Savdhan! aise message thagi hain: 'ghar baithe roz 3000 kamao, registration 499'",
        "Beware, messages like 'earn 3000 daily, registration 499' are scams",
    ],
)
def test_b5_07_who_warns_of_a_scam_has_no_strike(listener: Listener, text: str) -> None:
    seekho = group()
    heard(listener, seekho, 1, text)
    assert seekho.standing(1).strikes == ()
    assert seekho.judged[message_id(1)].intent.rank <= Intent.REVIEW.rank
    assert seekho.said == []


def test_b5_12_an_admin_may_write_what_is_blocked_and_it_is_noted(listener: Listener) -> None:
    seekho = group(rules=(BLOCKED,))
    seekho.admins = frozenset({member_id(8)})
    decision = heard(listener, seekho, 1, "यह शब्द chameli मना है", by=8)
    assert (decision.emit, decision.say, decision.note) == ((), (), "exempt")
    assert [each.rule for each in seekho.judged[message_id(1)].hits] == ["own"]
    assert seekho.cases == {}
    assert facts(heard(listener, seekho, 2, "यह शब्द chameli मना है", by=1), MessageDelete)


OFF = (
    "kal match me kohli ne kya century mari yaar stadium",
    "मोदी जी ने चुनाव में क्या भाषण दिया विपक्ष हैरान",
    "anyone watched that new horror movie last night cinema",
    "aaj mausam bahut kharab barish tez bijli gayi",
    "कल रात पड़ोस में शादी थी, खाना बहुत अच्छा बना था",
)


def drift(listener: Listener, seekho: Group, first: int = 0, count: int = 5) -> list[str]:
    said = []
    for number in range(first, first + count):
        decision = heard(listener, seekho, number, OFF[number % 5], by=1 + number % 2, seconds=number * 30)
        said += [text_of(each) for each in decision.say]
    return said


def test_b1_03_five_real_messages_off_topic_bring_one_nudge_and_no_strike(listener: Listener) -> None:
    seekho = group(topic=TOPIC)
    for number in (1, 2):
        seekho.settled(number)
    assert drift(listener, seekho, 0, 4) == []
    (nudge,) = drift(listener, seekho, 4, 1)
    assert nudge.startswith("यह बात रोचक है 🙂 पर समूह का विषय SEO है।")
    assert drift(listener, seekho, 5, 12) == []
    assert all(not each.strikes for each in seekho.standings.values())


def test_b1_04_nods_and_thanks_count_neither_way(listener: Listener) -> None:
    seekho = group(topic=TOPIC)
    for number in (1, 2):
        seekho.settled(number)
    assert drift(listener, seekho, 0, 4) == []
    before = seekho.room().drifting
    for number, text in enumerate(("जी सर", "ok", "👍", "धन्यवाद"), 50):
        assert heard(listener, seekho, number, text, by=2, seconds=130).say == ()
        assert seekho.judged[message_id(number)].trace.on_topic is None
    assert seekho.room().drifting == before
    assert len(drift(listener, seekho, 5, 1)) == 1


@pytest.mark.parametrize(
    "text",
    ["वेबसाइट की रैंकिंग कैसे बढ़ाएँ", "website ki ranking kaise badhaye", "how to raise site ranking"],
)
def test_b1_05_the_same_sentence_is_on_topic_in_every_script(listener: Listener, text: str) -> None:
    seekho = group(topic=TOPIC)
    assert drift(listener, seekho, 0, 4) == []
    heard(listener, seekho, 50, text, seconds=130)
    assert (seekho.judged[message_id(50)].trace.on_topic or 0.0) >= 0.4
    assert seekho.room().drifting == ()
