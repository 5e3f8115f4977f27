"""From an HTTP answer to a typed reply, or to the error it stands for.

`success` is read before anything else. A list that is null is not an empty list, and an answer
that says yes and names an error says neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus
from typing import Any, Final, Generic, TypeVar

from julie.gateway.errors import (
    STATUS_PAGE,
    BadAnswer,
    BadRequest,
    CallRefused,
    GatewayError,
    NotTheVenue,
    Throttled,
    TokenRefused,
    VenueDown,
)
from julie.gateway.line import Answer
from julie.gateway.wire import Misfit, Problem, Reply, Route, WireError, decoder
from julie.gateway.wire.json_text import UNREADABLE

R = TypeVar("R", bound=Reply)
T = TypeVar("T")

_PROBLEM: Final = decoder(Problem)


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """Rows of a search; it proves the absence of a row only when it is `complete`."""

    rows: tuple[T, ...]
    misfits: tuple[Misfit, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every row could be read."""
        return not self.misfits

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[T]:
        return iter(self.rows)


def code_of(route: Route[Any, Any], reply: Reply) -> IntEnum | None:
    """The endpoint's own code; None where nobody knows the number."""
    try:
        return route.codes(reply.error_code)
    except ValueError:
        return None


def read_answer(route: Route[Any, R], answer: Answer) -> tuple[R, tuple[Misfit, ...]]:
    """The reply, refused or not, and what in its list could not be read; raises `GatewayError`."""
    if answer.status != HTTPStatus.OK:
        raise _status_error(route.path, answer)
    if answer.body.lstrip()[:1] == b"<":
        raise _not_the_venue(route.path, "a web page")
    try:
        reply, misfits = route.decode(answer.body)
    except WireError as error:
        raise BadAnswer(str(error)) from error
    if reply.success and reply.error_code:
        raise BadAnswer(f"{route.path}: success together with error code {reply.error_code}")
    if not reply.success and not reply.error_code:
        raise BadAnswer(f"{route.path}: no success, yet error code 0")
    if reply.success and route.listed and getattr(reply, route.listed.name) is None:
        raise BadAnswer(f"{route.path}: {route.listed.name} is null, which is not an empty list")
    return reply, misfits


def answered_ping(path: str, answer: Answer) -> None:
    """Raise unless the venue itself said pong."""
    if answer.status != HTTPStatus.OK:
        raise _status_error(path, answer)
    if answer.body.strip().strip(b'"').lower() != b"pong":
        raise _not_the_venue(path, "something else")


def refusal(route: Route[Any, Any], reply: Reply) -> CallRefused:
    """The error of a reply that says no."""
    code = code_of(route, reply)
    name = code.name if code else "a code that nobody knows"
    text = f": {reply.error_message}" if reply.error_message else ""
    return CallRefused(
        f"{route.path}: refused, {name} ({reply.error_code}){text}",
        reply.error_code,
        code.name if code else None,
    )


def _not_the_venue(path: str, what: str) -> NotTheVenue:
    return NotTheVenue(
        f"{path}: {what} came instead of the venue's answer",
        "a network login page or a proxy stands in between; open a browser and log in there",
    )


def _status_error(path: str, answer: Answer) -> GatewayError:
    status = answer.status
    if status == HTTPStatus.UNAUTHORIZED:
        return TokenRefused(f"{path}: the token was refused (401)")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(
            f"{path}: too many calls (429)",
            "another program on this login may be using the budget up",
            answer.retry_after_s,
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return VenueDown(f"{path}: the venue is down or in maintenance ({status})", STATUS_PAGE)
    if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
        try:
            problem = _PROBLEM.decode(answer.body)
        except UNREADABLE:
            # An empty 404 is the venue's way to say that it knows no such path.
            if status == HTTPStatus.NOT_FOUND and not answer.body:
                return BadRequest(f"{path}: the venue knows no such path")
            return _not_the_venue(path, f"HTTP {status} without the venue's words")
        fields = ", ".join(problem.errors or ())
        return BadRequest(f"{path}: {problem.title} {fields}".rstrip())
    return _not_the_venue(path, f"HTTP {status}")
