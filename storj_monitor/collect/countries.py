"""The country of a remote address, where the operator has a MaxMind database.

    countries = Countries.open(Path("GeoLite2-Country.mmdb"))
    codes = countries.of(pa.array(["192.0.2.1", None], pa.string()))  # ["DE", None]

Nothing needs it: without a database every country is unknown.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from ipaddress import ip_address
from itertools import islice
from typing import TYPE_CHECKING, Protocol, Self

from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv6Address
    from pathlib import Path

    import pyarrow as pa

_HINT = (
    "Give the .mmdb file of GeoLite2-Country, or of another database with countries; "
    "or none, and do without."
)
_ISO_CODE = re.compile(r"[A-Z]{2}")
#: Addresses whose country is remembered; the peers of a node are few and come again and again.
_REMEMBERED = 65_536
#: So many records without one country among them: the database is about something else.
_LOOKED_THROUGH = 1_000


class Database(Protocol):
    """What is asked of a MaxMind database."""

    def get(self, ip_address: IPv4Address | IPv6Address) -> object:
        """Return the record of an address, or None."""
        ...

    def __iter__(self) -> Iterator[tuple[object, object]]:
        """Return an iterator over the networks and their records."""
        ...


class Countries:
    """Looks up countries; it remembers those of the addresses that it was asked of late."""

    def __init__(self, database: Database | None) -> None:
        self._country = (
            None if database is None else lru_cache(_REMEMBERED)(partial(_country, database))
        )

    @classmethod
    def open(cls, path: Path | None) -> Self:
        """Return the countries of the database in `path`, or none at all without one.

        Raises OperatorError, for whoever set the path, when it can't be used.
        """
        return cls(None if path is None else _opened(path))

    def of(self, addresses: pa.Array[pa.StringScalar]) -> pa.Array[pa.StringScalar]:
        """Return the ISO codes of IP addresses (strings, without a port); null where unknown.

        Whatever is no address has no country.
        """
        import pyarrow as pa

        if self._country is None:
            return pa.nulls(len(addresses), pa.string())
        distinct = addresses.dictionary_encode()
        codes = [self._country(address) for address in distinct.dictionary.to_pylist()]
        return pa.array(codes, pa.string()).take(distinct.indices)


def _country(database: Database, address: str | None) -> str | None:
    try:
        return None if address is None else country_code(database.get(ip_address(address)))
    except (ValueError, RuntimeError):  # no address, or the file is damaged there
        return None


def country_code(record: object) -> str | None:
    """Return the ISO code in a database's record, be it from MaxMind, DB-IP or IPinfo."""
    if not isinstance(record, dict):
        return None
    country = record.get("country")
    nested = country.get("iso_code") if isinstance(country, dict) else country
    for code in (record.get("country_code"), nested):
        if isinstance(code, str) and _ISO_CODE.fullmatch(code):
            return code
    return None


def _opened(path: Path) -> Database:
    try:
        import maxminddb
    except ImportError as error:
        reason = f"the database of countries {path} needs the package maxminddb"
        hint = "Install it: pip install 'storj-monitor[geo]'."
        raise OperatorError(reason, hint) from error
    try:
        database = maxminddb.open_database(path)
        has_countries = any(country_code(item) for _, item in islice(database, _LOOKED_THROUGH))
    except OSError as error:
        reason = f"the database of countries {path} can't be read: {error.strerror or error}"
        raise OperatorError(reason, _HINT) from error
    except (ValueError, RuntimeError) as error:
        reason = f"{path} is no MaxMind database, or it is damaged"
        raise OperatorError(reason, _HINT) from error
    if not has_countries:
        reason = f"{path} holds no countries (it is a {database.metadata().database_type})"
        raise OperatorError(reason, _HINT)
    return database
