from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http import guard as module
from shared.http.guard import (
    MAX_ADDRESSES,
    MAX_URL,
    AddressRefused,
    Guard,
    NameUnknown,
    Origin,
    Target,
    is_public,
    look_up,
    origin_of,
)

PUBLIC, PUBLIC_6 = "157.240.22.53", "2a03:2880:f12f:83:face:b00c:0:25de"


class Names:
    """Answers as told and keeps what it was asked."""

    def __init__(self, *addresses: str, error: Exception | None = None) -> None:
        self.addresses = addresses
        self.error = error
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        if self.error:
            raise self.error
        return self.addresses


def guard(*addresses: str, **options) -> Guard:
    return Guard(resolve=Names(*(addresses or (PUBLIC,))), **options)


async def reason(url: str, checked: Guard | None = None) -> str:
    with pytest.raises(AddressRefused) as refused:
        await (checked or guard()).check(url)
    assert not url or url not in str(refused.value)
    return refused.value.reason


INSIDE = [
    *("127.0.0.1", "127.0.0.2", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255"),  # noqa: S104
    *("172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255", "169.254.169.254", "169.254.0.1"),
    *("100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.170", "192.0.2.1", "198.18.0.1"),
    *("198.19.255.255", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.255.255.250"),
    *("240.0.0.1", "255.255.255.255", "100.100.100.200", "192.31.196.1", "192.52.193.1", "192.175.48.1"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:157.240.22.53"),
    *("::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe"),
    *("fe80::1", "febf::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1", "100::1"),
    *("2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1"),
    *("2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "3fff::1", "5f00::1", "4000::1"),
    *("2a03:2880::5efe:7f00:1", "2a03:2880::200:5efe:a9fe:a9fe", "2620:4f:8000::1"),
]


@pytest.mark.parametrize("address", INSIDE)
async def test_s8_no_address_inside_is_asked_whether_it_is_written_or_named(address):
    written = f"[{address}]" if ":" in address else address
    assert await reason(f"https://{written}/") == "not_public"
    assert await reason("https://files.example/", guard(address)) == "not_public"
    assert await reason("https://files.example/", guard(PUBLIC, address)) == "not_public"


@pytest.mark.parametrize(
    "address", ["fe80::1%eth0", "fe80::1%25eth0", "::1%lo", "", "localhost", "1.2.3", "x"]
)
async def test_what_a_resolver_makes_up_is_no_address(address):
    assert await reason("https://files.example/", guard(address)) == "not_public"


@pytest.mark.parametrize("address", [PUBLIC, PUBLIC_6, "8.8.8.8", "2606:4700:4700::1111", "1.1.1.1"])
async def test_public_addresses_pass_and_are_pinned(address):
    target = await guard(address).check("https://files.example/a/b?c=d&e=%20")
    assert target == Target(Origin("https", "files.example", 443), "/a/b?c=d&e=%20", (address,))
    assert target.url == "https://files.example/a/b?c=d&e=%20"
    host = f"[{address}]" if ":" in address else address
    assert target.at(address) == f"https://{host}:443/a/b?c=d&e=%20"


@given(st.ip_addresses())
def test_nothing_passes_that_the_standard_library_knows_to_be_special(address):
    if is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=4))
def test_no_form_of_ipv6_carries_an_ipv4_address_through(address):
    carried = int(address)
    for base, shift in (("::", 0), ("::ffff:0:0", 0), ("64:ff9b::", 0), ("64:ff9b:1::", 0), ("2002::", 80)):
        assert not is_public(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(base)) | carried << shift)))


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "0x7f000001", "0x7f.0.0.1", "0X7F000001", "017700000001", "0177.0.0.1", "127.1"),
        *("127.0.1", "127.0.0.01", "0", "0x", "1.2.3.4.5", "256.256.256.256", "1.1.1.1.", "a.0x1", "a.1"),
        *("127.0.0.1.nip.io.", "example..org", ".example.org", "example.org.", "-a.example", "a-.example"),
        *("ex%61mple.org", "%31%32%37.0.0.1", "127%2e0.0.1", "exa_mple.o_rg", "a" * 64, "a." * 127 + "aa"),
        *(
            "[::1",
            "::1]",
            "::1",
            "[]",
            "[127.0.0.1]",
            "[::1]evil.example",
            "[::1].evil.example",
            "[fe80::1%25lo]",
        ),
        *("[v1.x]", "[::ffff:0177.0.0.1]", "[1::2::3]", "", ":443", "example.org:", "example.org:0x1bb"),
        *("example.org:443:80", "example.org:-1", "example.org:+443", "example.org:443a"),
        *("example.org:999999", "a,b", "a;b", "a!b", "{a}", "*.fbcdn.net", "a'b", 'a"b', "a|b", "a^b", "a`b"),
    ],
)
async def test_s8_a_host_is_written_in_the_one_form_all_programs_read_alike(host):
    assert await reason(f"https://{host}/") in {"host_form", "form"}


@pytest.mark.parametrize(
    "url",
    [
        *("https://a b.example/", "https://a.example/ ", " https://a.example/", "https://a.example\t/"),
        *(
            "https://a.example\r\nHost: b/",
            "https://a.example/\x00",
            "https://a.example/\x7f",
            "https://\x0b/",
        ),
        *("https://a.example\\@b.example/", "https:\\\\a.example/", "https://a.example\\.b.example/"),
        *("https://ａ.example/", "https://ex\u00adample.org/", "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/"),
        *("https://münchen.example/", "https://a.example/\u202e", "https://a.example/é", "\ud800", ""),
        f"https://a.example/{'x' * MAX_URL}",
    ],
)
async def test_s8_what_programs_read_differently_is_not_read_at_all(url):
    assert await reason(url) in {"form", "scheme", "host_form"}


@pytest.mark.parametrize(
    "url",
    [
        *(
            "file:///etc/passwd",
            "gopher://127.0.0.1:6379/_x",
            "ftp://a.example/",
            "dict://a.example/",
            "a.example",
        ),
        *(
            "data:text/plain,x",
            "javascript:alert(1)",
            "//a.example/",
            "/path",
            "http://a.example/",
            "unix:/x",
        ),
        *(
            "ldap://a.example",
            "jar:https://a.example!/",
            "ws://a.example/",
            "HTTP://a.example/",
            "https+x://a/",
        ),
    ],
)
async def test_s8_only_the_scheme_of_the_guard_is_asked(url):
    assert await reason(url) == "scheme"


@pytest.mark.parametrize("url", ["https:a.example", "https:/a.example", "https:///a.example", "https://"])
async def test_an_address_without_an_authority_is_none(url):
    assert await reason(url) == "host_form"


@pytest.mark.parametrize(
    "authority",
    [
        *("user@a.example", "user:secret@a.example", "@a.example", "a.example@127.0.0.1", "a@b@c.example"),
        *("lookaside.fbsbx.com@evil.example", "evil.example#@lookaside.fbsbx.com"),
    ],
)
async def test_s8_userinfo_is_a_disguise(authority):
    assert await reason(f"https://{authority}/", guard(hosts=["lookaside.fbsbx.com"])) in {"userinfo", "host"}


@pytest.mark.parametrize("port", [0, 22, 25, 80, 444, 6379, 8443, 27017, 65535])
async def test_s8_only_the_ports_of_the_guard_are_asked(port):
    assert await reason(f"https://a.example:{port}/") == "port"


META = ("lookaside.fbsbx.com", ".fbcdn.net", ".whatsapp.net")


@pytest.mark.parametrize(
    "host",
    [
        "lookaside.fbsbx.com",
        "LOOKASIDE.FBSBX.COM",
        "scontent.fbcdn.net",
        "mmg.whatsapp.net",
        "a.b.whatsapp.net",
    ],
)
async def test_hosts_of_the_list_pass(host):
    target = await guard(hosts=META).check(f"https://{host}/x")
    assert target.origin.host == host.lower()


@pytest.mark.parametrize(
    "host",
    [
        *("fbcdn.net", "evilfbcdn.net", "fbcdn.net.evil.example", "x.lookaside.fbsbx.com", "fbsbx.com"),
        *(
            "lookaside.fbsbx.com.evil.example",
            "whatsapp.net",
            "127.0.0.1",
            "[::1]",
            PUBLIC,
            "localhost",
            "net",
        ),
    ],
)
async def test_other_hosts_are_not_even_looked_up(host):
    names = Names(PUBLIC)
    assert await reason(f"https://{host}/", Guard(hosts=META, resolve=names)) == "host"
    assert names.asked == []


async def test_a_configured_origin_is_asked_wherever_it_is():
    names = Names("10.0.0.5")
    checked = Guard(hosts=(), origins=["http://waha:3000/base", "http://[fd00::5]:80"], resolve=names)
    assert await checked.check("http://waha:3000/api/files/x") == Target(
        Origin("http", "waha", 3000), "/api/files/x"
    )
    assert (await checked.check("HTTP://WAHA:3000/x")).addresses == ()
    assert (await checked.check("http://[FD00:0:0::5]/x")).origin.authority == "[fd00::5]"
    assert names.asked == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://waha:3001/", "scheme"),
        ("http://waha/", "scheme"),
        ("https://waha:3000/", "port"),
        ("https://waha/", "host"),
        ("http://waha.evil.example:3000/", "scheme"),
        ("http://a@waha:3000/", "userinfo"),
        ("http://10.0.0.5:3000/", "scheme"),
    ],
)
async def test_what_resembles_a_configured_origin_is_not_it(url, why):
    assert await reason(url, guard(hosts=(), origins=["http://waha:3000"])) == why


async def test_addresses_are_few_and_each_once():
    many = [f"8.8.8.{each}" for each in range(20)]
    target = await guard("8.8.8.8", "8.8.8.8", *many).check("https://a.example/")
    assert target.addresses == ("8.8.8.8", "8.8.8.0", "8.8.8.1")
    assert len(target.addresses) == MAX_ADDRESSES


@pytest.mark.parametrize(
    "names",
    [
        Names(),
        Names(error=socket.gaierror(-2, "unknown")),
        Names(error=UnicodeError()),
        Names(error=OSError()),
    ],
)
async def test_a_name_without_an_address_may_have_one_later(names):
    with pytest.raises(NameUnknown):
        await Guard(resolve=names).check("https://a.example/")


async def test_a_resolver_that_never_answers_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(module, "RESOLVE_SECONDS", 0.01)

    async def silent(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    with pytest.raises(NameUnknown):
        await Guard(resolve=silent).check("https://a.example/")


async def test_the_operating_system_is_asked_where_nothing_else_is_said():
    assert set(await look_up("localhost", 443)) <= {"127.0.0.1", "::1"}
    assert await reason("https://localhost/", Guard()) == "not_public"


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://a.example", "a.example"),
        ("http://a.example:80/x", "a.example"),
        ("https://a.example:80", "a.example:80"),
        ("https://[2A03:2880::1]:8443/", "[2a03:2880::1]:8443"),
    ],
)
def test_an_origin_is_named_as_the_header_host_names_it(url, authority):
    assert origin_of(url).authority == authority


@given(st.text(max_size=200))
def test_any_text_is_an_address_or_refused(text):
    for url in (text, f"https://{text}", f"https://{text}/", f"https://a.example/{text}"):
        try:
            origin = origin_of(url)
        except AddressRefused:
            continue
        assert origin.host == origin.host.lower()
        assert origin.host.isascii()
        assert not set(origin.host) & set("@/\\#? %")
