"""Which contests and prizes a command may mean, and whose they are: what is loaded before it is answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from services.rewards.domain.account import account_key
from services.rewards.domain.numbering import item_id, number_in
from shared.commands import Command
from shared.contracts.gateway import ChatKind
from shared.contracts.rewards import ContestStage

SoFar = Mapping[str, Any]

OF_CONTESTS: Final = frozenset({"contest", "enter", "choose"})
ANSWERING: Final = frozenset({"enter", "choose"})
"""Commands that may be given in answer to news of a contest."""
OF_PRIZES: Final = frozenset({"prize", "received"})
LEADING_WORDS: Final = 3
"""Of a command, among which there may be a number."""


def homes(subject: Any, command: Command | None, so_far: SoFar) -> Collection[str]:
    """Return the communities whose contests and prizes who writes to us directly may mean."""
    if command is None or command.name not in OF_CONTESTS | OF_PRIZES:
        return ()
    if subject.chat_kind is not ChatKind.DIRECT:
        return ()
    return sorted(so_far["member"].scopes - {so_far["community"].scope})


def contests(command: Command | None, so_far: SoFar) -> Collection[str]:
    """Return the contests that are not over, and those whose number may be named."""
    if command is None or command.name not in OF_CONTESTS:
        return ()
    open_ = frozenset[str]().union(*(each.contests for each in _around(so_far)))
    return sorted(open_ | _named(command, so_far))


def ballots(command: Command | None, so_far: SoFar) -> Collection[str]:
    """Return the contests that are voted on, where somebody votes."""
    return tuple(_voted_on(so_far)) if command is not None and command.name == "choose" else ()


def prizes(command: Command | None, so_far: SoFar) -> Collection[str]:
    """Return the prizes on the list, and those whose number may be named."""
    if command is None or command.name not in OF_PRIZES:
        return ()
    listed = frozenset[str]().union(*(each.prizes for each in _around(so_far)))
    return sorted(listed | _named(command, so_far))


def people(command: Command | None, so_far: SoFar) -> Collection[str]:
    """Return who has handed something in, or was promised something."""
    found = {each.member_id for each in so_far["prizes"].values() if each is not None}
    if command is not None and command.name in ANSWERING:
        found |= {
            entry.member_id
            for contest in so_far["contests"].values()
            if contest is not None
            for entry in contest.submissions
        }
    return sorted(found)


def accounts(command: Command | None, so_far: SoFar) -> Collection[str]:
    """Return the accounts by which it is known whether a vote weighs anything."""
    if command is None or command.name != "choose":
        return ()
    scopes = sorted({contest.scope for contest in _voted_on(so_far).values()})
    return [account_key(scope, so_far["member"].now) for scope in scopes]


def _voted_on(so_far: SoFar) -> dict[str, Any]:
    return {
        key: each
        for key, each in so_far["contests"].items()
        if each is not None and each.stage is ContestStage.VOTING
    }


def _around(so_far: SoFar) -> list[Any]:
    return [so_far["community"], *so_far["homes"].values()]


def _named(command: Command, so_far: SoFar) -> frozenset[str]:
    numbers = {each for each in map(number_in, command.words[:LEADING_WORDS]) if each is not None}
    return frozenset(item_id(each.scope, number) for each in _around(so_far) for number in numbers)
