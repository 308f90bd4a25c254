"""Texts that come from outside, and mean something to what reads a file."""

from __future__ import annotations

#: Ends every text of FORMULAS, so that it can be found in a file.
FORMULA_END = "1+1)cmd"
#: What a spreadsheet would calculate, each beginning with another of the characters that start it.
FORMULAS = tuple(f"{start}SUM({FORMULA_END}" for start in "=+-@\t\r\n＝＋－＠")  # noqa: RUF001  the full-width forms are meant
#: Names as somebody may give them to a node: markup, formulas, other directions, very long.
NAMES = (
    *(f"=SUM({FORMULA_END}", "<b>x", "<img src=http://127.0.0.1:9/x>", "&amp;</svg>]]>"),
    *("emoji \N{GRINNING FACE}", "\N{ARABIC LETTER SEEN}\N{ARABIC LETTER LAM}", "x" * 200),
    *('quote"d', "a, b; c|d", "../../etc/passwd", "%(n)s {0} $HOME"),
)
TEXTS = (
    *("", " ", ",", ";", "\t", '"', '""', "\r", "\n", "\r\n", "\x00", "\\", "\\n", "a,b", 'a"b'),
    *("ends\r", "\ufeff", "\u2028", "\x1f", "\x7f", "\x1b[31m", "ＡＢ", "é" * 40, "null", "'"),  # noqa: RUF001  meant
    *("NULL", "None", "NaN", "0123", "1e5", "2026-03-04", "TRUE", "</script>", "]]>", "<!--"),
    *("x" * 40_000, "e\N{COMBINING ACUTE ACCENT}", "\U0010ffff", "\N{RIGHT-TO-LEFT OVERRIDE}abc"),
    *NAMES,
)
