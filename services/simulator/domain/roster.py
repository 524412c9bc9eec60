"""Who may come into a group, what it is called and has pinned, and who takes another number."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.simulator.domain.changes import Changes
from services.simulator.domain.messages import Kind, Message
from services.simulator.domain.people import BOT, Group, is_bridged
from services.simulator.domain.world import World
from shared.errors import Conflict, Forbidden, Invalid, NotFound


def ask_to_join(world: World, group_id: str, phone: str, request: str, at: dt.datetime) -> Changes:
    """Let somebody ask to come in; who has asked already changes nothing.

    Raises:
        Conflict: they are in already.
        Forbidden: they were removed by the business.
        Invalid: the group lets everybody in.
    """
    group, member = world.group(group_id), world.member(phone)
    if phone in group.members:
        raise Conflict("This member is in the group already.")
    if phone in group.barred:
        raise Forbidden("Whom the business has removed cannot come back by the link.")
    if not group.approval:
        raise Invalid("This group lets everybody in who has the link.")
    if phone in group.requests.values():
        return Changes()
    changes = _set(world, replace(group, requests={**group.requests, request: phone}))
    told = world.dialect(group_id).asked(group, member, request, at, what="created")
    world.notify(changes, group_id, told, at)
    return changes


def withdraw(world: World, group_id: str, phone: str, at: dt.datetime) -> Changes:
    """Let somebody ask no more to come in.

    Raises:
        NotFound: they have not asked.
    """
    group, member = world.group(group_id), world.member(phone)
    request = next((key for key, who in group.requests.items() if who == phone), None)
    if request is None:
        raise NotFound("This member has not asked to join.")
    changes = _set(world, _without_request(group, request))
    told = world.dialect(group_id).asked(group, member, request, at, what="revoked")
    world.notify(changes, group_id, told, at)
    return changes


def answer_request(
    world: World, group_id: str, request: str, note_id: str, at: dt.datetime, *, approved: bool
) -> Changes:
    """Let in who has asked, or not, as the business or an admin wishes.

    Raises:
        NotFound: there is no such request.
    """
    group = world.group(group_id)
    phone = group.requests.get(request)
    if phone is None:
        raise NotFound("There is no such request.")
    changes = _set(world, _without_request(group, request))
    if approved:
        changes.add(world.join(group_id, phone, note_id, at))
    else:
        told = world.dialect(group_id).asked(group, world.member(phone), request, at, what="rejected")
        world.notify(changes, group_id, told, at)
    return changes


def rank(world: World, group_id: str, who: str, note_id: str, at: dt.datetime, *, admin: bool) -> Changes:
    """Make somebody, a member or the bot, an admin or no longer one; who is it already changes nothing.

    Raises:
        Invalid: the business runs this group and has no admins beside it.
        NotFound: they are not in the group.
    """
    before = world.group(group_id)
    if not is_bridged(group_id):
        raise Invalid("Only the groups of a linked device have admins who come and go.")
    if who != BOT and who not in before.members:
        raise NotFound("This member is not in the group.")
    if (who in before.admins) is admin:
        return Changes()
    after = before.ranked(who, admin=admin)
    changes = _set(world, after)
    world.note(changes, group_id, note_id, who=who, what="promoted" if admin else "demoted", at=at)
    person = None if who == BOT else world.member(who)
    world.notify(changes, group_id, world.dialect(group_id).ranked(after, person, at), at)
    return changes


def restrict(
    world: World, group_id: str, note_id: str, at: dt.datetime, *, admins_only: bool, who: str = BOT
) -> Changes:
    """Let only admins write, or everybody again; what is so already changes nothing.

    Raises:
        Invalid: the group is the Cloud API's, where everybody may always write.
    """
    before = world.group(group_id)
    if not is_bridged(group_id):
        raise Invalid("Only the groups of a linked device can be for admins alone.")
    if before.admins_only is admins_only:
        return Changes()
    after = replace(before, admins_only=admins_only)
    changes = _set(world, after)
    world.note(changes, group_id, note_id, who=who, what="restricted" if admins_only else "opened", at=at)
    world.notify(changes, group_id, world.dialect(group_id).described(after, ("admins_only",), at), at)
    return changes


def describe(
    world: World,
    group_id: str,
    note_id: str,
    at: dt.datetime,
    *,
    subject: str | None = None,
    description: str | None = None,
    who: str = BOT,
) -> Changes:
    """Give a group another subject or description; what is the same already changes nothing."""
    before = world.group(group_id)
    new = {"subject": subject, "description": description}
    changed = tuple(
        name for name, value in new.items() if value is not None and value != getattr(before, name)
    )
    if not changed:
        return Changes()
    after = replace(
        before,
        subject=before.subject if subject is None else subject,
        description=before.description if description is None else description,
    )
    changes = _set(world, after)
    world.note(changes, group_id, note_id, who=who, what="renamed" if subject else "described", at=at)
    world.notify(changes, group_id, world.dialect(group_id).described(after, changed, at), at)
    return changes


def approve_each(world: World, group_id: str, at: dt.datetime, *, approval: bool) -> Changes:
    """Let the business or the admins decide about everybody who wants to come in, or nobody decide."""
    after = replace(world.group(group_id), approval=approval)
    changes = _set(world, after)
    world.notify(changes, group_id, world.dialect(group_id).described(after, ("approval",), at), at)
    return changes


def pin(
    world: World, chat: str, target_id: str, act: str, *, message_id: str, at: dt.datetime, opaque: str | None
) -> Changes:
    """Let the business pin a message of a group, or with the act `unpin` no longer.

    Raises:
        NotFound: the group has no such message.
    """
    target = world.message_in(chat, target_id)
    before = world.group(chat)
    changes = _set(world, before.pinned(target.id) if act == "pin" else before.unpinned(target.id))
    said = Message(
        id=message_id,
        chat=chat,
        seq=world.next_serial(),
        author=BOT,
        at=at,
        kind=Kind.PIN,
        text=act,
        type="pin",
        reply_to=target.id,
        opaque=opaque,
    )
    world.put(said, changes)
    return changes


def renumber(world: World, old: str, new: str, message_id: str, at: dt.datetime) -> Changes:
    """Give somebody another number: their groups and messages, and their direct chat, go with them.

    Raises:
        Conflict: the number is somebody else's.
    """
    before = world.member(old)
    if new in world.members:
        raise Conflict("This number is somebody else's.")
    after = replace(before, phone=new)
    del world.members[old]
    world.members[new] = after
    changes = Changes(members={old: None, new: after})
    for group in list(world.groups.values()):
        if old in group.members or old in group.requests.values():
            changes.add(_set(world, group.renumbered(old, new)))
    changes.add(world.rename_author(old, new))
    world.notify(changes, new, world.dialect(new).renumbered(before, after, message_id, at), at)
    return changes


def _set(world: World, group: Group) -> Changes:
    world.groups[group.id] = group
    return Changes(groups={group.id: group})


def _without_request(group: Group, request: str) -> Group:
    return replace(group, requests={key: who for key, who in group.requests.items() if key != request})
