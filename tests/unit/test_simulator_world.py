from __future__ import annotations

import datetime as dt
import itertools
import json

import pytest

from services.simulator.domain import afterthoughts, roster
from services.simulator.domain.archive import WINDOW
from services.simulator.domain.changes import Changes
from services.simulator.domain.demo import demo_world
from services.simulator.domain.files import MOST_FILES, File
from services.simulator.domain.messages import Kind, Status
from services.simulator.domain.people import BOT, Group, Line, Member
from services.simulator.domain.world import World
from shared.errors import Conflict, Invalid, NotFound

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
RAVI, MEENA, TENZIN = "919999900002", "919999900003", "919999900008"
GROUP = "R3JvdXA="
IDS = (f"wamid.{number}" for number in itertools.count())


def a_world() -> World:
    world = World(Line("100000000000001", "919999900000", "चौपाल"))
    for phone, name in ((RAVI, "रवि"), (MEENA, "Meena"), (TENZIN, "Tenzin")):
        world.enter(Member(phone, name))
    group = Group(GROUP, "SEO", NOW, "", members=(RAVI, MEENA), admins=frozenset({RAVI}))
    world.found_group(group, next(IDS), request_id=None, announce=False)
    return world


def kinds(changes: Changes) -> list[str]:
    bodies = [json.loads(each.body) for each in changes.webhooks.values() if each]
    values = [each["entry"][0]["changes"][0]["value"] for each in bodies]
    return [
        value["messages"][0]["type"]
        if "messages" in value
        else value["statuses"][0]["status"]
        if "statuses" in value
        else value["groups"][0]["type"]
        for value in values
    ]


def test_what_a_member_says_is_told_to_the_gateway_in_the_lane_of_the_chat():
    changes = a_world().say(GROUP, RAVI, "wamid.A", NOW, text="नमस्ते")
    assert kinds(changes) == ["text"]
    (webhook,) = changes.webhooks.values()
    assert webhook is not None
    assert (webhook.lane, webhook.about) == (GROUP, "wamid.A")
    assert changes.said == ["wamid.A"]


def test_an_outsider_cannot_speak_and_a_stranger_does_not_exist():
    world = a_world()
    with pytest.raises(Invalid):
        world.say(GROUP, TENZIN, "wamid.A", NOW, text="hi")
    with pytest.raises(NotFound):
        world.say(GROUP, "919999900099", "wamid.A", NOW, text="hi")
    with pytest.raises(NotFound):
        world.say("nowhere", RAVI, "wamid.A", NOW, text="hi")
    assert world.lines(GROUP)[-1].kind is Kind.NOTE


def test_a_reply_must_be_to_a_message_of_the_same_chat():
    world = a_world()
    world.say(RAVI, RAVI, "wamid.D", NOW, text="private")
    with pytest.raises(NotFound):
        world.say(GROUP, RAVI, "wamid.A", NOW, text="hi", reply_to="wamid.D")


def test_the_window_opens_with_any_members_message_and_closes_after_a_day():
    world = a_world()
    assert not world.window_open(GROUP, NOW)
    world.say(GROUP, MEENA, "wamid.A", NOW, text="hi")
    assert world.window_open(GROUP, NOW + WINDOW - dt.timedelta(seconds=1))
    assert not world.window_open(GROUP, NOW + WINDOW)
    assert not world.window_open(MEENA, NOW)


def test_what_the_bot_says_does_not_open_the_window():
    world = a_world()
    world.accept(GROUP, "wamid.B", NOW, text="hello", type="template")
    assert not world.window_open(GROUP, NOW)
    assert world.sends == ["wamid.B"]


def test_statuses_of_the_bots_messages_are_told_and_those_of_members_are_not():
    world = a_world()
    world.accept(GROUP, "wamid.B", NOW, text="hello")
    world.say(GROUP, RAVI, "wamid.A", NOW, text="hi")
    assert kinds(world.reach("wamid.B", Status.DELIVERED, (RAVI, MEENA), NOW)) == ["delivered"]
    assert kinds(world.reach("wamid.A", Status.DELIVERED, (MEENA,), NOW)) == []
    assert world.messages["wamid.B"].ticks is Status.DELIVERED


def test_a_late_delivered_is_told_although_the_message_is_read():
    world = a_world()
    world.accept(GROUP, "wamid.B", NOW, text="hello")
    world.reach("wamid.B", Status.READ, (RAVI, MEENA), NOW)
    assert kinds(world.reach("wamid.B", Status.DELIVERED, (RAVI, MEENA), NOW)) == ["delivered"]
    assert world.messages["wamid.B"].ticks is Status.READ


def test_nothing_becomes_of_a_message_that_was_forgotten():
    world = a_world()
    assert not world.reach("wamid.gone", Status.READ, (RAVI,), NOW)
    assert not world.heard("wamid.gone")


def test_the_bot_has_read_a_direct_message_when_it_answers():
    world = a_world()
    world.say(RAVI, RAVI, "wamid.A", NOW, text="!मदद")
    world.heard("wamid.A")
    before = world.messages["wamid.A"]
    world.accept(RAVI, "wamid.B", NOW, text="…")
    assert (before.ticks, world.messages["wamid.A"].ticks) == (Status.DELIVERED, Status.READ)


def test_an_acknowledged_group_message_counts_as_read_by_the_bot():
    world = a_world()
    world.say(GROUP, RAVI, "wamid.A", NOW, text="hi")
    world.heard("wamid.A")
    assert world.messages["wamid.A"].receipts == {MEENA: Status.SENT, BOT: Status.READ}


def test_reactions_are_messages_of_their_own_that_change_their_target():
    world = a_world()
    world.accept(GROUP, "wamid.B", NOW, text="hello")
    changes = world.react(GROUP, RAVI, "wamid.B", "🙏", message_id="wamid.R", at=NOW)
    assert kinds(changes) == ["reaction"]
    assert world.messages["wamid.B"].reactions == {RAVI: "🙏"}
    world.accept_reaction(GROUP, "wamid.B", "👍", message_id="wamid.S", at=NOW, opaque="op")
    assert world.messages["wamid.B"].reactions == {RAVI: "🙏", BOT: "👍"}
    assert world.sends == ["wamid.B", "wamid.S"]


def test_an_edit_is_late_after_a_quarter_of_an_hour_and_a_deletion_after_two_days():
    world = a_world()
    world.say(GROUP, RAVI, "wamid.A", NOW, text="hi")
    late = NOW + afterthoughts.EDITED_WITHIN + dt.timedelta(seconds=1)
    with pytest.raises(Invalid):
        afterthoughts.edit(world, GROUP, RAVI, "wamid.A", "ho", message_id="wamid.E", at=late)
    afterthoughts.edit(world, GROUP, RAVI, "wamid.A", "ho", message_id="wamid.E", at=NOW)
    assert world.messages["wamid.A"].text == "ho"
    too_late = NOW + afterthoughts.REVOKED_WITHIN + dt.timedelta(seconds=1)
    with pytest.raises(Invalid):
        afterthoughts.revoke(world, GROUP, RAVI, "wamid.A", message_id="wamid.D", at=too_late)
    afterthoughts.revoke(world, GROUP, RAVI, "wamid.A", message_id="wamid.D", at=late)
    assert world.messages["wamid.A"].deleted


def test_the_caption_of_a_file_is_edited_and_a_place_is_not():
    world = a_world()
    image = {"image": {"id": "1", "caption": "पुराना"}}
    world.say(GROUP, RAVI, "wamid.A", NOW, text="पुराना", type="image", payload=image)
    world.say(GROUP, RAVI, "wamid.P", NOW, type="location", payload={"location": {}})
    changes = afterthoughts.edit(world, GROUP, RAVI, "wamid.A", "नया", message_id="wamid.E", at=NOW)
    assert kinds(changes) == ["edit"]
    assert world.messages["wamid.A"].payload == {"image": {"id": "1", "caption": "नया"}}
    with pytest.raises(Invalid):
        afterthoughts.edit(world, GROUP, RAVI, "wamid.P", "नया", message_id="wamid.F", at=NOW)


def test_of_too_many_files_the_oldest_is_forgotten():
    world = a_world()
    for number in range(MOST_FILES + 1):
        changes = world.upload(File(str(number), "image/png", b"x"))
    assert "0" not in world.files
    assert len(world.files) == MOST_FILES
    assert changes.files["0"] is None


def test_somebody_without_a_visible_number_has_another_id_with_another_number():
    world = a_world()
    hidden = Member(TENZIN, "Tenzin", phone_hidden=True)
    world.enter(hidden)
    changes = roster.renumber(world, TENZIN, "919999900098", next(IDS), NOW)
    (webhook,) = changes.webhooks.values()
    assert webhook is not None
    notice = json.loads(webhook.body)["entry"][0]["changes"][0]["value"]["messages"][0]
    assert notice["system"]["previous_user_id"] == hidden.user_id
    assert notice["system"]["user_id"] == world.member("919999900098").user_id
    assert TENZIN not in webhook.body.decode()


def test_who_is_in_need_not_ask_and_an_open_group_is_not_asked():
    world = a_world()
    with pytest.raises(Conflict):
        roster.ask_to_join(world, GROUP, RAVI, "r1", NOW)
    with pytest.raises(Invalid):
        roster.ask_to_join(world, GROUP, TENZIN, "r1", NOW)
    roster.approve_each(world, GROUP, NOW, approval=True)
    assert kinds(roster.ask_to_join(world, GROUP, TENZIN, "r1", NOW)) == ["group_join_request_created"]
    assert not roster.ask_to_join(world, GROUP, TENZIN, "r2", NOW)
    with pytest.raises(NotFound):
        roster.withdraw(world, GROUP, MEENA, NOW)


def test_a_group_described_as_it_is_changes_nothing():
    world = a_world()
    assert not roster.describe(world, GROUP, next(IDS), NOW, subject="SEO", description="")


def test_joining_and_leaving_are_told_once():
    world = a_world()
    assert kinds(world.join(GROUP, TENZIN, next(IDS), NOW)) == ["group_participants_add"]
    assert not world.join(GROUP, TENZIN, next(IDS), NOW)
    assert kinds(world.leave(GROUP, TENZIN, next(IDS), NOW)) == ["group_participants_remove"]
    with pytest.raises(NotFound):
        world.leave(GROUP, TENZIN, next(IDS), NOW)


def test_an_admin_who_leaves_is_no_admin_any_more():
    world = a_world()
    world.leave(GROUP, RAVI, next(IDS), NOW)
    assert world.group(GROUP).admins == frozenset()


def test_a_group_is_announced_with_its_people():
    world = a_world()
    group = Group("Rw==", "अड्डा", NOW, "", members=(RAVI,))
    changes = world.found_group(group, next(IDS), request_id="REQ", announce=True)
    assert kinds(changes) == ["group_create", "group_participants_add"]
    with pytest.raises(Conflict):
        world.found_group(group, next(IDS), request_id=None, announce=False)


def test_lines_after_a_cursor_and_the_last_of_many():
    world = a_world()
    for number in range(5):
        world.say(GROUP, RAVI, f"wamid.L{number}", NOW, text=str(number))
    third = world.messages["wamid.L2"]
    assert [each.text for each in world.lines(GROUP, third.seq)] == ["3", "4"]
    assert [each.text for each in world.lines(GROUP, 0, 2)] == ["3", "4"]
    assert world.lines("nowhere") == []


def test_a_restored_world_goes_on_counting():
    world = a_world()
    world.say(GROUP, RAVI, "wamid.A", NOW, text="hi")
    again = World(world.line)
    again.restore(world.members.values(), world.groups.values(), world.messages.values(), serial=500)
    assert again.next_serial() == 501
    assert again.window_open(GROUP, NOW)
    assert [each.id for each in again.lines(GROUP)] == [each.id for each in world.lines(GROUP)]


def test_a_cleared_world_is_empty_and_never_repeats_a_number():
    world = a_world()
    before = world.cursor
    world.clear()
    assert (world.members, world.groups, world.messages) == ({}, {}, {})
    assert world.next_serial() > before


def test_the_demo_has_one_admin_in_each_group_and_tells_nobody_of_its_past():
    world = World(Line("100000000000001", "919999900000", "चौपाल"))
    changes = demo_world(world, NOW)
    bodies = [json.loads(each.body) for each in changes.webhooks.values() if each is not None]
    fields = [each["entry"][0]["changes"][0]["field"] for each in bodies]
    assert fields == ["group_lifecycle_update", "group_participants_update"] * 2
    assert len(world.groups) == 2
    for group in world.groups.values():
        assert len(group.admins) == 1
        assert not world.window_open(group.id, NOW)
        lines = [each for each in world.lines(group.id) if each.kind is Kind.TEXT]
        assert all(each.history and each.ticks is Status.READ for each in lines)
        assert {each.reply_to for each in lines} - {None} <= {each.id for each in lines}
    assert len(changes.messages) == len(world.messages) == len(changes.said)
    assert all(each.startswith("9199999000") for each in world.members)
