"""Whether the vars of a configuration are what vars_contract.yml says.

Vars become a part of SQL, so a value that is not of its kind is refused here, before dbt is asked.

Belongs here: kinds, ranges, and rules between vars.
Does not belong here: reading vars.yml (folder.py), using vars (variables.py), seed rows (definitions.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from customer_health.configuration.folder import VARS_FILE, Configuration, display
from customer_health.configuration.shape import ERROR, Violation
from customer_health.configuration.variables import default_vars
from customer_health.core.contract import load_contract
from customer_health.core.words import did_you_mean

CONTRACT = Path(__file__).with_name("vars_contract.yml")
# belongs to a run, not to a configuration: in one, every night would describe the same day
OF_A_RUN = {"as_of_date": "give --as-of to the run instead"}
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
GRADE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]{0,20}")
HORIZON_VAR = "renewal_outcome_horizon_days"


@cache
def load_var_contract() -> dict[str, dict[str, Any]]:
    """Name of each var -> what it may be."""
    return yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))


def check_vars(configuration: Configuration) -> Iterator[Violation]:
    """vars.yml: unknown names, values of another kind or beyond their range, and vars that contradict each other."""
    path = display(configuration.folder / VARS_FILE)
    if configuration.vars_problem:
        yield Violation(path, None, "vars_unreadable", ERROR, configuration.vars_problem)
        return
    wrong = dict(problems(configuration.vars, _grades(configuration)))
    for name, (rule, message) in wrong.items():
        yield Violation(path, configuration.var_lines.get(str(name)), rule, ERROR, f"var '{name}' {message}")
    if not wrong and configuration.vars:
        for name, message in _contradictions(configuration.vars):
            yield Violation(path, configuration.var_lines.get(name), "value_not_allowed", ERROR, message)


def problems(given: Mapping[Any, Any], grades: frozenset[str] | None = None) -> Iterator[tuple[Any, tuple[str, str]]]:
    """Each var that is not as its contract says: the rule, and what is wrong with it in words.

    Args:
        given: the vars.
        grades: words of grades.csv; None where they are not known.
    """
    contract = load_var_contract()
    for name, value in given.items():
        if name in OF_A_RUN:
            yield name, ("unknown_name", f"is no part of a configuration: {OF_A_RUN[name]}")
        elif name not in contract:
            yield name, ("unknown_name", f"is not known{did_you_mean(str(name), contract)}")
        elif message := _problem(contract[name], value, grades):
            yield name, ("value_not_allowed", f"{message}, and is {_shown(value)}")


def _problem(wanted: Mapping[str, Any], value: Any, grades: frozenset[str] | None) -> str | None:
    """What the value must be, if it is not."""
    if value is None:
        return None if wanted.get("may_be_empty") else "must have a value"
    kind = wanted["kind"]
    if kind in ("whole", "number"):
        return _number_problem(wanted, value)
    if kind == "list":
        return _list_problem(wanted["of"], value, grades)
    if kind == "mapping":
        return _mapping_problem(wanted["of"], value)
    if kind == "flag":
        return None if isinstance(value, bool) else "must be true or false"
    if kind == "zone":
        return None if _is_time_zone(value) else "must be the name of a time zone, such as Europe/Berlin"
    if kind == "word":
        return None if value in wanted["one_of"] else f"must be one of {', '.join(wanted['one_of'])}"
    if kind == "identifier":
        is_one = isinstance(value, str) and IDENTIFIER.fullmatch(value)
        return None if is_one else "must be a name of letters, digits and _ only"
    if not isinstance(value, str) or not GRADE.fullmatch(value) or grades is not None and value not in grades:
        return f"must name grades of grades.csv ({', '.join(sorted(grades or []))})"
    return None


def _number_problem(wanted: Mapping[str, Any], value: Any) -> str | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number:
        return "must be a number"
    if wanted["kind"] == "whole" and not isinstance(value, int):
        return "must be a whole number"
    lowest = wanted.get("above", wanted.get("at_least"))
    is_low = value <= lowest if "above" in wanted else value < lowest
    if is_low or value > wanted["at_most"]:
        begins = f"more than {lowest}" if "above" in wanted else f"at least {lowest}"
        return f"must be {begins} and at most {wanted['at_most']}"
    return None


def _list_problem(wanted: Mapping[str, Any], value: Any, grades: frozenset[str] | None) -> str | None:
    if not isinstance(value, list) or not value:
        return "must be a list, such as [30, 60]" if wanted["kind"] == "whole" else "must be a list, such as [A, B]"
    for item in value:
        if message := _problem(wanted, item, grades):
            return f"{message} in each place"
    return "must name each only once" if len(set(value)) < len(value) else None


def _mapping_problem(wanted: Mapping[str, Any], value: Any) -> str | None:
    if not isinstance(value, dict):
        return "must be a mapping, such as {accounts: crm_accounts}"
    tables = load_contract().tables
    for name, item in value.items():
        if name not in tables:
            return f"must name raw tables; '{name}' is none{did_you_mean(str(name), tables)}"
        if message := _problem(wanted, item, None):
            return f"{message} for {name}"
    return None


def _contradictions(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Rules between vars, for values that are each allowed: the var to look at, and what is wrong."""
    chosen = {**default_vars(), **given}
    for lower, upper in (
        ("baseline_min_days", "baseline_days"),
        ("provisional_min_coverage", "scored_min_coverage"),
        ("review_warn_days", "review_error_days"),
    ):
        if chosen[lower] > chosen[upper]:
            name = lower if lower in given else upper
            yield name, f"var '{lower}' ({chosen[lower]}) is above '{upper}' ({chosen[upper]})"
    if both := set(chosen["healthy_grades"]) & set(chosen["unhealthy_grades"]):
        name = "healthy_grades" if "healthy_grades" in given else "unhealthy_grades"
        yield name, f"grade {', '.join(sorted(both))} is in healthy_grades and in unhealthy_grades: keep it in one"
    asked, horizons = chosen[HORIZON_VAR], chosen["outcome_horizons"]
    if asked is not None and asked not in horizons:
        yield (
            HORIZON_VAR,
            f"var '{HORIZON_VAR}' is {asked}, and outcomes are judged within {', '.join(map(str, horizons))} days only "
            "(outcome_horizons), so reports about renewals would stay empty: take one of these, or add it to them",
        )


def _grades(configuration: Configuration) -> frozenset[str] | None:
    found = frozenset(row["grade"] for row in configuration.rows("grades"))
    return found or None


def _is_time_zone(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(value) and ZoneInfo(value).key == value
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
