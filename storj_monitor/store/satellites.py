"""The short names of satellites."""

from __future__ import annotations

import re

#: Full id -> short name. Retired ones stay, since history speaks of them. The list is never
#: complete: anyone may run a satellite.
KNOWN = {
    "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S": "us1",
    "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs": "eu1",
    "121RTSDpyNZVcEU84Ticf2L1ntiuUimbWgfATz21tuvgk3vzoA6": "ap1",
    "1wFTAgs9DP5RSnCqKV1eLf6N9wtk4EAtmN5DpSxcs8EjT69tGE": "saltlake",
    "12tRQrMTWUWwzwGh18i7Fqs67kmdhH9t6aToeiwbo5mfS2rUmo": "us2",
    "12rfG3sh9NCWiX3ivPjq2HtdLmbqCrvHVEzJubnzFzosMuawymB": "europe-north-1",
    "118UWpMCHzs6CvSgWd9BfFVjw5K9pZbJjkfZJexMtSkmKxvvAW": "stefan-benten",
}
#: Names of people's length that can't be mistaken for an id, an address or a formula.
_HOST = re.compile(
    r"(?P<host>(?=[^:]*[a-z])(?P<word>[a-z0-9][a-z0-9-]{0,39})(?:\.[a-z0-9-]{1,40}){1,3}):[0-9]{1,5}"
)
#: How much of an id stands for a name where none is known.
NAMELESS_CHARACTERS = 12


def short_name(satellite_id: str, url: str = "") -> str:
    """Return the name that operators know a satellite by.

    Of one that isn't known that is its host's first word: `us1` of `us1.storj.io:7777`; but the
    whole host, if that word is the name of one that is. Without a URL of a kind that satellites
    have it is the beginning of the id.
    """
    if satellite_id in KNOWN:
        return KNOWN[satellite_id]
    if match := _HOST.fullmatch(url.lower()):
        word, host = match["word"], match["host"]
        return host if word in KNOWN.values() else word
    return satellite_id[:NAMELESS_CHARACTERS]
