"""A writer of MaxMind databases, just enough of the format to make small ones for tests.

https://maxmind.github.io/MaxMind-DB/ describes it: a binary tree of the bits of addresses, sixteen
zero bytes, the records, and behind a marker what the file says of itself.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MARKER = b"\xab\xcd\xefMaxMind.com"
_STRING, _MAP, _ARRAY = 2, 7, 11
#: Unsigned integers of 16, 32 and 64 bits: readers insist on the right one for what they know.
_SHORT, _LONG, _LONGEST = 5, 6, 9
_TYPES = {"node_count": _LONG, "build_epoch": _LONGEST}

#: A place in the tree: where a bit of 0 leads, and where one of 1 does.
_Node = list[Any]


def write_mmdb(path: Path, networks: Mapping[str, object], kind: str = "Test-Country") -> None:
    """Write a database of IPv4 and IPv6 networks that don't overlap, each with its record."""
    root: _Node = [None, None]
    data, starts = b"", []
    for network, record in networks.items():
        starts.append(len(data))
        data += _encoded(record)
        _place(root, _bits(network), len(starts) - 1)
    nodes = _numbered(root)
    tree = b"".join(
        _pointer(side, nodes, starts).to_bytes(3, "big") for node in nodes for side in node
    )
    about = {
        "node_count": len(nodes),
        "record_size": 24,
        "ip_version": 6,
        "database_type": kind,
        "languages": [],
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1_772_700_000,
        "description": {},
    }
    path.write_bytes(tree + bytes(16) + data + _MARKER + _encoded(about))


def _bits(network: str) -> str:
    """Return the bits of a network's prefix, IPv4 as it stands in a tree of IPv6: behind zeros."""
    parsed = ipaddress.ip_network(network)
    before = 128 - parsed.max_prefixlen
    return f"{int(parsed.network_address):0128b}"[: before + parsed.prefixlen]


def _place(root: _Node, bits: str, record: int) -> None:
    node = root
    for bit in map(int, bits[:-1]):
        node[bit] = node[bit] or [None, None]
        node = node[bit]
    node[int(bits[-1])] = record


def _numbered(root: _Node) -> list[_Node]:
    nodes = [root]
    for node in nodes:  # it grows as it is gone through
        nodes += [side for side in node if isinstance(side, list)]
    return nodes


def _pointer(side: _Node | int | None, nodes: list[_Node], starts: list[int]) -> int:
    if side is None:
        return len(nodes)
    if isinstance(side, int):
        return len(nodes) + 16 + starts[side]
    return next(number for number, node in enumerate(nodes) if node is side)


def _encoded(value: object, key: object = None) -> bytes:
    if isinstance(value, str):
        return _control(_STRING, len(value.encode())) + value.encode()
    if isinstance(value, int):
        digits = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return _control(_TYPES.get(str(key), _SHORT), len(digits)) + digits
    if isinstance(value, list):
        return _control(_ARRAY, len(value)) + b"".join(map(_encoded, value))
    assert isinstance(value, dict)
    pairs = (_encoded(key) + _encoded(item, key) for key, item in value.items())
    return _control(_MAP, len(value)) + b"".join(pairs)


def _control(kind: int, size: int) -> bytes:
    """Return the byte of a type and a size up to 28; types above 7 have a second one."""
    assert size < 29
    return bytes([kind << 5 | size]) if kind < 8 else bytes([size, kind - 7])
