"""Texts of parcels made of templates, in which whatever comes from outside is text."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def rendered(template: str, **shown: object) -> str:
    """Return a template of this package filled in; of one in HTML, everything is escaped."""
    return _templates().get_template(template).render(**shown)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("storj_monitor.delivery"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
