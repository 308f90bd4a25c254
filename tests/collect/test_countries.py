from __future__ import annotations

import ipaddress
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.collect.countries import Countries, country_code
from storj_monitor.errors import OperatorError
from tests.collect.mmdb import write_mmdb

if TYPE_CHECKING:
    from collections.abc import Iterator

HINT = (
    "Give the .mmdb file of GeoLite2-Country, or of another database with countries; "
    "or none, and do without."
)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "countries.mmdb"
    networks = {
        "192.0.2.0/25": {"country": {"iso_code": "DE"}},
        "192.0.2.128/25": {"country": {"iso_code": "FR"}},
        "2001:db8::/32": {"country_code": "SE", "country": "Sweden"},
        "198.51.100.0/24": {"city": "Atlantis"},
    }
    write_mmdb(path, networks)
    return path


def of(countries: Countries, *addresses: str | None) -> list[str | None]:
    found = countries.of(pa.array(addresses, pa.string()))
    assert found.type == pa.string()
    return found.to_pylist()


def test_an_address_has_the_country_of_its_network(database: Path) -> None:
    countries = Countries.open(database)
    asked = ("192.0.2.1", "192.0.2.200", "2001:db8::7", "192.0.2.1", "198.51.100.1", "203.0.113.9")
    assert of(countries, *asked) == ["DE", "FR", "SE", "DE", None, None]
    assert of(countries) == []


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        " ",
        "0",
        "192.0.2",
        "192.0.2.1:28967",
        "[2001:db8::7]",
        "fe80::1%eth0",
        "node.example",
        "\0",
    ],
)
def test_what_is_no_address_has_no_country(database: Path, garbage: str) -> None:
    assert of(Countries.open(database), garbage, None, "192.0.2.1") == [None, None, "DE"]


def test_without_a_database_every_country_is_unknown_and_the_package_is_not_needed() -> None:
    assert of(Countries.open(None), "192.0.2.1", None) == [None, None]
    code = (
        "import sys, pyarrow as pa; from storj_monitor.collect.countries import Countries; "
        "Countries.open(None).of(pa.array(['192.0.2.1'])); sys.exit('maxminddb' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_missing_package_is_said_at_once(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    with pytest.raises(OperatorError) as refusal:
        Countries.open(database)
    assert (
        refusal.value.reason == f"the database of countries {database} needs the package maxminddb"
    )
    assert refusal.value.hint == "Install it: pip install 'storj-monitor[geo]'."


def test_a_missing_file_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as refusal:
        Countries.open(tmp_path / "no.mmdb")
    assert refusal.value.reason == (
        f"the database of countries {tmp_path / 'no.mmdb'} can't be read: No such file or directory"
    )
    assert refusal.value.hint == HINT


@pytest.mark.parametrize("content", [b"", b"no database" * 1_000])
def test_a_file_of_another_kind_is_said_at_once(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.mmdb"
    path.write_bytes(content)
    with pytest.raises(OperatorError) as refusal:
        Countries.open(path)
    assert refusal.value.reason == f"{path} is no MaxMind database, or it is damaged"
    assert refusal.value.hint == HINT


def test_a_database_of_something_else_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "asn.mmdb"
    write_mmdb(path, {"192.0.2.0/24": {"autonomous_system_number": 64_496}}, "GeoLite2-ASN")
    with pytest.raises(OperatorError) as refusal:
        Countries.open(path)
    assert refusal.value.reason == f"{path} holds no countries (it is a GeoLite2-ASN)"
    assert refusal.value.hint == HINT


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"country": {"iso_code": "DE", "names": {"en": "Germany"}}, "city": {}}, "DE"),
        ({"country": "US", "country_name": "United States"}, "US"),
        ({"country": "United States", "country_code": "US"}, "US"),
        ({"country": {"names": {"en": "Germany"}}}, None),
        ({"country": {"iso_code": "Deutschland"}}, None),
        ({"country": {"iso_code": 49}}, None),
        ({"registered_country": {"iso_code": "DE"}}, None),
        ({}, None),
        ("DE", None),
        (None, None),
    ],
)
def test_records_of_the_usual_shapes_are_understood(record: object, code: str | None) -> None:
    assert country_code(record) == code


class DamagedDatabase:
    """Knows every address but 192.0.2.13, where it is damaged; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, ip_address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> object:
        self.asked.append(str(ip_address))
        if self.asked[-1] == "192.0.2.13":
            message = "the search tree is corrupt"
            raise RuntimeError(message)
        return {"country": {"iso_code": "DE"}}

    def __iter__(self) -> Iterator[tuple[object, object]]:
        return iter(())


def test_a_damaged_place_in_the_database_is_a_country_that_is_unknown() -> None:
    assert of(Countries(DamagedDatabase()), "192.0.2.13", "192.0.2.1") == [None, "DE"]


def test_each_address_is_looked_up_once() -> None:
    database = DamagedDatabase()
    countries = Countries(database)
    for _ in range(3):
        of(countries, "192.0.2.1", "192.0.2.2", "192.0.2.1", None)
    assert database.asked == ["192.0.2.1", "192.0.2.2"]


@given(st.lists(st.none() | st.text(max_size=20) | st.ip_addresses().map(str)))
def test_no_text_raises_and_only_addresses_have_a_country(texts: list[str | None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "countries.mmdb"
        germany = {"country": {"iso_code": "DE"}}
        write_mmdb(path, {"0.0.0.0/1": germany, "128.0.0.0/1": germany})
        found = of(Countries.open(path), *texts)
    assert found == ["DE" if text and is_ipv4(text) else None for text in texts]


def is_ipv4(text: str) -> bool:
    """Say whether it is an IPv4 address, be it written as the IPv6 one that it stands for."""
    try:
        return int(ipaddress.ip_address(text)) < 2**32
    except ValueError:
        return False
