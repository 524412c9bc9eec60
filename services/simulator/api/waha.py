"""The part of WAHA's REST interface that a gateway uses."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from pydantic import SecretStr

from services.simulator.api.broken import BrokenAnswer
from services.simulator.api.mishaps import Mishaps
from services.simulator.api.waha_call import Call, answer, refused
from services.simulator.api.waha_groups import Groups
from services.simulator.api.waha_messages import Messages
from services.simulator.domain.faults import Fault, Rule
from services.simulator.domain.waha import calls, jids
from services.simulator.domain.waha.dialect import Waha
from services.simulator.domain.waha.refusal import WahaError, failed, missing, no_session, unauthorized
from services.simulator.simulation import Simulation

PATH = "/simulator/waha/api"

Handler = Callable[[Call], Awaitable[Response]]


class WahaApi:
    """Answers the gateway as a WAHA server with one session would."""

    def __init__(self, simulation: Simulation, waha: Waha, api_key: SecretStr) -> None:
        self._simulation = simulation
        self._waha = waha
        self._key = api_key
        self._mishaps = Mishaps(simulation, _refusal)

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix=PATH, tags=["waha"])
        for path, handler, about in (
            ("/sessions/{session}", self._session, "How the session is, and which engine drives it"),
            ("/server/version", self._version, "Which engine the server runs"),
            ("/files/{session}/{file}", self._file, "The bytes of a file"),
            ("/{session}/new-message-id", self._new_id, "An id for a message that is yet to be sent"),
        ):
            router.add_api_route(path, self._asked(handler), methods=["GET"], summary=about)
        messages = Messages(self._simulation, self._waha, self._mishaps)
        groups = Groups(self._simulation, self._waha)
        for name in calls.CALLS:
            sends = self._does(messages.sends(name))
            router.add_api_route(f"/{name}", sends, methods=["POST"], summary=f"Send: {name}")
        for method, path, act, about in (*messages.routes(), *groups.routes()):
            wired = self._asked(_working(act)) if method == "GET" else self._does(_plainly(act))
            router.add_api_route(path, wired, methods=[method], summary=about)
        return router

    def _asked(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def asked(request: Request) -> Response:
            try:
                self._authenticate(request)
                return await handler(await Call.read(request, self._simulation, self._waha))
            except WahaError as error:
                return refused(error)

        return asked

    def _does(
        self, act: Callable[[Call, Rule | None], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def does(call: Call) -> Response:
            call.working()
            rule = await self._mishaps.before(call.about)
            if rule and rule.fault is Fault.RESET:
                return BrokenAnswer()
            return await self._mishaps.after(rule, await act(call, rule))

        return self._asked(does)

    def _authenticate(self, request: Request) -> None:
        given = request.headers.get("x-api-key", "")
        if not hmac.compare_digest(given.encode(), self._key.get_secret_value().encode()):
            raise unauthorized()

    async def _session(self, call: Call) -> Response:
        if call.path["session"] != self._waha.session.name:
            raise missing("Session not found")
        return answer(self._waha.session.described(self._simulation.session_status))

    async def _version(self, call: Call) -> Response:
        del call
        return answer(self._waha.environment)

    async def _file(self, call: Call) -> Response:
        if call.path["session"] != self._waha.session.name:
            raise no_session(call.path["session"])
        file = self._simulation.world.files.get(call.path["file"].partition(".")[0])
        if file is None:
            raise missing("File not found")
        return Response(file.body, media_type=file.mime_type)

    async def _new_id(self, call: Call) -> Response:
        call.working()
        return answer({"id": jids.said_by_device(secrets.token_bytes(9))})


def _working(handler: Handler) -> Handler:
    async def working(call: Call) -> Response:
        call.working()
        return await handler(call)

    return working


def _plainly(handler: Handler) -> Callable[[Call, Rule | None], Awaitable[Response]]:
    async def plainly(call: Call, rule: Rule | None) -> Response:
        del rule
        return await handler(call)

    return plainly


def _refusal(rule: Rule) -> WahaError | None:
    match rule.fault:
        case Fault.FAIL:
            return failed("The simulator was asked to fail.", rule.status)
        case Fault.RATE_LIMIT:
            error = failed("Too many requests", 429)
            error.headers["retry-after"] = str(rule.retry_after)
            return error
        case Fault.PAIR_LIMIT:
            # WhatsApp's own word for a linked device that writes too much.
            return failed("rate-overlimit", 429)
        case Fault.TOKEN_EXPIRED:
            return unauthorized()
        case Fault.HANG:
            return failed("The call hung until the faults were changed.", 503)
    return None
