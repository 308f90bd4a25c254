"""The catalogue as JSON: what is installed, for programs and menus.

Nothing here needs the server, so that the command line can say the same.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from storj_monitor.plugin import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.plugin import Channel, Column, Filter, Format, Report, Source
    from storj_monitor.registry import Catalogue

    Json = dict[str, Any]


def described(
    catalogue: Catalogue, channels: Mapping[str, Mapping[str, str]] = MappingProxyType({})
) -> Json:
    """Return everything installed, in the order of the plugins, ready for JSON.

    `channels` is what the operator set for channels: it is told which are set up, and no value.
    """
    owners = _owners(catalogue)
    return {
        "api_version": API_VERSION,
        "sources": [
            _source(item) | {"distribution": owners.get(("sources", item.name))}
            for item in catalogue.sources.values()
        ],
        "formats": [
            _format(item) | {"distribution": owners.get(("formats", item.name))}
            for item in catalogue.formats.values()
        ],
        "reports": [
            _report(item) | {"distribution": owners.get(("reports", item.name))}
            for item in catalogue.reports.values()
        ],
        "channels": [
            _channel(item, channels.get(item.name, {}))
            | {"distribution": owners.get(("channels", item.name))}
            for item in catalogue.channels.values()
        ],
        "plugins": described_plugins(catalogue),
    }


def described_plugins(catalogue: Catalogue) -> list[Json]:
    """Return what became of each plugin; `failure` is None or {stage, reason, hint}."""
    return [record.as_json() for record in catalogue.plugins]


def _owners(catalogue: Catalogue) -> Mapping[tuple[str, str], str]:
    return {
        (kind, name): record.distribution
        for record in catalogue.plugins
        for kind, names in record.offers.items()
        for name in names
    }


def _source(source: Source) -> Json:
    return {
        "name": source.name,
        "title": source.title,
        "summary": source.summary,
        "max_days": source.max_days,
        "period": source.period,
        "columns": [_column(column) for column in source.columns],
        "filters": [_filter(declared) for declared in source.filters],
    }


def _column(column: Column) -> Json:
    return {
        "key": column.key,
        "label": column.label,
        "kind": str(column.kind),
        "unit": column.unit,
        "description": column.description,
        "personal": column.personal,
    }


def _filter(declared: Filter) -> Json:
    return {
        "name": declared.name,
        "summary": declared.summary,
        "choices": list(declared.choices),
        "default": declared.default,
    }


def _format(format_: Format) -> Json:
    return {
        "name": format_.name,
        "title": format_.title,
        "media_type": format_.media_type,
        "suffix": format_.suffix,
        "spreadsheet": format_.spreadsheet,
        "options": [_filter(option) for option in format_.options],
        "presets": {name: dict(values) for name, values in format_.presets.items()},
    }


def _report(report: Report) -> Json:
    return {
        "name": report.name,
        "title": report.title,
        "summary": report.summary,
        "period": report.period,
    }


def is_set_up(channel: Channel, given: Mapping[str, str]) -> bool:
    """Tell whether everything that a channel must be told is set, here or in a file."""
    needed = (setting.name for setting in channel.settings if setting.default is None)
    return all(given.get(name) or given.get(f"{name}_file") for name in needed)


def _channel(channel: Channel, given: Mapping[str, str]) -> Json:
    return {
        "name": channel.name,
        "title": channel.title,
        "is_set_up": is_set_up(channel, given),
        "settings": [
            {
                "name": setting.name,
                "summary": setting.summary,
                "secret": setting.secret,
                # A secret's default would be one, too.
                "default": None if setting.secret else setting.default,
            }
            for setting in channel.settings
        ],
    }
