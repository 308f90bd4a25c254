"""What the operator decides: a TOML file, then the environment, each checked as it is read."""

from __future__ import annotations

import os
import re
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Positive = Annotated[int, Meta(ge=1)]


class PluginSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which plugins are used. The built-ins always are."""

    #: Distributions or plugins that are not even imported.
    block: tuple[str, ...] = ()
    #: For each kind, which distribution a name is taken from when two offer it.
    prefer: dict[str, dict[str, str]] = field(default_factory=dict)
    #: "", "none", or "only:a,b": from STORJ_MONITOR_PLUGIN_FILTER.
    filter: str = ""
    #: A folder in which every *.py is a plugin.
    directory: Path | None = None


class ExportSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of exports over HTTP; the command line has none."""

    #: The longest span of one request, in calendar days.
    max_days: Annotated[int, Meta(ge=1, le=36_600)] = 31
    #: A format that gives nothing for so long is ended.
    stall_seconds: Annotated[float, Meta(gt=0, le=86_400)] = 60.0
    #: How many exports run at the same time.
    workers: Positive = field(default_factory=lambda: max(1, os.cpu_count() or 1))
    #: How many more may wait; beyond that the answer is 429.
    queue: Annotated[int, Meta(ge=0)] = 16


class CollectSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How nodes are read, and how long what they said is kept."""

    #: `run` and `serve` remove transfers that are older; their sums by the hour stay for ever.
    keep_events_days: Annotated[int, Meta(ge=1, le=36_600)] = 90
    #: How often `run` looks whether the logs have grown.
    follow_seconds: Annotated[float, Meta(ge=0.1, le=3600)] = 1.0
    #: How often `run` asks the API of each node, a tenth more or less.
    poll_seconds: Annotated[float, Meta(ge=10, le=86_400)] = 300.0
    #: A MaxMind database (.mmdb) that tells the country of a remote address.
    country_database: Path | None = None


_MOST_USD = 1_000_000
_MONTH = re.compile(r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])")


class Price(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}
):
    """What satellites pay from a day on (UTC): USD for a TB (10^12 bytes) or TB-month of 720 h."""

    from_: date
    storage: Decimal
    egress: Decimal
    repair: Decimal
    audit: Decimal
    #: Its short name or full id; nothing for all.
    satellite: str = ""

    def __post_init__(self) -> None:
        _check_usd(self.storage, self.egress, self.repair, self.audit)
        if self.from_.day != 1:
            message = f"prices hold for whole months: from = {self.from_} is not the first of one"
            raise ValueError(message)


_ALWAYS = "1970-01"


class Cost(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """What a node costs its operator from a month on (UTC), in USD."""

    node: str
    from_: str = _ALWAYS
    #: For each month from then on, until another entry of the node says otherwise.
    monthly: Decimal | None = None
    #: In that month alone, such as for a disk.
    once: Decimal | None = None

    def __post_init__(self) -> None:
        _check_usd(self.monthly, self.once)
        if not _MONTH.fullmatch(self.from_):
            message = f"from = {self.from_!r} is no month such as 2026-10"
            raise ValueError(message)
        if self.once is not None and self.from_ == _ALWAYS:
            message = "once needs its month: from = 2026-10"
            raise ValueError(message)


def _check_usd(*amounts: Decimal | None) -> None:
    """Raise ValueError where an amount can't be kept in whole micro-USD."""
    for amount in amounts:
        if amount is None:
            continue
        if not amount.is_finite() or not 0 <= amount <= _MOST_USD:
            message = f"{amount} USD is not from 0 to {_MOST_USD:,} USD"
            raise ValueError(message)
        if amount * 1_000_000 % 1:
            message = f"{amount} USD has more than six decimals"
            raise ValueError(message)


def _price(day: str, prices: tuple[str, str], satellite: str = "") -> Price:
    storage, rest = map(Decimal, prices)
    first = date.fromisoformat(day)
    return Price(
        from_=first, storage=storage, egress=rest, repair=rest, audit=rest, satellite=satellite
    )


#: What is known to have been paid.
KNOWN_PRICES = (
    Price(
        from_=date(2018, 1, 1),
        storage=Decimal("1.50"),
        egress=Decimal(20),
        repair=Decimal(10),
        audit=Decimal(10),
    ),
    *(_price("2023-07-01", ("1.50", "6"), satellite) for satellite in ("us1", "eu1", "ap1")),
    _price("2023-07-01", ("1.50", "2.50"), "saltlake"),
    _price("2023-12-01", ("1.50", "2")),
    _price("2026-09-01", ("1.35", "1")),
)


class MoneySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What satellites pay, and what nodes cost."""

    #: Beside KNOWN_PRICES; of the same day and satellite these win.
    prices: tuple[Price, ...] = ()
    costs: tuple[Cost, ...] = ()

    def __post_init__(self) -> None:
        monthly = [(one.node, one.from_) for one in self.costs if one.monthly is not None]
        for node, from_ in monthly:
            if monthly.count((node, from_)) > 1:
                message = f"costs of {node} have two that are monthly from {from_} on: give one"
                raise ValueError(message)


def listed_prices(own: Sequence[Price] = ()) -> list[Price]:
    """Return the known prices and the operator's own, which win over one of the same day."""
    return list({(one.from_, one.satellite): one for one in (*KNOWN_PRICES, *own)}.values())


Ratio = Annotated[float, Meta(ge=0, le=1)]
Minutes = Annotated[float, Meta(gt=0, le=525_600)]


class AlertSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an alert is raised: each warning comes before its critical."""

    #: How often `run` and `serve` look.
    every_seconds: Annotated[float, Meta(ge=1, le=3600)] = 60.0
    #: What was said longer ago tells nothing of now.
    stale_hours: Annotated[float, Meta(gt=0, le=8760)] = 24.0
    #: Scores below: 0.96 disqualifies.
    audit_warning: Ratio = 0.995
    audit_critical: Ratio = 0.98
    #: Scores below: 0.60 suspends.
    suspension_warning: Ratio = 0.95
    suspension_critical: Ratio = 0.70
    online_warning: Ratio = 0.95
    online_critical: Ratio = 0.70
    #: The used part of the allocated disk space, from there on.
    disk_warning: Annotated[float, Meta(ge=0, le=10)] = 0.80
    disk_critical: Annotated[float, Meta(ge=0, le=10)] = 0.95
    #: The disk is full in fewer days, if it goes on as in the last 14.
    full_warning_days: Annotated[float, Meta(ge=0, le=3660)] = 30.0
    full_critical_days: Annotated[float, Meta(ge=0, le=3660)] = 7.0
    #: 99 of 100 downloads take no longer, from there on.
    latency_warning_ms: Positive = 5_000
    latency_critical_ms: Positive = 10_000
    #: The successful part of a day's transfers, below. Customers ask more nodes than they need
    #: and cancel the slowest: of uploads, which start on more nodes, a node loses more.
    download_warning: Ratio = 0.85
    download_critical: Ratio = 0.60
    upload_warning: Ratio = 0.80
    upload_critical: Ratio = 0.50
    #: Of fewer transfers nothing is concluded.
    transfers_at_least: Positive = 100
    #: Neither a log line nor an answer for so long.
    silent_warning_minutes: Minutes = 60.0
    silent_critical_minutes: Minutes = 240.0
    #: The API was asked, and gave no answer for so long.
    unreachable_minutes: Minutes = 15.0
    #: A statement differs from the estimate by more than both.
    payout_ratio: Annotated[float, Meta(ge=0, le=100)] = 0.20
    payout_usd: Decimal = Decimal("0.50")
    #: So many exports or deliveries of a kind failed in a row.
    failures: Positive = 3

    def __post_init__(self) -> None:
        _check_usd(self.payout_usd)
        low = ("audit", "suspension", "online", "download", "upload")
        pairs = [(f"{name}_critical", f"{name}_warning") for name in low]
        pairs += [("disk_warning", "disk_critical"), ("full_critical_days", "full_warning_days")]
        pairs += [("latency_warning_ms", "latency_critical_ms")]
        pairs += [("silent_warning_minutes", "silent_critical_minutes")]
        for less, more in pairs:
            if getattr(self, less) > getattr(self, more):
                message = f"{less} must not be above {more}"
                raise ValueError(message)


class WebSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may use the server."""

    #: Needed by every request but /healthz, if set. From STORJ_MONITOR_TOKEN or the file.
    token: str = ""
    #: Names that a browser may call this server by, beside loopback and the address bound.
    allowed_hosts: tuple[str, ...] = ()


class BrandSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose reports they are."""

    #: Stands on every report.
    name: Annotated[str, Meta(max_length=200)] = ""
    #: A picture for reports: a PNG or JPEG file of at most 1 MB.
    logo: Path | None = None


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings, one section of the file each."""

    database: Path = Path("storj-monitor.db")
    plugins: PluginSettings = field(default_factory=PluginSettings)
    collect: CollectSettings = field(default_factory=CollectSettings)
    exports: ExportSettings = field(default_factory=ExportSettings)
    money: MoneySettings = field(default_factory=MoneySettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    brand: BrandSettings = field(default_factory=BrandSettings)
    web: WebSettings = field(default_factory=WebSettings)


def load(config: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the file, if one is named, and let the environment have the last word.

    Raises OperatorError that names the file and the key when something in it can't be used.
    """
    given = _read(config) if config else {}
    for variable, (section, key) in _VARIABLES.items():
        if value := environment.get(variable):
            place = given.setdefault(section, {}) if section else given
            if isinstance(place, dict):  # else it is refused below
                place[key] = value
    try:
        return msgspec.convert(given, Settings, dec_hook=_path)
    except msgspec.ValidationError as error:
        where = f"the settings in {config}" if config else "the settings in the environment"
        hint = "README.md lists the settings and their defaults."
        reason = f"{where} can't be used: {error}"
        raise OperatorError(reason, hint) from error


def _path(kind: type, value: object) -> object:
    """Let msgspec make a Path of a string, which it doesn't know by itself."""
    if kind is Path and isinstance(value, str) and value:
        return Path(value)
    message = f"Expected a path, got {value!r}"
    raise ValueError(message)


#: Environment variable -> section and key.
_VARIABLES = {
    "STORJ_MONITOR_DATABASE": ("", "database"),
    "STORJ_MONITOR_PLUGIN_FILTER": ("plugins", "filter"),
    "STORJ_MONITOR_TOKEN": ("web", "token"),
}


def _read(config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        reason = f"the settings file {config} can't be read: {error.strerror}"
        raise OperatorError(reason, "Check the path given as --config.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = f"the settings file {config} is no TOML: {error}"
        raise OperatorError(reason, "https://toml.io shows the form.") from error
