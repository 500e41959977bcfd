"""Each rule of the configuration is broken once, and the message names the file and line that break it.

Belongs here: the checks before a build, the completed folder for dbt, new versions and releases.
Does not belong here: what the configuration means for scores (dbt unit tests and golden accounts).
"""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_health.configuration.definitions import check_tenure_bands, curve_points, overlapping
from customer_health.configuration.folder import (
    SEEDS_FILE,
    ConfigurationError,
    Row,
    effective_config,
    load_configuration,
    load_contracts,
)
from customer_health.configuration.release import Editor, raw_fields, release, scorecard_version, with_values
from customer_health.configuration.scorecards import check_configuration
from customer_health.configuration.var_checks import load_var_contract, problems
from customer_health.configuration.variables import default_vars
from customer_health.configuration.versions import Version, row_hash
from customer_health.core.errors import RefreshError
from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.transform.run import DbtRun
from tests.commands import run_command
from tests.faults.configuration_edits import (
    BANDS,
    BENCHMARKS,
    EVENTS,
    GRADES,
    LIMITS,
    METRICS,
    OUTCOMES,
    RELEASED,
    RULES,
    SCORECARDS,
    TODAY,
    WEIGHTS,
    Case,
    Edit,
    append,
    assert_reported,
    change,
    delete,
    remove,
    seed_of,
    several,
    write,
)


def test_default_configuration_is_clean_and_released():
    assert check_configuration(DEFAULT_CONFIG, TODAY) == []


# ----------------------------------------------------------------------------------------------- violations
# the versions in force, and the ones that come next
ADOPTION = {"scorecard": "adoption", "version": "2"}
GROWTH = {"scorecard": "growth", "version": "2"}
ADOPTION_NEXT = {"scorecard": "adoption", "version": "3"}
DEPTH = {"metric": "depth_pct", "segment": "", "tenure_band": ""}
NEW_METRIC = (
    "{name},A label,adoption,{measure},{den},{aggregation},{window},{history},,,,,,"
    "{direction},leading,{motion},{unit},Why"
)


def new_metric(
    measure="usage_events",
    den="",
    aggregation="sum",
    window="28",
    history="28",
    motion="proactive",
    direction="higher_is_better",
    unit="events",
) -> Edit:
    """Add a metric of the given shape."""
    return append(
        METRICS,
        NEW_METRIC.format(
            name="new_metric",
            measure=measure,
            den=den,
            aggregation=aggregation,
            window=window,
            history=history,
            motion=motion,
            direction=direction,
            unit=unit,
        ),
    )


def new_benchmark(rest: str, metric: str = "depth_pct", version: int = 2, start: str = "2027-01-01") -> Edit:
    """Close a metric's general benchmark and add a version: method, floor, target, curve, min_peers, rationale."""
    where = {"metric": metric, "segment": "", "tenure_band": ""}
    return several(
        change(BENCHMARKS, where, effective_to=start),
        append(BENCHMARKS, f"{metric},{version},{start},,,,{rest}"),
    )


def all_weights_on(folder: Path, metrics: dict[str, str]) -> int:
    """Give the adoption scorecard weight on these metrics only; returns the line of scorecards.csv."""
    seed = seed_of(folder, WEIGHTS)
    editor = Editor(seed)
    for row in seed.rows:
        if ADOPTION.items() <= row.values.items():
            editor.change(row.line, {"weight": metrics.get(row["metric"], "0")})
    editor.write()
    return next(row.line for row in seed_of(folder, SCORECARDS).rows if ADOPTION.items() <= row.values.items())


SHAPE = [
    Case(
        "unknown metric",
        change(WEIGHTS, {"metric": "seats_used_pct"}, metric="seats_usd_pct"),
        WEIGHTS,
        "unknown_name",
        says="metric 'seats_usd_pct' is not in metrics.csv (did you mean 'seats_used_pct'?)",
    ),
    Case(
        "unknown measure",
        change(METRICS, {"metric": "logins_28d"}, measure="login"),
        METRICS,
        "unknown_name",
        says="did you mean 'logins'?",
    ),
    Case(
        "unknown denominator",
        change(METRICS, {"metric": "depth_pct"}, denominator_measure="features"),
        METRICS,
        "unknown_name",
    ),
    Case(
        "unknown outcome",
        change(SCORECARDS, GROWTH, desired_outcome="growht"),
        SCORECARDS,
        "unknown_name",
        says="did you mean 'growth'?",
        also=("outcome_without_scorecard",),
    ),
    Case(
        "unknown segment",
        change(BENCHMARKS, {"segment": "smb"}, segment="smbs"),
        BENCHMARKS,
        "unknown_name",
        says="did you mean 'smb'?",
    ),
    Case(
        "unknown tenure band",
        change(BENCHMARKS, {"tenure_band": "first_month"}, tenure_band="first_moth"),
        BENCHMARKS,
        "unknown_name",
        says="did you mean 'first_month'?",
    ),
    Case(
        "unknown limit of the gate",
        append(LIMITS, "volume,least_shares,0.2,2026-11-22,Ours is smaller"),
        LIMITS,
        "unknown_name",
        says="did you mean 'volume.least_share'?",
    ),
    Case(
        "unknown version",
        change(WEIGHTS, {"metric": "case_studies_365d"}, version="7"),
        WEIGHTS,
        "unknown_name",
        says="has no version 7",
    ),
    Case(
        "unknown scorecard of a rule",
        change(RULES, {"rule": "no_champion_enterprise"}, scorecard="adoptions"),
        RULES,
        "unknown_name",
        says="did you mean 'adoption'?",
    ),
    Case(
        "unknown measure of an event",
        change(EVENTS, {"measure": "logins"}, measure="logns"),
        EVENTS,
        "unknown_name",
        says="did you mean 'logins'?",
    ),
    Case(
        "unknown metric of a criterion",
        change("outcomes/success_criteria.csv", {"criterion": "room_used"}, metric="seats_pct"),
        "outcomes/success_criteria.csv",
        "unknown_name",
    ),
    Case("weight in words", change(WEIGHTS, ADOPTION, weight="ten"), WEIGHTS, "not_a_number", also=("weights_total",)),
    Case("weight not finite", change(WEIGHTS, ADOPTION, weight="nan"), WEIGHTS, "not_a_number"),
    Case("floor in words", change(BENCHMARKS, DEPTH, floor="5%"), BENCHMARKS, "not_a_number"),
    Case(
        "window with a fraction", change(METRICS, {"metric": "logins_28d"}, window_days="28.5"), METRICS, "not_a_number"
    ),
    Case(
        "date of another country", change(SCORECARDS, ADOPTION, next_review_on="31.05.2027"), SCORECARDS, "not_a_date"
    ),
    Case(
        "day that does not exist", change(SCORECARDS, ADOPTION, next_review_on="2027-02-30"), SCORECARDS, "not_a_date"
    ),
    Case(
        "boolean in words", change(OUTCOMES, {"desired_outcome": "growth"}, is_default="no"), OUTCOMES, "not_a_boolean"
    ),
    Case("metric without motion", change(METRICS, {"metric": "logins_28d"}, motion=""), METRICS, "value_missing"),
    Case(
        "metric without a claim", change(METRICS, {"metric": "logins_28d"}, indicator_type=""), METRICS, "value_missing"
    ),
    Case(
        "metric with another tag",
        change(METRICS, {"metric": "logins_28d"}, motion="activ"),
        METRICS,
        "value_not_allowed",
    ),
    Case(
        "method that does not exist",
        change(BENCHMARKS, DEPTH, method="linaer"),
        BENCHMARKS,
        "value_not_allowed",
        says="did you mean 'linear'?",
    ),
    Case(
        "status that does not exist",
        change(SCORECARDS, GROWTH, status="active"),
        SCORECARDS,
        "value_not_allowed",
        also=("outcome_without_scorecard",),
    ),
    Case(
        "comparator that does not exist",
        change(RULES, {"rule": "invoice_overdue_60"}, comparator="=>"),
        RULES,
        "value_not_allowed",
    ),
    Case(
        "weight without a reason", change(WEIGHTS, {"metric": "pulse_latest"}, rationale=""), WEIGHTS, "reason_missing"
    ),
    Case(
        "shadow weight without a reason",
        change(WEIGHTS, {"metric": "tenure_days"}, rationale=" "),
        WEIGHTS,
        "reason_missing",
    ),
    Case("benchmark without a reason", change(BENCHMARKS, DEPTH, rationale=""), BENCHMARKS, "reason_missing"),
    Case("rule without a reason", change(RULES, {"rule": "invoice_overdue_60"}, reason=""), RULES, "reason_missing"),
    Case(
        "threshold without a reason",
        change("outcomes/success_criteria.csv", {"criterion": "low_effort"}, rationale=""),
        "outcomes/success_criteria.csv",
        "reason_missing",
    ),
    Case(
        "metric twice",
        append(
            METRICS,
            NEW_METRIC.format(
                name="depth_pct",
                measure="logins",
                den="",
                aggregation="sum",
                window="28",
                history="28",
                direction="higher_is_better",
                motion="proactive",
                unit="events",
            ),
        ),
        METRICS,
        "duplicate_row",
        says="is already in line",
    ),
    Case("weight twice", append(WEIGHTS, "adoption,1,adoption,depth_pct,0,Again"), WEIGHTS, "duplicate_row"),
    Case("event twice", append(EVENTS, "login,logins,events"), EVENTS, "duplicate_row"),
    Case("row too short", append(WEIGHTS, "adoption,1,adoption"), WEIGHTS, "row_width"),
    Case(
        "row with an unquoted comma",
        append(WEIGHTS, "growth,1,adoption,depth_pct,0,Because, as they say"),
        WEIGHTS,
        "row_width",
    ),
    Case("blank line", append(WEIGHTS, ""), WEIGHTS, "row_width", says="blank"),
    Case(
        "column missing",
        write("mappings/support_channels.csv", b"channel\nemail\n"),
        "mappings/support_channels.csv",
        "columns",
        line=1,
        says="'description' is missing",
        also=("reason_missing",),
    ),
    Case(
        "column unknown",
        write("mappings/support_channels.csv", b"chanel,description\nemail,Mail\n"),
        "mappings/support_channels.csv",
        "columns",
        line=1,
        says="did you mean 'channel'?",
    ),
    Case(
        "semicolons",
        write("mappings/support_channels.csv", b"channel;description\nemail;Mail\n"),
        "mappings/support_channels.csv",
        "columns",
        line=1,
        says="separated by commas",
    ),
    Case(
        "not UTF-8",
        write("mappings/support_channels.csv", "channel,description\nemail,Büro\n".encode("latin-1")),
        "mappings/support_channels.csv",
        "unreadable_csv",
        line=2,
    ),
    Case(
        "unclosed quote",
        write("mappings/support_channels.csv", b'channel,description\nemail,"Mail\nchat,Chat\n'),
        "mappings/support_channels.csv",
        "unreadable_csv",
        line=2,
    ),
    Case(
        "nothing in it",
        write("mappings/support_channels.csv", b""),
        "mappings/support_channels.csv",
        "unreadable_csv",
        line=1,
    ),
    Case(
        "file unknown",
        write("mappings/support_chanels.csv", b"channel,description\n"),
        "mappings/support_chanels.csv",
        "file_unknown",
        line=None,
        says="did you mean 'support_channels.csv'?",
    ),
    Case(
        "file twice",
        write("old/segments.csv", b"segment,label,description\n"),
        "old/segments.csv",
        "file_twice",
        line=None,
    ),
    Case(
        "file missing",
        delete("scorecards/benchmarks.csv"),
        ".",
        "file_missing",
        line=None,
        says="benchmarks.csv is missing",
        also=("benchmark_missing",),
    ),
]

DEFINITIONS = [
    Case("window missing", change(METRICS, {"metric": "logins_28d"}, window_days=""), METRICS, "window_missing"),
    Case(
        "window missing for a ratio",
        change(METRICS, {"metric": "sticky_share_28d"}, window_days=""),
        METRICS,
        "window_missing",
    ),
    Case(
        "window missing for a change",
        change(METRICS, {"metric": "usage_trend_90d"}, window_days=""),
        METRICS,
        "window_missing",
    ),
    Case(
        "window without use",
        change(METRICS, {"metric": "depth_pct"}, window_days="28"),
        METRICS,
        "window_unused",
        severity="warn",
    ),
    Case("window of no days", change(METRICS, {"metric": "logins_28d"}, window_days="0"), METRICS, "out_of_range"),
    Case("history negative", change(METRICS, {"metric": "logins_28d"}, min_history_days="-1"), METRICS, "out_of_range"),
    Case(
        "history shorter than two windows",
        change(METRICS, {"metric": "usage_trend_90d"}, min_history_days="120"),
        METRICS,
        "history_too_short",
        severity="warn",
    ),
    Case(
        "tenure ends before it begins",
        change(METRICS, {"metric": "renewals_365d"}, applies_to_tenure_days="100"),
        METRICS,
        "interval_empty",
        also=("milestone_unreachable",),
    ),
    Case("ratio without denominator", new_metric(aggregation="ratio"), METRICS, "denominator_missing"),
    Case("sum with denominator", new_metric(den="logins"), METRICS, "denominator_unused"),
    Case("maximum of a state", new_metric(measure="seats", aggregation="max"), METRICS, "aggregation_unsuitable"),
    Case("sum of a state", new_metric(measure="mrr_usd"), METRICS, "aggregation_unsuitable"),
    Case("last of daily sums", new_metric(aggregation="last", window=""), METRICS, "aggregation_unsuitable"),
    Case(
        "age of a number",
        new_metric(measure="seats", aggregation="age_days", window=""),
        METRICS,
        "aggregation_unsuitable",
    ),
    Case(
        "change of a date",
        new_metric(measure="next_renewal_on", aggregation="change", history="56", unit="pct"),
        METRICS,
        "aggregation_unsuitable",
    ),
    Case("change not in percent", new_metric(aggregation="change", history="56"), METRICS, "unit_not_pct"),
    Case(
        "check-ins as proactive",
        change(METRICS, {"metric": "check_ins_90d"}, motion="proactive"),
        METRICS,
        "passive_not_proactive",
        says="never proactive",
    ),
    Case(
        "check-ins as proactive denominator",
        new_metric(aggregation="ratio", den="check_ins"),
        METRICS,
        "passive_not_proactive",
    ),
    Case("floor equal to target", change(BENCHMARKS, DEPTH, floor="50"), BENCHMARKS, "floor_equals_target"),
    Case(
        "floor equal to target, spelt differently",
        change(BENCHMARKS, DEPTH, floor="50.0"),
        BENCHMARKS,
        "floor_equals_target",
    ),
    Case("floor missing", change(BENCHMARKS, DEPTH, floor=""), BENCHMARKS, "benchmark_incomplete"),
    Case(
        "own baseline without target",
        change(BENCHMARKS, {"metric": "usage_events_28d"}, target=""),
        BENCHMARKS,
        "benchmark_incomplete",
    ),
    Case(
        "floor and target exchanged",
        change(BENCHMARKS, DEPTH, floor="50", target="5"),
        BENCHMARKS,
        "benchmark_against_direction",
    ),
    Case(
        "curve against the direction",
        new_benchmark("curve,,,0:100;50:0,,Why"),
        BENCHMARKS,
        "benchmark_against_direction",
    ),
    Case(
        "curve that turns back",
        new_benchmark("curve,,,0:0;50:40;40:100,,Why"),
        BENCHMARKS,
        "curve_malformed",
        says="do not increase",
    ),
    Case("curve that stands still", new_benchmark("curve,,,0:0;40:40;40:100,,Why"), BENCHMARKS, "curve_malformed"),
    Case(
        "curve above 100",
        new_benchmark("curve,,,0:0;50:120,,Why"),
        BENCHMARKS,
        "curve_malformed",
        says="outside 0 to 100",
    ),
    Case("curve of one point", new_benchmark("curve,,,0:50,,Why"), BENCHMARKS, "curve_malformed"),
    Case("curve in words", new_benchmark("curve,,,low:0;high:100,,Why"), BENCHMARKS, "curve_malformed"),
    Case("curve empty", new_benchmark("curve,,,,,Why"), BENCHMARKS, "curve_malformed"),
    Case("percentile without peers", new_benchmark("peer_percentile,,,,,Why"), BENCHMARKS, "min_peers_missing"),
    Case("percentile with one peer", new_benchmark("peer_percentile,,,,1,Why"), BENCHMARKS, "min_peers_missing"),
    Case(
        "percentile without direction",
        new_benchmark("peer_percentile,,,,20,Why", metric="check_ins_90d"),
        BENCHMARKS,
        "percentile_without_direction",
    ),
    Case(
        "linear with peers", change(BENCHMARKS, DEPTH, min_peers="20"), BENCHMARKS, "benchmark_unused", severity="warn"
    ),
    Case(
        "benchmarks overlap",
        append(BENCHMARKS, "depth_pct,2,2026-01-01,,,,linear,10,60,,,Why"),
        BENCHMARKS,
        "benchmarks_overlap",
    ),
    Case(
        "benchmark ends before it begins",
        change(BENCHMARKS, DEPTH, effective_to="1899-01-01"),
        BENCHMARKS,
        "interval_empty",
    ),
    Case(
        "benchmark for one segment only",
        change(BENCHMARKS, {"metric": "logins_28d"}, segment="smb"),
        BENCHMARKS,
        "benchmark_not_general",
        severity="warn",
    ),
    Case("grades not from 0", change(GRADES, {"grade": "F"}, min_score="10"), GRADES, "grades_not_from_zero"),
    Case("two grades at one score", change(GRADES, {"grade": "D"}, min_score="50"), GRADES, "grades_overlap"),
    Case("grade above 100", change(GRADES, {"grade": "A"}, min_score="101"), GRADES, "out_of_range"),
    Case("colour by name", change(GRADES, {"grade": "A"}, colour="green"), GRADES, "colour_malformed"),
    Case("grades of two minds", change(GRADES, {"grade": "D"}, effective_from="2026-01-01"), GRADES, "grades_overlap"),
    Case(
        "grade versions overlap",
        append(GRADES, "2,2027-01-01,,A,0,#2166AC,All,All are fine,Nothing"),
        GRADES,
        "grades_overlap",
    ),
    Case("rule above 100", change(RULES, {"rule": "invoice_overdue_60"}, value="154"), RULES, "out_of_range"),
    Case(
        "rule versions overlap",
        append(RULES, "invoice_overdue_60,all,2,2027-01-01,,invoice_days_overdue,>,45,cap,54,50,Sooner"),
        RULES,
        "rules_overlap",
    ),
    Case(
        "gap between tenure bands",
        change(BANDS, {"tenure_band": "first_quarter"}, from_tenure_days="31"),
        BANDS,
        "tenure_bands_gap",
        says="covers days 30 to 31",
    ),
    Case(
        "tenure bands overlap",
        change(BANDS, {"tenure_band": "first_quarter"}, from_tenure_days="29"),
        BANDS,
        "tenure_bands_overlap",
    ),
    Case(
        "tenure bands from 1",
        change(BANDS, {"tenure_band": "first_month"}, from_tenure_days="1"),
        BANDS,
        "tenure_bands_gap",
    ),
    Case(
        "last tenure band closed",
        change(BANDS, {"tenure_band": "established"}, to_tenure_days="9999"),
        BANDS,
        "tenure_bands_gap",
    ),
    Case(
        "tenure bands out of order",
        change(BANDS, {"tenure_band": "established"}, position="1"),
        BANDS,
        "tenure_bands_order",
    ),
    Case(
        "two default outcomes",
        change(OUTCOMES, {"desired_outcome": "growth"}, is_default="true"),
        OUTCOMES,
        "default_outcome",
    ),
    Case(
        "no default outcome",
        change(OUTCOMES, {"desired_outcome": "adoption"}, is_default="false"),
        OUTCOMES,
        "default_outcome",
        line=None,
    ),
    Case(
        "five outcomes",
        several(append(OUTCOMES, "compliance,Comply,false,Audits"), append(OUTCOMES, "revenue,Earn,false,Sales")),
        OUTCOMES,
        "outcomes_too_many",
        severity="warn",
        also=("outcome_without_scorecard", "outcome_without_milestones"),
    ),
    Case("event onto a state", append(EVENTS, "seat_added,seats,quantity"), EVENTS, "mapping_unsuitable"),
    Case(
        "event onto another source",
        append(EVENTS, "help_opened,tickets_opened,events"),
        EVENTS,
        "mapping_unsuitable",
        says="source 'support'",
    ),
    Case(
        "exchange rate of 0",
        append("mappings/exchange_rates.csv", "SEK,2026-01-01,0"),
        "mappings/exchange_rates.csv",
        "out_of_range",
    ),
    Case(
        "exchange rate of a day",
        append("mappings/exchange_rates.csv", "SEK,2026-01-15,0.1"),
        "mappings/exchange_rates.csv",
        "not_a_month",
    ),
    Case(
        "no exchange rates",
        delete("mappings/exchange_rates.csv"),
        ".",
        "exchange_rates_missing",
        severity="warn",
        line=None,
    ),
    Case(
        "response target of 0",
        change("mappings/response_targets.csv", {"priority": "low"}, first_response_hours="0"),
        "mappings/response_targets.csv",
        "out_of_range",
    ),
    Case(
        "tracking ends before it begins",
        append("mappings/instrumentation.csv", "logins,,2026-05-01,2026-04-01,Why"),
        "mappings/instrumentation.csv",
        "interval_empty",
    ),
    Case(
        "exception expired",
        append("quality/quality_exceptions.csv", "table_empty,ticket_events,Later,Ada,2026-11-30"),
        "quality/quality_exceptions.csv",
        "exception_expired",
        severity="warn",
    ),
    Case(
        "exception without an end",
        append("quality/quality_exceptions.csv", "table_empty,ticket_events,Later,Ada,"),
        "quality/quality_exceptions.csv",
        "value_missing",
    ),
    Case(
        "var unknown",
        write("vars.yml", b"grace_days: 30\nlookback: 3\n"),
        "vars.yml",
        "unknown_name",
        line=2,
        says="did you mean 'lookback_days'?",
    ),
    Case("var of another kind", write("vars.yml", b"grace_days: a month\n"), "vars.yml", "value_not_allowed", line=1),
    Case(
        "a horizon that nothing is judged by",
        write("vars.yml", b"renewal_horizon_days: 120\nrenewal_outcome_horizon_days: 120\n"),
        "vars.yml",
        "value_not_allowed",
        line=2,
    ),
    Case("vars unreadable", write("vars.yml", b"grace_days: [30\n"), "vars.yml", "vars_unreadable", line=None),
]

GOVERNANCE = [
    Case(
        "negative weight",
        change(WEIGHTS, {"metric": "depth_pct"}, weight="-10"),
        WEIGHTS,
        "negative_weight",
        also=("weights_total",),
    ),
    Case(
        "weights above 100",
        change(WEIGHTS, {"metric": "seats_used_pct"}, weight="17"),
        WEIGHTS,
        "weights_total",
        says="total 103, not 100",
    ),
    Case(
        "weights of a side all 0",
        lambda folder: all_weights_on(folder, {"depth_pct": "60", "seats_used_pct": "40"}),
        SCORECARDS,
        "side_missing",
        says="no weight on reactive metrics",
    ),
    Case(
        "leading share low",
        lambda folder: all_weights_on(
            folder, {"case_studies_365d": "50", "pulse_latest": "10", "nps_score_180d": "40"}
        ),
        SCORECARDS,
        "leading_share_low",
        says="10% of the weight",
    ),
    Case(
        "few sources",
        lambda folder: all_weights_on(folder, {"logins_28d": "50", "nps_score_180d": "25", "tickets_opened_28d": "25"}),
        SCORECARDS,
        "sources_too_plain",
        severity="warn",
    ),
    Case(
        "scorecard without metrics",
        several(remove(WEIGHTS, {"scorecard": "growth"}), change(SCORECARDS, GROWTH, rationale="Empty")),
        SCORECARDS,
        "scorecard_without_metrics",
    ),
    Case(
        "metric without benchmark",
        several(
            remove(BENCHMARKS, {"metric": "logins_28d"}), change(WEIGHTS, {"metric": "logins_28d"}, rationale="Kept")
        ),
        WEIGHTS,
        "benchmark_missing",
    ),
    Case(
        "champion versions overlap",
        several(
            append(WEIGHTS, "growth,3,adoption,depth_pct,50,Why"),
            append(WEIGHTS, "growth,3,sentiment,pulse_latest,50,Why"),
            append(SCORECARDS, "growth,3,growth,,champion,2027-01-01,,2027-05-31,Next"),
        ),
        SCORECARDS,
        "champions_overlap",
    ),
    Case(
        "two champions of one outcome",
        change(SCORECARDS, GROWTH, desired_outcome="efficiency"),
        SCORECARDS,
        "champions_overlap",
        also=("outcome_without_scorecard",),
    ),
    Case(
        "gap between versions",
        several(
            append(WEIGHTS, "growth,3,adoption,depth_pct,50,Why"),
            append(WEIGHTS, "growth,3,sentiment,pulse_latest,50,Why"),
            change(SCORECARDS, GROWTH, effective_to="2026-12-31"),
            append(SCORECARDS, "growth,3,growth,,champion,2027-01-02,,2027-05-31,Next"),
        ),
        SCORECARDS,
        "version_gap",
        severity="warn",
    ),
    Case(
        "version ends before it begins",
        change(SCORECARDS, GROWTH, effective_to="1899-01-01"),
        SCORECARDS,
        "interval_empty",
        also=("outcome_without_scorecard",),
    ),
    Case(
        "review 90 days overdue",
        change(SCORECARDS, ADOPTION, next_review_on="2026-09-02"),
        SCORECARDS,
        "review_overdue",
        severity="warn",
        says="90 days overdue",
    ),
    Case(
        "review 180 days overdue",
        change(SCORECARDS, ADOPTION, next_review_on="2026-06-04"),
        SCORECARDS,
        "review_overdue",
        says="180 days overdue",
    ),
    Case(
        "default outcome without a scorecard",
        change(SCORECARDS, ADOPTION, status="retired"),
        OUTCOMES,
        "outcome_without_scorecard",
        line=2,
    ),
]

CASES = SHAPE + DEFINITIONS + GOVERNANCE


# what each rule of these finds is a fault of the table
FAULTS = {"weights_total": 46, "negative_weight": 47, "unknown_name": 48, "floor_equals_target": 49}


def marked(case: Case):
    marks = [pytest.mark.fault(FAULTS[case.rule])] if case.rule in FAULTS else []
    return pytest.param(case, id=case.name, marks=marks)


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_violation_names_file_line_and_rule(draft: Path, case: Case):
    assert_reported(draft, case)


def test_leading_share_may_be_low_for_a_written_reason(draft: Path):
    weights = {"case_studies_365d": "50", "pulse_latest": "10", "nps_score_180d": "40"}
    all_weights_on(draft, weights)
    change(SCORECARDS, ADOPTION, rationale="Leading share: a trial of results only, until May")(draft)
    assert "leading_share_low" not in {each.rule for each in check_configuration(draft, TODAY)}


def test_review_is_not_overdue_the_day_before(draft: Path):
    change(SCORECARDS, ADOPTION, next_review_on="2026-09-03")(draft)
    assert "review_overdue" not in {each.rule for each in check_configuration(draft, TODAY)}


def test_a_closed_version_needs_no_review(draft: Path):
    scorecard_version(draft, "adoption", date(2026, 11, 30))
    change(SCORECARDS, ADOPTION, next_review_on="2020-01-01")(draft)
    assert "review_overdue" not in {each.rule for each in check_configuration(draft, TODAY)}


def test_a_challenger_may_stand_beside_a_champion(draft: Path):
    append(WEIGHTS, "growth_bold,1,adoption,depth_pct,50,Why")(draft)
    append(WEIGHTS, "growth_bold,1,sentiment,pulse_latest,50,Why")(draft)
    append(SCORECARDS, "growth_bold,1,growth,,challenger,1900-01-01,,2027-05-31,Next")(draft)
    assert {each.rule for each in check_configuration(draft, TODAY)} == {"version_not_released"}


def test_byte_order_mark_and_line_breaks_are_simply_read(draft: Path):
    path = draft / "mappings" / "segments.csv"
    text = 'segment,label,description\r\nsmb,Small,"Two\r\nlines"\r\nenterprise,Large,One line\r\n'
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert {each.rule for each in check_configuration(draft, TODAY)} == {"version_not_released"}
    assert [row.line for row in seed_of(draft, "mappings/segments.csv").rows] == [2, 4]


def test_a_metric_needs_three_rows(released: Path):
    """The README's recipe: a shadow metric on an existing measure, without touching what was released."""
    append(
        METRICS,
        NEW_METRIC.format(
            name="logins_90d",
            measure="logins",
            den="",
            aggregation="sum",
            window="90",
            history="90",
            direction="higher_is_better",
            motion="proactive",
            unit="events",
        ),
    )(released)
    append(BENCHMARKS, "logins_90d,1,1900-01-01,,,,linear,0,200,,,Why")(released)
    append(WEIGHTS, "adoption,1,adoption,logins_90d,0,Shadow: to compare")(released)
    assert check_configuration(released, TODAY) == []


# -------------------------------------------------------------------------------------------------- command
def test_command_prints_the_place_and_fails(draft: Path, capsys: pytest.CaptureFixture[str]):
    line = change(WEIGHTS, {"metric": "seats_used_pct"}, metric="seats_usd_pct")(draft)
    assert run_command("check-config", "--config", str(draft), "--as-of", "2026-12-01") == 1
    printed = capsys.readouterr().out
    message = "metric 'seats_usd_pct' is not in metrics.csv (did you mean 'seats_used_pct'?)"
    assert f"{draft / WEIGHTS} line {line}: {message} [error: unknown_name]" in printed
    assert "1 errors, " in printed


def test_command_passes_with_warnings(draft: Path, capsys: pytest.CaptureFixture[str]):
    assert run_command("check-config", "--config", str(draft), "--as-of", "2026-12-01") == 0
    assert "0 errors, 1 warnings" in capsys.readouterr().out


def test_command_shows_paths_as_typed_at_the_project_root(monkeypatch: pytest.MonkeyPatch, released: Path):
    monkeypatch.chdir(released.parent)
    change(WEIGHTS, ADOPTION, rationale="")(released)
    files = {each.file for each in check_configuration(released, TODAY)}
    assert files == {f"our seeds/{WEIGHTS}", f"our seeds/{SCORECARDS}"}


def test_command_names_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run_command("check-config", "--config", str(tmp_path / "nowhere")) == 1
    assert "there is no such configuration folder" in capsys.readouterr().err


# ----------------------------------------------------------------------------------- folder that dbt builds on
def test_effective_config_completes_what_a_company_need_not_bring(draft: Path, tmp_path: Path):
    for file in (GRADES, RULES, "mappings/exchange_rates.csv", "quality/finding_types.csv"):
        (draft / file).unlink()
    (draft / SEEDS_FILE).unlink()
    (draft / "vars.yml").write_text("grace_days: 45\n", encoding="utf-8")
    target = tmp_path / "effective seeds"
    target.mkdir()
    (target / "left_over.csv").write_text("a\n", encoding="utf-8")
    effective = effective_config(draft, target)
    assert set(effective.from_default) == {"grades", "finding_types"}
    assert set(effective.left_empty) == {"score_rules", "exchange_rates"}
    assert effective.vars == {"grace_days": 45}
    assert {path.stem for path in target.rglob("*.csv")} == set(load_contracts())
    assert (target / GRADES).read_bytes() == (DEFAULT_CONFIG / GRADES).read_bytes()
    assert seed_of(target, RULES).rows == []
    assert seed_of(target, RULES).header == list(load_contracts()["score_rules"].columns)
    assert (target / SEEDS_FILE).read_bytes() == (DEFAULT_CONFIG / SEEDS_FILE).read_bytes()


def test_effective_config_refuses_to_guess_scorecards(draft: Path, tmp_path: Path):
    (draft / SCORECARDS).unlink()
    with pytest.raises(ConfigurationError, match=r"missing scorecards\.csv"):
        effective_config(draft, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_every_seed_column_is_described_and_typed():
    document = yaml.safe_load((DEFAULT_CONFIG / SEEDS_FILE).read_text(encoding="utf-8"))
    files = {path.stem: path for path in DEFAULT_CONFIG.rglob("*.csv")}
    assert {seed["name"] for seed in document["seeds"]} == set(files)
    for seed in document["seeds"]:
        columns = [column["name"] for column in seed["columns"]]
        header = next(csv.reader(io.StringIO(files[seed["name"]].read_text(encoding="utf-8"))))
        assert columns == header == list(seed["config"]["column_types"])
        assert all(len(part["description"]) > 4 for part in [seed, *seed["columns"]])


# --------------------------------------------------------------------------------------- versions, releases
def test_scorecard_version_copies_closes_and_keeps_every_other_byte(released: Path):
    before = {file: (released / file).read_text(encoding="utf-8") for file in (SCORECARDS, WEIGHTS)}
    new = scorecard_version(released, "adoption", date(2027, 1, 1))
    assert check_configuration(released, TODAY) == []
    cards = {(row["scorecard"], row["version"]): row for row in seed_of(released, SCORECARDS).rows}
    assert cards["adoption", "2"]["effective_to"] == cards["adoption", "3"]["effective_from"] == "2027-01-01"
    assert cards["adoption", "3"]["status"] == "champion"
    assert cards["adoption", "3"]["effective_to"] == ""
    weights = seed_of(released, WEIGHTS).rows
    old = [row for row in weights if (row["scorecard"], row["version"]) == ("adoption", "2")]
    copied = [row for row in weights if (row["scorecard"], row["version"]) == ("adoption", "3")]
    assert [{**row.values, "version": "3"} for row in old] == [row.values for row in copied]
    assert new.weight_lines == (copied[0].line, copied[-1].line)
    remaining = "".join(
        text
        for text in (released / WEIGHTS).read_text(encoding="utf-8").splitlines(True)
        if not text.startswith("adoption,3,")
    )
    assert remaining == before[WEIGHTS]
    untouched = [text for text in before[SCORECARDS].splitlines() if not text.startswith("adoption,")]
    assert set(untouched) <= set((released / SCORECARDS).read_text(encoding="utf-8").splitlines())


def test_scorecard_version_may_be_weighted_and_released(released: Path):
    scorecard_version(released, "adoption", date(2027, 1, 1))
    change(WEIGHTS, {**ADOPTION_NEXT, "metric": "seats_used_pct"}, weight="6")(released)
    change(WEIGHTS, {**ADOPTION_NEXT, "metric": "logins_28d"}, weight="4")(released)
    assert check_configuration(released, TODAY) == []
    assert [version.key for version in release(released, "Ada Lovelace", TODAY)] == [("scorecard", "adoption", "3")]
    assert release(released, "Ada Lovelace", TODAY) == []
    change(WEIGHTS, {**ADOPTION_NEXT, "metric": "logins_28d"}, weight="4.0")(released)
    assert check_configuration(released, TODAY) == []
    change(WEIGHTS, {**ADOPTION_NEXT, "metric": "logins_28d"}, rationale="Other")(released)
    assert [each.rule for each in check_configuration(released, TODAY)] == ["released_version_changed"]


def test_scorecard_version_twice_in_a_row(released: Path):
    scorecard_version(released, "adoption", date(2027, 1, 1))
    assert scorecard_version(released, "adoption", date(2027, 2, 1)).version == 4
    assert check_configuration(released, TODAY) == []


def test_scorecard_version_says_what_to_do_next(released: Path, capsys: pytest.CaptureFixture[str]):
    arguments = ["scorecard-version", "--config", str(released), "--from", "adoption"]
    copied = [row.line for row in seed_of(released, WEIGHTS).rows if ADOPTION.items() <= row.values.items()]
    first, last = copied[-1] + 1, copied[-1] + len(copied)
    assert run_command(*arguments, "--effective-from", "2027-01-01") == 0
    printed = capsys.readouterr().out
    assert f"{released / WEIGHTS} lines {first} to {last}" in printed
    assert "scores up to that day do not change" in printed


@pytest.mark.parametrize(
    ("scorecard", "start", "says"),
    [
        ("adoptoin", "2027-01-01", "did you mean 'adoption'?"),
        ("adoption", "1900-01-01", "must start later"),
    ],
)
def test_scorecard_version_refuses(
    released: Path, scorecard: str, start: str, says: str, capsys: pytest.CaptureFixture[str]
):
    before = {path: path.read_bytes() for path in released.rglob("*.csv")}
    arguments = ["scorecard-version", "--config", str(released), "--from", scorecard, "--effective-from", start]
    assert run_command(*arguments) == 1
    assert says in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in released.rglob("*.csv")}


def test_scorecard_version_after_a_kill_between_its_two_files(released: Path):
    append(WEIGHTS, "adoption,3,adoption,depth_pct,10,Left over")(released)
    with pytest.raises(ConfigurationError, match="remove these rows"):
        scorecard_version(released, "adoption", date(2027, 1, 1))


RELEASED_EDITS = [
    ("weight", change(WEIGHTS, {"metric": "depth_pct"}, weight="11"), SCORECARDS),
    ("reason of a weight", change(WEIGHTS, {"metric": "depth_pct"}, rationale="Other"), SCORECARDS),
    ("weighted row removed", remove(WEIGHTS, {**GROWTH, "metric": "upsells_180d"}), SCORECARDS),
    ("outcome", change(SCORECARDS, GROWTH, segment="smb"), SCORECARDS),
    ("benchmark", change(BENCHMARKS, DEPTH, target="55"), BENCHMARKS),
    ("benchmark row added", append(BENCHMARKS, "depth_pct,1,1900-01-01,,smb,,linear,5,60,,,Why"), BENCHMARKS),
    ("rule", change(RULES, {"rule": "invoice_overdue_60"}, threshold="45"), RULES),
    ("grade", change(GRADES, {"grade": "A"}, min_score="80"), GRADES),
]


@pytest.mark.parametrize(
    ("edit", "file"), [each[1:] for each in RELEASED_EDITS], ids=[each[0] for each in RELEASED_EDITS]
)
def test_released_rows_stay(released: Path, edit: Edit, file: str):
    edit(released)
    changed = [each for each in check_configuration(released, TODAY) if each.rule == "released_version_changed"]
    assert [Path(each.file) for each in changed] == [released / file]
    assert changed[0].severity == "error"


def test_released_version_removed(released: Path):
    remove(RULES, {"rule": "first_month_floor"})(released)
    found = check_configuration(released, TODAY)
    assert [each.rule for each in found] == ["released_version_removed"]
    row = next(row for row in seed_of(released, RELEASED).rows if row["name"] == "first_month_floor")
    assert (Path(found[0].file), found[0].line) == (released / RELEASED, row.line)


@pytest.mark.parametrize(
    "edit",
    [
        append(WEIGHTS, "growth,1,adoption,depth_pct,0,Shadow: to compare"),
        remove(WEIGHTS, {"scorecard": "adoption", "metric": "tenure_days"}),
        change(WEIGHTS, {"metric": "tenure_days"}, rationale="Shadow: another reason"),
        change(WEIGHTS, {"metric": "depth_pct"}, weight="10.0"),
        change(SCORECARDS, ADOPTION, next_review_on="2027-11-30"),
        change(GRADES, {"grade": "A"}, min_score="85.0"),
    ],
)
def test_what_may_change_after_a_release(released: Path, edit: Edit):
    edit(released)
    assert check_configuration(released, TODAY) == []


def test_a_version_that_scores_should_be_released(released: Path):
    scorecard_version(released, "growth", date(2026, 11, 30))
    found = check_configuration(released, TODAY)
    assert [(each.rule, each.severity) for each in found] == [("version_not_released", "warn")]


def test_release_is_refused_while_there_are_errors(released: Path):
    scorecard_version(released, "growth", date(2027, 1, 1))
    line = change(WEIGHTS, {"scorecard": "growth", "version": "3"}, weight="99")(released)
    with pytest.raises(ConfigurationError, match=f"line {line}: the weights of scorecard 'growth' version 3 total"):
        release(released, "Ada Lovelace", TODAY)


# ----------------------------------------------------------------------------------------------- properties
def _row(line: int = 2, **values: str) -> Row:
    return Row("any.csv", line, values, "")


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12)


@given(st.lists(TEXT, min_size=2, max_size=6), st.data())
def test_changing_one_value_keeps_how_the_others_are_written(values: list[str], data: st.DataObject):
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=quoting, lineterminator="\r\n").writerow(values)
    text = stream.getvalue()
    header = [f"column_{number}" for number in range(len(values))]
    place = data.draw(st.integers(0, len(values) - 1))
    value = data.draw(TEXT)
    changed = with_values(text, header, {header[place]: value})
    expected = [*values[:place], value, *values[place + 1 :]]
    assert next(csv.reader(io.StringIO(changed, newline=""), strict=True)) == expected
    before, after = raw_fields(text), raw_fields(changed)
    assert [part for number, part in enumerate(before) if number != place] == [
        part for number, part in enumerate(after) if number != place
    ]


WEIGHT_ROWS = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 100)), min_size=1, max_size=8, unique_by=lambda row: row[0]
)


@given(WEIGHT_ROWS, st.randoms(use_true_random=False))
def test_hash_ignores_order_spelling_and_shadow_metrics_and_nothing_else(rows, random):
    def hashed(weights: list[tuple[str, str]], **card: str) -> str:
        version = Version("scorecard", "one", "1", [_row(scorecard="one", **{"effective_to": "", **card})])
        version.weights = [_row(metric=metric, weight=weight) for metric, weight in weights]
        return row_hash(version)

    original = hashed([(metric, str(weight)) for metric, weight in rows])
    shuffled = [(metric, f"{weight}.0") for metric, weight in rows if weight]
    random.shuffle(shuffled)
    assert hashed([*shuffled, ("shadow", "0")], effective_to="2027-01-01") == original
    for position, (metric, weight) in enumerate(rows):
        other = [*rows[:position], (metric, weight + 1), *rows[position + 1 :]]
        assert hashed([(name, str(number)) for name, number in other]) != original


DAYS = st.integers(0, 40)


@given(st.lists(st.tuples(DAYS, st.one_of(st.none(), DAYS)), max_size=6))
def test_overlap_is_found_exactly_when_two_rows_share_a_day(spans):
    base = date(2026, 1, 1)
    rows = []
    for line, (start, length) in enumerate(spans, start=2):
        begin = base + timedelta(days=start)
        end = "" if length is None else (begin + timedelta(days=length)).isoformat()
        rows.append(_row(line, effective_from=begin.isoformat(), effective_to=end))
    shared = any(
        sum(start <= day and (length is None or day < start + length) for start, length in spans) > 1
        for day in range(100)
    )
    assert any(True for _ in overlapping(rows)) == shared


@settings(max_examples=40)
@given(st.lists(st.integers(1, 1000), unique=True, max_size=6), st.data())
def test_tenure_bands_pass_exactly_when_they_cover_every_day_once(limits, data):
    limits = sorted(limits)
    starts, ends = [0, *limits], [*limits, None]
    shift = data.draw(st.integers(-1, 1)) if limits else 0
    if shift:
        starts[data.draw(st.integers(1, len(limits)))] += shift
    configuration = load_configuration(DEFAULT_CONFIG)
    configuration.files["tenure_bands"].rows = [
        _row(
            number + 2,
            tenure_band=f"band_{number}",
            position=str(number),
            from_tenure_days=str(start),
            to_tenure_days="" if end is None else str(end),
        )
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
    assert bool(list(check_tenure_bands(configuration))) == bool(shift)


WRONG_VARS = {
    "reporting_time_zone": [
        "Europe/Atlantis",
        "[UTC]",
        "utc",
        '""',
        '"UTC\' ; drop table x; --"',
        "\"{{ env_var('HOME') }}\"",
    ],
    "lookback_days": ["-5", "2.5"],
    "grace_days": ["-30", ".nan", ".inf", "0.5", "99999999999", '"30"', "true", "!!python/object/apply:os.system [x]"],
    "min_side_coverage": ["0", "-1"],
    "scored_min_coverage": ["2"],
    "provisional_min_coverage": ["0.9\nscored_min_coverage: 0.1"],
    "outcome_horizons": ['"30"', "[]", "[a, b]", "[90, 90]", "[-90, 90]", "30"],
    "healthy_grades": [
        "[Z]",
        "AB",
        "",
        "[A, [B]]",
        "[\"A') or 1=1 or grade in ('B\"]",
        "[A]\nunhealthy_grades: [A, F]",
    ],
    "as_of_date": ["2020-01-01", "yesterday"],
    "raw_schema": ['"raw\\"; drop schema health; --"', "a b"],
    "raw_table_names": ["{acounts: x}", "{accounts: a b}", "[accounts]"],
    "loaded_at_column": ['"now() --"'],
    "file_dates": ["{acounts: iso}", "{accounts: dmy}", "[iso]", "{accounts: [iso]}"],
    "grade_confirm_days": ["0", "-3", "1.5"],
    "rescue_hours": ["0"],
    "contraction_pct": ["-10", "101"],
    "fast_drop_points": ["-10"],
    "fast_drop_days": ["0", "2026-01-01"],
    "baseline_days": ["0", "10\nbaseline_min_days: 30"],
    "liveness_share": ["-1"],
    "liveness_window_share": ["2"],
    "include_trials": ['"false"', "1"],
    "group_min_accounts": ["1"],
    "grace_dayz": ["30"],
    "5": ["3"],
}
UNREADABLE_VARS = {
    "a var twice": "grace_days: 30\ngrace_days: 5\n",
    "no mapping": "- a\n- b\n",
    "aliases": "a: &a [x, x]\nb: [*a, *a]\n",
    "too deep": "a: " + "[" * 40 + "]" * 40 + "\n",
    "too large": "# " + "x" * 200_000 + "\n",
}
OVERLOOKED = ["vars.yaml", "Vars.yml", "journey/vars.yml", "scorecards/grades.CSV"]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG_VARS.items() for value in values])
def test_a_wrong_var_is_named_with_its_line(draft: Path, name: str, value: str) -> None:
    (draft / "vars.yml").write_text(f"# ours\n{name}: {value}\n", encoding="utf-8")
    errors = [found for found in check_configuration(draft, date(2026, 6, 30)) if found.severity == "error"]
    assert errors and all(found.file.endswith("vars.yml") for found in errors)
    assert errors[0].line in (2, 3) or "line 2" in errors[0].message
    assert name in errors[0].message or name == "healthy_grades"


@pytest.mark.parametrize("text", UNREADABLE_VARS.values(), ids=UNREADABLE_VARS)
def test_vars_that_cannot_be_trusted_are_not_read(draft: Path, text: str) -> None:
    (draft / "vars.yml").write_text(text, encoding="utf-8")
    found = [each for each in check_configuration(draft, date(2026, 6, 30)) if each.severity == "error"]
    assert [each.rule for each in found] == ["vars_unreadable"]


def test_every_var_has_a_contract_and_our_own_values_keep_it() -> None:
    ours = default_vars()
    assert set(ours) - {"as_of_date"} == set(load_var_contract())
    ours.pop("as_of_date")
    assert dict(problems(ours, frozenset("ABCDF"))) == {}


@pytest.mark.parametrize("name", OVERLOOKED)
def test_a_file_that_looks_like_a_part_is_told(draft: Path, name: str) -> None:
    (draft / name).parent.mkdir(exist_ok=True)
    (draft / name).write_text("grace_days: 5\n", encoding="utf-8")
    found = [each for each in check_configuration(draft, date(2026, 6, 30)) if each.severity == "error"]
    assert [each.rule for each in found] == ["file_overlooked"]
    assert found[0].file.endswith(name)


def test_a_link_that_leads_nowhere_is_told(draft: Path) -> None:
    (draft / "scorecards" / "more.csv").symlink_to(draft / "nowhere.csv")
    found = [each for each in check_configuration(draft, date(2026, 6, 30)) if each.severity == "error"]
    assert any(each.rule == "file_overlooked" and "leads nowhere" in each.message for each in found)


def test_no_wrong_var_reaches_dbt(draft: Path, tmp_path: Path) -> None:
    (draft / "vars.yml").write_text('loaded_at_column: "now() --"\n', encoding="utf-8")
    with pytest.raises(RefreshError, match="var 'loaded_at_column' must be a name"):
        DbtRun(tmp_path / "warehouse", draft).run(["parse"])


@given(st.lists(st.tuples(st.integers(-999, 999), st.integers(0, 100)), min_size=1, max_size=6))
def test_curves_read_back_as_they_were_written(points):
    assert curve_points(";".join(f"{value}:{earned}" for value, earned in points)) == points


@given(TEXT)
def test_no_curve_text_breaks_the_check(text):
    points = curve_points(text)
    assert points is None or all(len(point) == 2 for point in points)


@pytest.mark.parametrize("written", ["renewal_horizon_days: 120\n", "renewal_outcome_horizon_days: 60\n"])
def test_horizons_that_outcomes_are_judged_by_are_accepted(draft: Path, written: str) -> None:
    (draft / "vars.yml").write_text(written, encoding="utf-8")
    assert [found for found in check_configuration(draft, date(2026, 6, 30)) if found.severity == "error"] == []
