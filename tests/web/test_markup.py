"""What is said on a page: text, and code where it is marked as such."""

from __future__ import annotations

import pytest

from storj_monitor.web.markup import delivered, with_code


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Run `storj-monitor doctor`.", "Run <code>storj-monitor doctor</code>."),
        ("`<a>` & `b`", "<code>&lt;a&gt;</code> &amp; <code>b</code>"),
        ("<script>` is one of a pair", "&lt;script&gt;` is one of a pair"),
        ("nothing", "nothing"),
        ("", ""),
    ],
)
def test_what_stands_between_backticks_is_code_and_all_is_escaped(text: str, html: str) -> None:
    assert str(with_code(text)) == html


def test_what_became_of_deliveries_is_told_in_words() -> None:
    assert delivered({}) == ""
    assert delivered({"sent": 2}) == "delivered to 2"
    assert (
        delivered({"failed": 1, "maybe_sent": 3, "due": 1, "claimed": 2})
        == "1 waiting, 2 being sent, 1 failed, 3 may have been sent"
    )
