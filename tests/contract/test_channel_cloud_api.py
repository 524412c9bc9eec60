"""What every channel promises, asked of the Cloud API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.gateway.channels.cloud_api import CloudApi
from services.gateway.channels.cloud_api.signature import sign
from services.gateway.domain.items import Address, AddressKind
from services.gateway.domain.outgoing import Destination, MessageRef
from shared.http.client import HttpClient
from tests.contract.channel_suite import ChannelSuite, Provider, Subject, listening

ASHA = Address(AddressKind.PHONE, "919000000101")


@pytest.fixture(scope="module")
async def subject() -> AsyncIterator[Subject]:
    provider = Provider()
    async with listening(provider) as url, HttpClient() as client:
        channel = CloudApi(
            client,
            api_base=url,
            phone_number_id="370000000000001",
            access_token="token",
            app_secrets=["contract-secret"],
            verify_token="contract-token",
        )
        yield Subject(
            channel=channel,
            provider=provider,
            signed=lambda body: {"x-hub-signature-256": sign(body, "contract-secret")},
            subscription={
                "hub.mode": "subscribe",
                "hub.verify_token": "contract-token",
                "hub.challenge": "1158201444",
            },
            challenge="1158201444",
            message=b'{"entry":[{"changes":[{"field":"messages","value":{"messages":'
            b'[{"id":"wamid.1=","from":"919000000101","type":"text","text":{"body":"hi"}}]}}]}]}',
            destinations=(
                Destination(group="group-1"),
                Destination(person=ASHA),
                Destination(person=Address(AddressKind.BUSINESS_SCOPED, "IN.5501")),
            ),
            recognised_by=lambda message: message.mark,
            theirs=MessageRef("wamid.1=", ASHA),
        )


class TestCloudApi(ChannelSuite):
    """The suite, and nothing that is the Cloud API's alone."""
