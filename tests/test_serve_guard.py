"""Who may ask the server, and what it says to who may not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from serving import DOUBLE, RIGHT, WRONG, Client, service_of, serving

from agent.serve.guard import Access, is_loopback
from sandbox import Sandbox

TOKEN = "a-token-of-this-test-0123"
JUDGE = {"statement": DOUBLE, "program": RIGHT}


@pytest.fixture(scope="module")
def client(box: Sandbox) -> Iterator[Client]:
    with serving(service_of(box)) as client:
        yield client


@pytest.fixture(scope="module")
def locked(box: Sandbox) -> Iterator[Client]:
    with serving(service_of(box), Access(token=TOKEN, body_bytes=1000)) as client:
        yield client


def error_of(response: object) -> str:
    error = response.json()["error"]  # type: ignore[attr-defined]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    return str(error["code"])


def test_a_program_is_judged(client: Client) -> None:
    assert client.post("/judge", JUDGE).json()["verdict"] == "AC"
    wrong = client.post("/judge", JUDGE | {"program": WRONG}).json()
    assert [case["verdict"] for case in wrong["cases"]] == ["AC", "WA"]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "localhost:x", "[::1", "127.0.0.1@evil"]
)
def test_another_name_is_refused(client: Client, host: str) -> None:
    """As a page sends whose name was rebound to this address."""
    response = client.post("/judge", JUDGE, Host=host)
    assert response.status_code in (400, 403)
    assert response.status_code == 400 or error_of(response) == "wrong_host"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:8765", "LOCALHOST:1"])
def test_every_name_of_this_machine_is_served(client: Client, host: str) -> None:
    """A forwarded port has another number than ours."""
    assert client.post("/judge", JUDGE, Host=host).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://[bad"},
        {"Origin": "chrome-extension://abc"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"},
    ],
)
def test_another_sites_page_is_refused(client: Client, headers: dict[str, str]) -> None:
    response = client.post("/judge", JUDGE, **headers)
    assert response.status_code == 403
    assert error_of(response) == "wrong_origin"


def test_our_own_page_may_ask(client: Client) -> None:
    own = {"Origin": client.url, "Sec_Fetch_Site": "same-origin", "Sec_Fetch_Mode": "cors"}
    assert client.post("/judge", JUDGE, **own).status_code == 200


def test_a_link_from_another_site_may_lead_here(client: Client) -> None:
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert client.get("/nothing-here", **link).status_code == 404


def test_forms_of_other_kinds_are_refused(client: Client) -> None:
    """A form of another site can send these without being asked for leave."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert client.post("/judge", JUDGE, Content_Type=kind).status_code == 415


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_without_the_token_nothing_is_told(locked: Client, header: str) -> None:
    for path in ("/judge", "/nothing-here", "/"):
        response = locked.get(path, Authorization=header)
        assert response.status_code == 401
        assert error_of(response) == "invalid_token"


def test_the_token_opens_by_header_and_by_cookie(locked: Client) -> None:
    small = {"statement": DOUBLE, "program": RIGHT}
    assert locked.post("/judge", small, Authorization=f"Bearer {TOKEN}").status_code == 200
    entrance = locked.get(f"//evil.example/?token={TOKEN}&a=b")
    assert (entrance.status_code, entrance.headers["location"]) == (303, "/evil.example/?a=b")
    cookie = entrance.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert locked.post("/judge", small, Cookie=cookie.partition(";")[0]).status_code == 200
    assert locked.get("/?token=wrong").status_code == 401


def test_a_large_body_is_refused_whether_or_not_it_says_so(locked: Client) -> None:
    key = {"Authorization": f"Bearer {TOKEN}"}
    large = {"statement": "x" * 2000}
    assert error_of(locked.post("/judge", large, **key)) == "body_too_large"
    with socket.create_connection(("127.0.0.1", urlsplit(locked.url).port or 0), timeout=30) as stream:
        lines = ["POST /judge HTTP/1.1", "Host: localhost", f"Authorization: Bearer {TOKEN}"]
        lines += ["Content-Type: application/json", "Transfer-Encoding: chunked"]
        stream.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + b"7d0\r\n" + b"x" * 2000 + b"\r\n")
        assert b" 413 " in stream.recv(1000)


def test_answers_say_what_a_browser_may_do_with_them(client: Client) -> None:
    for response in (client.post("/judge", JUDGE), client.get("/nothing-here"), client.get("/", Host="evil")):
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in response.headers


def test_what_listens_elsewhere_is_asked_by_address_and_by_its_own_name() -> None:
    access = Access("0.0.0.0", TOKEN)
    assert access.knows("192.168.1.5:8765")
    assert access.knows("localhost")
    assert access.knows(socket.gethostname())
    assert not access.knows("evil.example")
    assert Access("box.lan", TOKEN).knows("box.lan:8765")
    assert not Access("127.0.0.1").knows("192.168.1.5")


def test_which_addresses_are_this_machines_own() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost")] == [True] * 5
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "192.168.1.5", "evil.example", "")] == [False] * 5


def test_an_extension_may_ask_only_where_it_is_let_in() -> None:
    from starlette.datastructures import Headers

    from agent.serve.errors import Refusal

    access = Access(extension_paths=frozenset({"/problem"}))
    headers = Headers(
        {"host": "localhost:1", "origin": "moz-extension://abc", "content-type": "application/json",
         "sec-fetch-site": "cross-site"}
    )  # fmt: skip
    access.check({"type": "http", "method": "POST", "path": "/problem"}, headers)
    with pytest.raises(Refusal):
        access.check({"type": "http", "method": "POST", "path": "/judge"}, headers)
