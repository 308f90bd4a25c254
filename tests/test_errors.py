from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path

import pytest

from storj_monitor.errors import PROBLEMS, Failure, OperatorError, Problem

README = Path(__file__).resolve().parents[1] / "README.md"


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        (404, {"unknown_source", "unknown_report", "not_found"}),
        (
            400,
            {
                *("unknown_format", "unknown_node", "unknown_column", "unknown_filter"),
                *("unknown_preset", "bad_filter", "bad_option", "bad_span", "bad_timezone"),
                *("bad_schedule", "bad_json", "bad_request"),
            },
        ),
        (401, {"unauthorized"}),
        (403, {"forbidden"}),
        (405, {"method_not_allowed"}),
        (413, {"too_large"}),
        (416, {"bad_range"}),
        (429, {"busy"}),
        (500, {"export_failed"}),
        (507, {"no_space"}),
    ],
)
def test_each_code_has_its_status_and_a_title(status: int, codes: set[str]) -> None:
    assert {code for code, (number, _) in PROBLEMS.items() if number == status} == codes
    for code in codes:
        problem = Problem(code, "what", "why")
        assert (problem.status, problem.title) == (status, PROBLEMS[code][1])
        assert problem.is_the_callers is (status in (400, 404))
        assert HTTPStatus(status)


def test_the_readme_lists_every_code_with_its_status() -> None:
    rows = re.findall(
        r"^\| ([\d, ]+) \| (`.*) \|$", README.read_text(encoding="utf-8"), re.MULTILINE
    )
    told = {
        code: statuses for statuses, codes in rows for code in re.findall(r"`([a-z_]+)`", codes)
    }
    assert told.keys() == PROBLEMS.keys()
    assert all(str(status) in told[code] for code, (status, _) in PROBLEMS.items())


def test_a_problem_and_an_operators_error_speak_for_themselves() -> None:
    problem = Problem("bad_span", "It ends before it starts.")
    assert (str(problem), problem.detail, problem.hint) == (problem.detail, str(problem), "")
    error = OperatorError("It is gone.", "Look for it.")
    assert (str(error), error.reason, error.hint) == ("It is gone.", "It is gone.", "Look for it.")


def test_a_failure_is_one_line_that_names_plugin_owner_and_remedy() -> None:
    failure = Failure(
        plugin="psv", distribution="storj-psv", version="1.0", stage="admit", reason="R.", hint="H."
    )
    assert str(failure) == "plugin 'psv' from storj-psv 1.0: admit: R. H."
    unversioned = Failure(
        plugin="psv", distribution="psv.py", version="", stage="admit", reason="R.", hint=""
    )
    assert str(unversioned) == "plugin 'psv' from psv.py: admit: R."
