"""Talk that drifts gets one friendly word, and nobody a strike."""

from shared.contracts.gateway import SendClass
from tests.support.moderation import Group, later, policy, text_of, writes

TOPIC = {"sentence": {"hi": "SEO और ब्लॉगिंग।"}}
TEXT = "कल के मैच में क्या हुआ किसने देखा"


def talk(group: Group, first: int, count: int, *, minute: int = 0, on_topic: float | None = 0.1) -> list[str]:
    said = []
    for number in range(count):
        event = writes(first + number, TEXT, by=1 + number % 2, at=later(minutes=minute, seconds=number))
        decision = group.judges(event, on_topic=on_topic)
        assert not decision.emit
        said += [text_of(each) for each in decision.say]
    return said


def group() -> Group:
    return Group(policy=policy(topic=TOPIC))


def test_b1_03_five_messages_off_topic_in_a_row_bring_exactly_one_nudge() -> None:
    seekho = group()
    assert talk(seekho, 0, 4) == []
    (nudge,) = talk(seekho, 4, 1, minute=1)
    assert nudge.startswith("यह बात रोचक है 🙂 पर समूह का विषय SEO और ब्लॉगिंग है।")
    assert talk(seekho, 10, 30, minute=30) == []
    assert talk(seekho, 50, 1, minute=61) != []
    assert all(not standing.strikes for standing in seekho.standings.values())
    assert seekho.cases == {}
    assert {each.send_class for each in seekho.said} == {SendClass.REPLY}


def test_b1_03_one_member_alone_is_not_the_groups_talk() -> None:
    seekho = group()
    for number in range(8):
        assert not seekho.judges(writes(number, TEXT, by=1), on_topic=0.0).say
    assert seekho.judges(writes(9, TEXT, by=2), on_topic=0.0).say


def test_b1_04_short_answers_count_neither_way() -> None:
    seekho = group()
    assert talk(seekho, 0, 4) == []
    for number, text in enumerate(("जी सर", "ok", "👍", "धन्यवाद")):
        assert not seekho.judges(writes(20 + number, text, by=2), on_topic=None).say
    assert talk(seekho, 30, 1) != []


def test_b1_05_a_message_on_topic_begins_the_count_anew() -> None:
    seekho = group()
    assert talk(seekho, 0, 4) == []
    for number, text in enumerate(
        (
            "वेबसाइट की रैंकिंग कैसे बढ़ाएँ",
            "website ki ranking kaise badhaye",
            "how to raise site ranking",
        )
    ):
        assert not seekho.judges(writes(20 + number, text), on_topic=0.9).say
    assert seekho.room().drifting == ()
    assert talk(seekho, 30, 4, minute=1) == []
    assert talk(seekho, 40, 1, minute=2) != []


def test_a_group_without_a_topic_is_never_nudged() -> None:
    assert talk(Group(policy=policy()), 0, 20) == []
