"""What every channel promises, asked of WAHA."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from services.gateway.channels.waha import Waha, ids
from services.gateway.channels.waha.signature import sign
from services.gateway.domain.items import Address, AddressKind
from services.gateway.domain.outgoing import Destination, MessageRef
from shared.http.client import HttpClient
from tests.contract.channel_suite import ChannelSuite, Provider, Subject, listening
from tests.support.waha import ASHA, ASHA_HIDDEN, GROUP_ID, SESSION, WORKING, body_of, said


@pytest.fixture(scope="module")
async def subject() -> AsyncIterator[Subject]:
    provider = Provider()
    provider.answer = json.dumps(WORKING).encode()
    async with listening(provider) as url, HttpClient() as client:
        channel = Waha(client, api_base=url, session=SESSION, api_key="key", hmac_keys=["contract-key"])
        await channel.probe()
        yield Subject(
            channel=channel,
            provider=provider,
            signed=lambda body: {"x-webhook-hmac": sign(body, "contract-key")},
            subscription={},
            challenge=None,
            message=body_of(said()),
            destinations=(
                Destination(group=GROUP_ID),
                Destination(person=ASHA),
                Destination(person=ASHA_HIDDEN),
                Destination(person=Address(AddressKind.OTHER, "42@msgr")),
            ),
            recognised_by=lambda message: ids.chosen(message.client_id),
            theirs=MessageRef(f"false_{GROUP_ID}_3AAA01_70000000000101@lid", ASHA_HIDDEN),
        )


class TestWaha(ChannelSuite):
    """The suite, and nothing that is WAHA's alone."""
