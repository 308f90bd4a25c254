"""Receipts as links, and the codes of statements in words."""

from __future__ import annotations

import re

#: Where the transactions of a network are shown; those of the first zkSync no longer are.
_EXPLORERS = {
    "eth": "https://etherscan.io/tx/",
    "zksync-era": "https://explorer.zksync.io/tx/",
    "polygon": "https://polygonscan.com/tx/",
}
_HASH = re.compile(r"(?:0x)?([0-9a-fA-F]{1,128})")
_MEANINGS = {
    "D": "disqualified",
    "S": "in a sanctioned country",
    "T": "no tax form on file",
    "E": "part is held back",
    "X": "graceful exit done",
    "I": "graceful exit under way",
    "O": "offline",
    "B": "bonus",
}


def receipt_url(receipt: str | None) -> str | None:
    """Return where to look a transaction up; None where that isn't known for certain."""
    network, _, transaction = (receipt or "").partition(":")
    explorer, found = _EXPLORERS.get(network), _HASH.fullmatch(transaction)
    return f"{explorer}0x{found[1]}" if explorer and found else None


def codes_meaning(codes: str | None) -> str | None:
    """Return in words what codes such as D:O mean; one that isn't known stays as it is."""
    given = [code for code in (codes or "").split(":") if code]
    return "; ".join(_MEANINGS.get(code, code) for code in given) or None
