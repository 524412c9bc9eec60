"""Errors as RFC 9457 problem documents: a stable code, a sentence for a person, never a stack or a secret."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Match

from shared.errors import DependencyAway, Rejected

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
"""What a caller is told to wait while a dependency is away."""

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class Problem(BaseModel):
    """The body of every error response."""

    type: str = Field(description="A URN that ends in the code.", examples=["urn:chaupal:problem:not_found"])
    title: str = Field(description="The stable code of the error.", examples=["not_found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(description="What happened, for a person.")
    errors: list[dict[str, str]] | None = Field(None, description="Each field that is wrong, and why.")


RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {"model": Problem, "description": "Anything that went wrong.", "content": {MEDIA_TYPE: {}}}
}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    errors: list[dict[str, str]] | None = None,
) -> JSONResponse:
    """Return a problem response."""
    body = Problem(
        type=f"urn:chaupal:problem:{code}", title=code, status=status, detail=detail, errors=errors
    )
    return JSONResponse(body.model_dump(exclude_none=True), status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem document, in what it answers and in what it documents."""
    undocumented = app.openapi
    app.openapi = lambda: _documented(undocumented())  # type: ignore[method-assign]
    answer_errors(app)


def answer_errors(app: Starlette) -> None:
    """Make every error of `app` a problem document in what it answers."""
    app.add_exception_handler(Rejected, _rejected)
    app.add_exception_handler(DependencyAway, _dependency_away)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def _documented(document: dict[str, Any]) -> dict[str, Any]:
    """Move the schema of problems to the media type they are sent with.

    FastAPI files the model of every response under the media type of the route.
    """
    operations = [
        each for item in document["paths"].values() for each in item.values() if isinstance(each, dict)
    ]
    for response in (each for operation in operations for each in operation["responses"].values()):
        content = response.get("content", {})
        if MEDIA_TYPE in content:
            schemas = [each for each in content.values() if "schema" in each]
            response["content"] = {MEDIA_TYPE: schemas[0]}
    return document


def _rejected(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Rejected)  # noqa: S101 - Starlette looks the handler up by this type
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None  # noqa: PLR2004
    return problem(error.status, error.code, error.sentence, headers=headers)


def _dependency_away(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DependencyAway)  # noqa: S101
    return problem(503, error.code, error.sentence, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    # The input is left out on purpose: an error page must not repeat a phone number or a secret.
    fields = [{"field": ".".join(map(str, each["loc"])), "problem": each["msg"]} for each in error.errors()]
    return problem(422, "invalid", "Some fields of the request are wrong.", errors=fields)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    headers = dict(error.headers) if error.headers else None
    match error.status_code:
        case 404:
            return problem(404, "not_found", "There is nothing at this path.", headers=headers)
        case 405:
            # The framework names the methods of one of several routes that share the path.
            methods = ", ".join(_allowed(request))
            return problem(
                405, "method_not_allowed", f"This path takes {methods}.", headers={"Allow": methods}
            )
        case status:
            return problem(status, "http_error", str(error.detail), headers=headers)


def _allowed(request: Request) -> list[str]:
    """Return the methods that some route takes at the path of `request`."""
    routes = request.app.router.routes
    scopes = {method: {**request.scope, "method": method} for method in _METHODS}
    return [
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in routes)
    ]
