"""How the Graph API reads bodies and writes answers."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Request, Response

from services.simulator.domain.refusal import MALFORMED, GraphError
from shared.errors import ChaupalError


async def body_of(request: Request) -> Any:
    """Return the body of a request.

    Raises:
        GraphError: it is not JSON, or too large.
    """
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise GraphError(MALFORMED, "The body is not JSON.") from error
    except ChaupalError as error:
        raise GraphError(MALFORMED, error.sentence, status=413) from error


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return an answer in JSON."""
    return Response(orjson.dumps(body), status, headers, "application/json")
