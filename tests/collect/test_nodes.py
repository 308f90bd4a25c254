from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.collect.ingest import parse_node_argument
from storj_monitor.collect.nodes import NodeLog, parse_node_log, parse_node_url
from storj_monitor.errors import Problem

URL = "http://127.0.0.1:14002"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:b", ("a", "b")),
        ("my node:/var/log/node.log", ("my node", "/var/log/node.log")),
        ("knoten ä:-", ("knoten ä", "-")),
        (r"node:C:\Program Files\node.log", ("node", r"C:\Program Files\node.log")),
        ("node:http://127.0.0.1:14002", ("node", "http://127.0.0.1:14002")),
        ("n" * 200 + ":x", ("n" * 200, "x")),
    ],
)
def test_the_name_ends_at_the_first_colon(text: str, expected: tuple[str, str]) -> None:
    assert parse_node_argument(text) == expected


@pytest.mark.parametrize("text", ["", "node", "node:", "/var/log/node.log"])
def test_a_missing_part_is_a_bad_request(text: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_node_argument(text)
    assert caught.value.code == "bad_request"
    assert caught.value.detail == f"{text!r} names no node and what to read"
    assert caught.value.hint == "Write NAME:PATH, as in mynode:/var/log/node.log"


@pytest.mark.parametrize("name", ["", " node", "node ", "no\nde", "no\x1bde", "n" * 201])
def test_a_name_is_1_to_200_printable_characters(name: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_node_argument(f"{name}:x")
    assert caught.value.code == "bad_request"
    assert caught.value.detail == f"{name[:200]!r} can't be the name of a node"
    assert caught.value.hint.startswith("A name is 1 to 200 printable characters")


@pytest.mark.parametrize(
    ("text", "log", "api_url"),
    [
        ("n:/var/log/node.log", "/var/log/node.log", None),
        (f"n:/var/log/node.log:{URL}", "/var/log/node.log", URL),
        ("n:node.log:https://[::1]:14002/api", "node.log", "https://[::1]:14002/api"),
        (r"n:C:\Program Files\node.log", r"C:\Program Files\node.log", None),
        (rf"n:C:\node.log:{URL}", r"C:\node.log", URL),
        (r"n:\\nas\share\node.log", r"\\nas\share\node.log", None),
        (f"n:nas.lan:9000:{URL}", "nas.lan:9000", URL),
        ("n:[::1]:9000:HTTP://nas", "[::1]:9000", "HTTP://nas"),
        ("n:/logs/http:/node.log", "/logs/http:/node.log", None),
    ],
)
def test_a_log_may_be_followed_by_the_url_of_the_api(
    text: str, log: str, api_url: str | None
) -> None:
    assert parse_node_log(text) == NodeLog("n", log, api_url)


@pytest.mark.parametrize(
    ("log", "stream"),
    [
        ("nas:9000", ("nas", 9000)),
        ("192.168.1.2:9000", ("192.168.1.2", 9000)),
        ("[::1]:9000", ("::1", 9000)),
        ("[fe80::1]:65535", ("fe80::1", 65535)),
        ("nas:9000x", None),
        ("/logs/nas:9000", None),
        (r"C:\logs\9000", None),
        (r"\\nas\logs:9000", None),
        ("[nas]:9000", None),
        ("node.log", None),
    ],
)
def test_host_and_port_are_a_stream_and_all_else_is_a_path(
    log: str, stream: tuple[str, int] | None
) -> None:
    assert parse_node_log(f"n:{log}").stream == stream


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"n:{URL}", "it names no log"),
        (f"n::{URL}", "it names no log"),
        ("n:-", "standard input can't be followed"),
        (f"n:-:{URL}", "standard input can't be followed"),
        ("n:no\nde.log", "it names no log"),
        ("n:nas:0", "there is no port 0"),
        ("n:nas:65536", "there is no port 65536"),
        ("n:::1:9000", "an IPv6 address stands in brackets, as in [::1]:9000"),
    ],
)
def test_what_can_not_be_followed_is_a_bad_request(text: str, why: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_node_log(text)
    assert caught.value.code == "bad_request"
    shown = "n:" + text.removesuffix(URL)[2:].removesuffix(":")
    assert caught.value.detail == f"--node {shown!r} can't be followed: {why}"
    assert "NAME:LOG:API_URL" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://", "the address has no usable host and port"),
        ("http://nas:port", "the address has no usable host and port"),
        ("http://[::1", "the address has no usable host and port"),
        ("http://nas 1", "the address is too long, or has a character that no address has"),
    ],
)
def test_an_address_that_can_not_be_asked_is_a_bad_request(url: str, why: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_node_log(f"n:node.log:{url}")
    assert caught.value.code == "bad_request"
    assert caught.value.detail == f"the API of 'n' can't be asked: {why}"


@given(st.text())
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        found = parse_node_log(text)
    except Problem:
        return
    url = "" if found.api_url is None else f":{found.api_url}"
    assert text == f"{found.node}:{found.log}{url}"


_LETTERS = st.text(st.sampled_from("abcxyz019._- /\\"), min_size=1)


@given(
    name=_LETTERS.filter(lambda name: name == name.strip()),
    log=_LETTERS.filter(lambda log: log != "-") | st.just("C:\\node.log") | st.just("[::1]:9"),
    url=st.none() | st.builds("http://{}:{}/".format, st.just("nas"), st.integers(1, 65535)),
)
def test_name_log_and_url_are_found_again(name: str, log: str, url: str | None) -> None:
    text = f"{name}:{log}" if url is None else f"{name}:{log}:{url}"
    assert parse_node_log(text) == NodeLog(name, log, url)


def test_the_api_of_a_node_is_named_with_it() -> None:
    assert parse_node_url("attic:http://127.0.0.1:14002") == ("attic", "http://127.0.0.1:14002")


@pytest.mark.parametrize(
    ("text", "why", "hint"),
    [
        (
            "attic",
            "'attic' names no node and what to read",
            "Write NAME:API_URL, as in mynode:http",
        ),
        (
            "attic:ftp://me:secret@nas",
            "the API of 'attic' can't be asked: the address begins with neither http:// nor https://",
            "Give the address of the node's dashboard",
        ),
    ],
)
def test_what_can_not_be_an_api_is_a_bad_request_that_shows_no_password(
    text: str, why: str, hint: str
) -> None:
    with pytest.raises(Problem) as refusal:
        parse_node_url(text)
    assert (refusal.value.code, refusal.value.detail) == ("bad_request", why)
    assert refusal.value.hint.startswith(hint)


@pytest.mark.parametrize(
    "text",
    [
        "attic:nas:99999:http://me:secret@nas:14002",
        "attic:node.log:http://me:secret@nas:14002/?query",
        "attic:node.log:http://me:secret@:14002",
        "attic:-:http://me:secret@nas:14002",
    ],
)
def test_no_refusal_shows_the_password_of_an_api(text: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_node_log(text)
    assert "secret" not in f"{caught.value.detail} {caught.value.hint}"
