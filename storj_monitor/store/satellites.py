"""The short names of satellites."""

from __future__ import annotations

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


def short_name(satellite_id: str) -> str:
    """Return the name that operators know a satellite by, or the beginning of its id."""
    return KNOWN.get(satellite_id, satellite_id[:12])
