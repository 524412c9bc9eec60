"""Decides before a connection is made whether an address that somebody else gave us may be asked.

An address in a payload, in an answer or in a redirect is a stranger's wish. Without a guard it reaches what
only we can reach: a database, a router, the metadata service of a cloud.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from shared.errors import PermanentError, TransientError

RESOLVE_SECONDS = 3.0
MAX_URL = 8192
MAX_ADDRESSES = 3
"""Of one host that are tried one after the other."""

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the network addresses of a host, the best first; raises OSError where there are none."""

_DEFAULT_PORTS = {"http": 80, "https": 443}

# No blank, control character or backslash: programs disagree about where a host ends at one of these.
_PRINTABLE = re.compile(r"[!-\[\]-~]+", re.ASCII)
_NAME = re.compile(r"(?=.{1,253}\Z)(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)*(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^:\[\]]+))(?::([0-9]{1,5}))?", re.ASCII)

_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's translator
        "127.0.0.0/8",
        "169.254.0.0/16",  # the link, and the metadata services of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",  # measurements
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
    )
)

_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
"""All that is given out. Outside lie loopback, links, sites, multicast, and IPv4 in disguise."""

_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(each)
    for each in (
        "2001::/23",  # protocols, Teredo among them, which carries an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # carries an IPv4 address
        "2620:4f:8000::/48",
        "3fff::/20",  # documentation
    )
)

# Translators of the old kind put an IPv4 address behind this, in any network.
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


class AddressRefused(PermanentError):
    """An address may not be asked; `reason` is a stable word. Neither repeats the address."""

    code = "address_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"This address may not be fetched: {reason}.")
        self.reason = reason


class NameUnknown(TransientError):
    """A host has no address now."""

    code = "name_unknown"


@dataclass(frozen=True, slots=True)
class Origin:
    """Whom an address belongs to."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """Host and port, as the header `Host` names them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Target:
    """An address that has been checked."""

    origin: Origin
    path: str
    """With the query."""
    addresses: tuple[str, ...] = ()
    """What to connect to, and nothing else; empty for a configured origin, whose name is trusted."""

    @property
    def url(self) -> str:
        """The address as it was given."""
        return f"{self.origin.scheme}://{self.origin.authority}{self.path}"

    def at(self, address: str) -> str:
        """Return the address with `address` in the place of the name."""
        host = f"[{address}]" if ":" in address else address
        return f"{self.origin.scheme}://{host}:{self.origin.port}{self.path}"


class Guard:
    """Passes public addresses of the hosts it is for, and configured origins wherever they are."""

    def __init__(
        self,
        *,
        hosts: Collection[str] | None = None,
        origins: Collection[str] = (),
        schemes: Collection[str] = ("https",),
        ports: Collection[int] = (443,),
        resolve: Resolve | None = None,
    ) -> None:
        """Make a guard.

        Args:
            hosts: the only names that may be asked; one that begins with a dot stands for all names that end
                in it. None lets any name be asked whose addresses are public.
            origins: addresses of servers the operator has configured. Everything at exactly this scheme, host
                and port may be asked, on a private network too: a bridge of one's own is there on purpose.
            schemes: of what is no configured origin.
            ports: likewise.
            resolve: looks names up; by default as the operating system does.
        """
        self._hosts = None if hosts is None else frozenset(hosts)
        self._origins = frozenset(origin_of(each) for each in origins)
        self._schemes = frozenset(schemes)
        self._ports = frozenset(ports)
        self._resolve = resolve or look_up

    async def check(self, url: str) -> Target:
        """Return where `url` leads.

        Raises:
            AddressRefused: it may not be asked.
            NameUnknown: its host has no address now.
        """
        origin, path = _take_apart(url)
        if origin in self._origins:
            return Target(origin, path)
        if origin.scheme not in self._schemes:
            raise AddressRefused("scheme")
        if origin.port not in self._ports:
            raise AddressRefused("port")
        if not self._named(origin.host):
            raise AddressRefused("host")
        return Target(origin, path, await self._addresses(origin))

    def _named(self, host: str) -> bool:
        if self._hosts is None:
            return True
        labels = host.split(".")
        endings = (f".{'.'.join(labels[start:])}" for start in range(1, len(labels)))
        return host in self._hosts or any(ending in self._hosts for ending in endings)

    async def _addresses(self, origin: Origin) -> tuple[str, ...]:
        if (literal := _literal(origin.host)) is not None:
            found: Sequence[str] = (str(literal),)
        else:
            try:
                async with asyncio.timeout(RESOLVE_SECONDS):
                    found = await self._resolve(origin.host, origin.port)
            except (OSError, UnicodeError) as error:  # a time-out is an OSError
                raise NameUnknown("The host of an address has no address now.") from error
        if not found:
            raise NameUnknown("The host of an address has no address now.")
        # One address inside among others outside is how a name is made to pass a check: all must be public.
        if not all(is_public(each) for each in found):
            raise AddressRefused("not_public")
        return tuple(dict.fromkeys(found))[:MAX_ADDRESSES]


def origin_of(url: str) -> Origin:
    """Return whom `url` belongs to.

    Raises:
        AddressRefused: it is no address of the web, or written in a way that programs read differently.
    """
    return _take_apart(url)[0]


def is_public(address: str) -> bool:
    """Return whether `address` belongs to the internet and to no special purpose."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in _NOT_PUBLIC_4)
    if found.scope_id is not None or found not in _PUBLIC_6:
        return False
    carries = (int(found) >> 32) & 0xFFFFFFFF in _ISATAP
    return not carries and not any(found in network for network in _NOT_PUBLIC_6)


async def look_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses of `host` as the operating system knows them, the best first.

    Raises:
        OSError: there are none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def _take_apart(url: str) -> tuple[Origin, str]:
    if len(url) > MAX_URL or not _PRINTABLE.fullmatch(url):
        raise AddressRefused("form")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise AddressRefused("form") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise AddressRefused("scheme")
    if "@" in parts.netloc:
        # http://trusted.example@10.0.0.1/ names 10.0.0.1.
        raise AddressRefused("userinfo")
    # Matched whole: of [::1]trusted.example the library reads one part and leaves the other.
    found = _AUTHORITY.fullmatch(parts.netloc.lower())
    host = _host(found[1], found[2]) if found else None
    if found is None or host is None:
        raise AddressRefused("host_form")
    if parts.path[:1] not in {"", "/"}:
        raise AddressRefused("form")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Origin(parts.scheme, host, int(found[3] or _DEFAULT_PORTS[parts.scheme])), path


def _host(bracketed: str | None, plain: str | None) -> str | None:
    """Return a host in the one form every program reads alike, None where it is written otherwise."""
    if bracketed is not None:
        literal = _literal(bracketed)
        return str(literal) if isinstance(literal, ipaddress.IPv6Address) else None
    host = plain or ""
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        # 2130706433, 0x7f.1, 0177.0.0.1 and 127.1 are 127.0.0.1 to some programs and names to others.
        return host if isinstance(_literal(host), ipaddress.IPv4Address) else None
    return host if _NAME.fullmatch(host) else None


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return None
    return None if isinstance(found, ipaddress.IPv6Address) and found.scope_id is not None else found
