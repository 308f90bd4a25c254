"""The built-in channels are held to what the kit asks of everybody's."""

from __future__ import annotations

from typing import ClassVar

import pytest

from storj_export_plugins.channels import apprise, email, webhook
from storj_monitor.testing import ChannelConformance

HERE = {"host": "127.0.0.1", "port": "{port}", "sender": "Attic <storj@example.org>"}


class TestEmailWithTls(ChannelConformance):
    plugin: ClassVar = email
    settings: ClassVar = {**HERE, "security": "tls", "username": "attic"}


class TestEmailInTheClear(ChannelConformance):
    plugin: ClassVar = email
    settings: ClassVar = {**HERE, "security": "none"}


class TestWebhook(ChannelConformance):
    plugin: ClassVar = webhook
    recipient: ClassVar = "http://127.0.0.1:{port}/hooks/k3y"
    settings: ClassVar = {"allow_private": "on"}


class TestWebhookOfDiscord(TestWebhook):
    settings: ClassVar = {"allow_private": "on", "shape": "discord"}


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # which Apprise still imports
class TestApprise(ChannelConformance):
    plugin: ClassVar = apprise
    recipient: ClassVar = "json://attic:hunter2@127.0.0.1:{port}/k3y"
    settings: ClassVar = {"services": "json"}
