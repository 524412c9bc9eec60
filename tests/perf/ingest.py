"""How fast a signed webhook becomes durable, beside a bare handler that only checks and produces."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import itertools
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psutil
import uvicorn
import uvloop
from fastapi import FastAPI, Request, Response

from deploy.local.process import free_port
from services.gateway.app import RECIPE
from shared.clock import SystemClock
from shared.contracts.topics import INBOUND
from shared.log.backend import Backend
from shared.log.kafka import KafkaLog
from shared.log.local import local_log
from shared.log.record import NewRecord
from shared.process import main as run_process
from shared.store.client import connect, database
from shared.store.log import MongoLogStorage
from tests.perf.load import Outcome, drive
from tests.support.keys import ADDRESS_KEY

SECRET = "bench-app-secret"
CONNECTIONS = 32
CHATS = 200


def requests(port: int) -> Iterator[bytes]:
    """Yield signed webhooks of one text message each, from members of many groups."""
    run = uuid.uuid4().hex
    for number in itertools.count():
        body = json.dumps(webhook(f"wamid.{run}{number}", number)).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        yield (
            f"POST /webhooks/whatsapp/bench HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
            f"content-type: application/json\r\nx-hub-signature-256: sha256={signature}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        ).encode() + body


def webhook(wamid: str, number: int) -> dict[str, Any]:
    """Return the body of a webhook with one text message."""
    phone = f"9188888{number % 500:05d}"
    message = {
        "from": phone,
        "group_id": f"group-{number % CHATS}",
        "id": wamid,
        "timestamp": "1795000000",
        "type": "text",
        "text": {"body": "आज का सवाल: title tag कितना लंबा हो?"},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "919999900000", "phone_number_id": "1"},
        "contacts": [{"profile": {"name": "Bench"}, "wa_id": phone}],
        "messages": [message],
    }
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}


def measure(kind: str, environment: dict[str, str], seconds: float) -> Outcome:
    """Start a server of `kind` in a process of its own and return what it does under load."""
    public, internal = free_port(), free_port()
    account = {
        "phone_number_id": "1",
        "app_secrets": [SECRET],
        "verify_token": "bench",
        "access_token": "bench",
        "api_base": "http://127.0.0.1:9",
    }
    mine = {
        "PUBLIC_PORT": str(public),
        "INTERNAL_PORT": str(internal),
        "GATEWAY_ACCOUNTS": json.dumps({"bench": account}),
        "GATEWAY_ADDRESS_KEYS": ADDRESS_KEY,
        "MONGO_DATABASE_PREFIX": f"bench_{uuid.uuid4().hex[:10]}",
        "LOG_LEVEL": "info",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.perf.ingest", kind],
        env={**os.environ, **environment, **mine},
        stdout=subprocess.DEVNULL,
    )
    try:
        return uvloop.run(_load(psutil.Process(server.pid), public, seconds))
    finally:
        server.terminate()
        server.wait(30)


async def _load(server: psutil.Process, port: int, seconds: float) -> Outcome:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                break
    source = requests(port)
    await drive("127.0.0.1", port, source, CONNECTIONS, 2.0)
    before = server.cpu_times()
    outcome = await drive("127.0.0.1", port, source, CONNECTIONS, seconds)
    after = server.cpu_times()
    spent = after.user + after.system - before.user - before.system
    return replace(outcome, server_cpu=spent / outcome.requests)


def _backend() -> Backend:
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if servers:
        return KafkaLog(servers, "bench")
    mongo = connect(os.environ["MONGO_URL"], application="bench")
    return local_log(MongoLogStorage(database(mongo, os.environ["MONGO_DATABASE_PREFIX"]), SystemClock()))


async def _bare() -> None:
    """Serve the least that could be called an ingest: check the signature, produce the body, answer."""
    backend = _backend()
    await backend.start()
    await backend.ensure_topics([INBOUND])
    app = FastAPI()

    @app.post("/webhooks/whatsapp/bench")
    async def deliver(request: Request) -> Response:
        body = await request.body()
        right = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right, request.headers["x-hub-signature-256"]):
            return Response(status_code=401)
        await backend.append([NewRecord(INBOUND.name, uuid.uuid4().bytes, body)])
        return Response(status_code=200)

    config = uvicorn.Config(
        app, host="127.0.0.1", port=int(os.environ["PUBLIC_PORT"]), log_config=None, access_log=False
    )
    await uvicorn.Server(config).serve()
    await backend.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["bare", "gateway"])
    if parser.parse_args().kind == "bare":
        uvloop.run(_bare())
    else:
        run_process("bench", RECIPE)
