"""The page's form is read twice, with and without scripts: into the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multidict import MultiDict

from storj_monitor.web.page import words_of

if TYPE_CHECKING:
    from tests.browser.conftest import Visiting

#: Fields as a browser sends them: with what isn't chosen, and what was left empty.
FORMS = [
    [("source", "events"), ("period", ""), ("format", ""), ("timezone", ""), ("events.status", "")],
    [("source", "events"), ("node", "a"), ("node", "b,c"), ("period", "days=7"), ("personal", "1")],
    [("source", "events"), ("events.columns", "time"), ("events.columns", "node")],
    [("source", "events"), ("events.status", "failed"), ("events.status", "canceled")],
    [("source", "events"), ("traffic.by", "node"), ("report:custom_range.metrics", "traffic")],
    [("source", "events"), ("format", "csv:excel-eu"), ("csv:guard", "off"), ("pdf:paper", "a4")],
    [("source", "events"), ("format", ""), ("csv:guard", "off")],
    [("source", "events"), ("period", "custom"), ("start", "2026-03-01"), ("end", "")],
    [("source", "events"), ("period", "days=7"), ("start", "2026-03-01")],
    [("source", "report:daily_summary"), ("format", ""), ("pdf:paper", "letter")],
    [("source", "report:custom_range"), ("report:custom_range.metrics", "traffic,storage")],
    [("source", "events"), ("format", "report"), ("report:custom_range.metrics", "traffic")],
]
READ = """async (forms) => {
    const { wantedOf } = await import("/static/js/words.js");
    return forms.map(fields => {
        const form = document.createElement("form");
        for (const [name, value] of fields) {
            form.append(Object.assign(document.createElement("input"), { name, value }));
        }
        const wanted = wantedOf(form);
        const source = wanted.kind === "report" ? `report:${wanted.name}` : wanted.name;
        return [source, Object.fromEntries(wanted.words)];
    });
}"""


def test_a_form_is_read_alike_with_and_without_scripts(visiting: Visiting) -> None:
    with visiting() as visited:
        read = visited.page.evaluate(READ, FORMS)
    assert [tuple(one) for one in read] == [words_of(MultiDict(form)) for form in FORMS]
