"""A real MongoDB for the tests.

In this order: MONGO_TEST_URL; the mongod among the development dependencies; a container.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from deploy.local.mongod import REPLICA_SET, LocalMongod, find_mongod
from deploy.local.process import LOOPBACK, LocalPartUnavailable
from tests.support.containers import mongo_container, require_docker


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    given = os.environ.get("MONGO_TEST_URL")
    if given:
        yield given
        return
    try:
        find_mongod()
    except LocalPartUnavailable:
        require_docker()
        with mongo_container() as port:
            yield f"mongodb://{LOOPBACK}:{port}/?replicaSet={REPLICA_SET}"
        return
    with LocalMongod(tmp_path_factory.mktemp("mongod")) as mongod:
        yield mongod.url
