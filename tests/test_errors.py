from __future__ import annotations

from http import HTTPStatus

import pytest

from storj_monitor.errors import PROBLEMS, Failure, OperatorError, Problem


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
def test_the_codes_are_those_of_the_public_contract(status: int, codes: set[str]) -> None:
    assert {code for code, (number, _) in PROBLEMS.items() if number == status} == codes
    for code in codes:
        problem = Problem(code, "what", "why")
        assert (problem.status, problem.title) == (status, PROBLEMS[code][1])
        assert problem.is_the_callers is (status in (400, 404))
        assert HTTPStatus(status)


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
