"""By which message a group knows news of ours: it is answered under the provider's id, not under ours."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.rewards.domain.scene import Scene
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import DeliveryReported
from shared.decision import Decision


def decide_reported(scene: Scene, event: Envelope[DeliveryReported], now: dt.datetime) -> Decision[Scene]:
    """Note what message of the chat is our news of a contest, as soon as the provider tells its id."""
    del now
    sent, message = scene.posts.get(event.data.send_id or ""), scene.posts.get(event.data.provider_message)
    if sent is None or message is None or sent.announces in {None, message.announces}:
        return Decision(scene)
    return Decision(scene.with_post(replace(message, announces=sent.announces)), note="contest_told")
