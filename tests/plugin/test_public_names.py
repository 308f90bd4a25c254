"""The names that plugins may rely on."""

from __future__ import annotations

from types import ModuleType

import pluggy

from storj_monitor import plugin
from storj_monitor.plugin import hooks


def test_all_is_sorted_and_is_what_the_package_has() -> None:
    public = {
        name
        for name, value in vars(plugin).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert list(plugin.__all__) == sorted(public)


def test_the_api_version_is_one() -> None:
    assert plugin.API_VERSION == 1


def test_every_hook_is_declared_and_its_default_offers_nothing() -> None:
    manager = pluggy.PluginManager("storj_monitor")
    manager.add_hookspecs(hooks)
    declared = {name for name in vars(manager.hook) if name.startswith("storj_")}
    offering = {"storj_sources", "storj_formats", "storj_reports", "storj_channels"}
    assert declared == offering | {"storj_export_finished"}
    assert all(getattr(hooks, name)() == () for name in offering)


def test_a_delivery_error_says_whether_and_when_to_try_again() -> None:
    error = plugin.DeliveryError("mailbox full", retryable=True, retry_after=30.0)
    assert (str(error), error.reason) == ("mailbox full", "mailbox full")
    assert (error.retryable, error.retry_after) == (True, 30.0)


def test_an_uncertain_delivery_is_a_delivery_error_that_is_not_tried_again() -> None:
    error = plugin.UncertainDelivery("no answer came")
    assert isinstance(error, plugin.DeliveryError)
    assert (error.reason, error.retryable, error.retry_after) == ("no answer came", False, None)
