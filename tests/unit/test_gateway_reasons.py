from __future__ import annotations

import pytest

from services.gateway.channels.cloud_api.errors import CATALOGUE, Treatment
from services.gateway.channels.waha import answers
from services.gateway.domain.delivery import UNDELIVERED
from services.gateway.domain.outgoing import Capability
from services.gateway.domain.policy import Verdict
from services.gateway.domain.reasons import explained
from services.gateway.sending.planner import EXPIRED

REASONS = {
    *(each.code for each in CATALOGUE if each.treatment is Treatment.REFUSE),
    *(str(each) for each in Verdict if each.drops),
    *(str(each) for each in Capability),
    *(code for _, code in answers.REFUSALS),
    *("unknown_chat", "no_address", "unknown_message", EXPIRED, UNDELIVERED),
    *("provider_131026", answers.UNSUPPORTED, answers.UNKNOWN_REQUEST),
}


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_x07_every_reason_is_explained_in_a_sentence(reason):
    sentence = explained(reason)
    assert sentence is not None
    assert sentence.endswith(".")


@pytest.mark.parametrize("reason", [None, "", "provider_", "provider_1x", "code_of_tomorrow"])
def test_what_nobody_has_explained_is_not_made_up(reason):
    assert explained(reason) is None
