from __future__ import annotations

import pytest

from storj_monitor.collect.ingest import parse_node_argument
from storj_monitor.errors import Problem


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
