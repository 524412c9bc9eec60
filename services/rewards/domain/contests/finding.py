"""Which contest a member means, who names it by its number, by an answer to our news of it, or not at all."""

from __future__ import annotations

from services.rewards.domain.contests.contest import OPEN, Contest
from services.rewards.domain.scene import Scene
from shared.contracts.gateway import MessageReceived
from shared.contracts.rewards import ContestStage
from shared.decision import Phrase


def known(scene: Scene) -> tuple[Contest, ...]:
    """Return the contests that may be meant here: in a direct chat, of all communities of who writes."""
    scopes = scene.member.scopes if scene.chat.direct else {scene.scope}
    found = (each for each in scene.contests.values() if each is not None and each.scope in scopes)
    return tuple(sorted(found, key=lambda each: (each.number, each.scope)))


def open_ones(scene: Scene, *stages: ContestStage) -> tuple[Contest, ...]:
    """Return the contests that are at one of these stages, or not over where none is given."""
    return tuple(each for each in known(scene) if each.stage in (stages or OPEN))


def numbered(scene: Scene, number: int | None, *stages: ContestStage) -> Contest | None:
    """Return the contest of that number; of several communities' ones, that which is at such a stage."""
    fits = [each for each in known(scene) if each.number == number]
    if len(fits) > 1:
        fits = [each for each in fits if each.stage in (stages or OPEN)]
    return fits[0] if len(fits) == 1 else None


def answered(scene: Scene, message: MessageReceived) -> Contest | None:
    """Return the contest whose news a message answers."""
    post = scene.posts.get(message.reply_to or "")
    name = post.announces if post is not None else None
    return next((each for each in known(scene) if each.contest_id == name), None)


def unclear(scene: Scene, stage: ContestStage) -> Phrase:
    """Return what to say to whom no contest can be told from what they wrote."""
    if open_ones(scene, stage):
        return Phrase("contest.which")
    return Phrase("contest.none_voting" if stage is ContestStage.VOTING else "contest.none_open")
