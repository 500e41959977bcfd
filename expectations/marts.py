"""Does what is about to be published describe the day, all of it, and agree with what was published before?

dbt tests look at every row of the last days on each build. These checks look at all history in sums, and at the build
beside the last publication (or, before there is one, beside itself 28 days earlier), which no test of one build can do.

Belongs here: completeness, range, drift, coverage and reconciliation of the marts.
Does not belong here: keys, contracts and rows of the last days (tests/integrity), or arrivals (raw_arrivals.py).
"""

from __future__ import annotations

from great_expectations.expectations import (
    ExpectColumnPairValuesToBeEqual,
    ExpectColumnValuesToBeBetween,
    ExpectColumnValuesToBeInSet,
)

from customer_health.core.sql import read_sql
from expectations import publications
from expectations.build import Build
from expectations.checks import Check

BEFORE_DAYS = 28
SUMMED_MONTHS = 13


def checks(build: Build) -> list[Check]:
    publications.define_reference(build, BEFORE_DAYS)
    return [
        _day_built(build),
        _score_range(build),
        _finite_points(build),
        _index_complete(build),
        _contributions(build),
        *_drift(build),
        *_coverage(build),
        _headline_mrr(build),
        _mrr_moved(build),
        *publications.checks(build),
    ]


def _day_built(build: Build) -> Check:
    """A gate that looks at the wrong build would pass everything."""
    return Check(
        name="day_built",
        severity="error",
        expected=f"scores up to {build.as_of}, from a build that ran to its end",
        reason="A build that broke off, or of another day, must not go out under today's date.",
        sql=f"""
            with days as (
                select
                    (select max(date_day) from health.fct_health_scores) as scored_until,
                    (select arg_max(as_of_date, completed_at) from build_log.complete_builds) as built_for
            )
            select *, coalesce(scored_until = {build.day} and built_for = {build.day}, false) as is_of_the_day
            from days
        """,
        expectations=[ExpectColumnValuesToBeInSet(column="is_of_the_day", value_set=[True])],
        told="scores until {scored_until}, last complete build for {built_for}",
    )


def _score_range(build: Build) -> Check:
    """All history; a value that is not a number compares as the largest, so it is found as well."""
    broken = " or ".join(
        f"not {column} between 0 and {most}"
        for column, most in (
            ("health_score", 100),
            ("health_score_before_rules", 100),
            ("proactive_score", 100),
            ("reactive_score", 100),
            ("score_coverage", 1),
        )
    )
    return Check(
        name="score_range",
        severity="error",
        expected="every score from 0 to 100 and every coverage from 0 to 1, in all months",
        reason="What lies outside is no score, whatever made it.",
        sql=f"""
            select
                date_trunc('month', date_day) as month,
                count(*) as scores,
                count(*) filter (where {broken}) as broken,
                min(health_score) as lowest,
                max(health_score) as highest
            from health.fct_health_scores
            group by 1
            order by broken desc, greatest(highest - 50, 50 - lowest) desc nulls last, month
        """,
        expectations=[
            ExpectColumnValuesToBeInSet(column="broken", value_set=[0]),
            ExpectColumnValuesToBeBetween(column="lowest", min_value=0),
            ExpectColumnValuesToBeBetween(column="highest", max_value=100),
        ],
        told="{month:%Y-%m}: {broken} of {scores:,} scores out of range, {lowest:.1f} to {highest:.1f}",
        keys_sql=f"select account_id, date_day, scorecard from health.fct_health_scores where {broken}",
    )


def _finite_points(build: Build) -> Check:
    """Zero variance, a segment of one, a metric that is null everywhere: none of them may end in "not a number"."""
    recent = f"date_day > {build.day} - 7"
    broken = "not coalesce(isfinite(value), true) or not coalesce(isfinite(points) and points between 0 and 100, true)"
    return Check(
        name="finite_points",
        severity="error",
        expected="every value finite and every point from 0 to 100, per metric, in the last 7 days",
        reason="A division by nothing that slipped through would spread from one metric into every score.",
        sql=f"""
            select metric, count(*) as values_seen, count(*) filter (where {broken}) as broken
            from health.fct_metric_points
            where {recent}
            group by metric
            order by broken desc, metric
        """,
        expectations=[ExpectColumnValuesToBeInSet(column="broken", value_set=[0])],
        told="{metric}: {broken:,} of {values_seen:,} values or points are none",
        keys_sql=f"select account_id, date_day, metric from health.fct_metric_points where {recent} and ({broken})",
    )


def _index_complete(build: Build) -> Check:
    """Every account-day has one headline score row, scored or saying why not; counted per day, over all history."""
    counts = """
        select
            coalesce(days.date_day, headlines.date_day) as date_day,
            coalesce(days.accounts, 0) as accounts,
            coalesce(headlines.headlines, 0) as headlines
        from (select date_day, count(*) as accounts from intermediate.int_account_days group by 1) as days
        full outer join (
            select date_day, count(*) as headlines from health.fct_health_scores where is_primary group by 1
        ) as headlines using (date_day)
    """
    return Check(
        name="index_complete",
        severity="error",
        expected="one headline score row, scored or not, per account and day of the index",
        reason="The index is the denominator of everything: an account without a row is invisible, not healthy.",
        sql=f"""
            select date_day, accounts, headlines
            from ({counts})
            order by abs(accounts - headlines) desc, date_day desc
        """,
        expectations=[ExpectColumnPairValuesToBeEqual(column_A="accounts", column_B="headlines")],
        told="{date_day}: {accounts:,} accounts in the index, {headlines:,} headline scores",
        keys_sql=f"""
            select coalesce(days.account_id, scores.account_id) as account_id, date_day
            from (
                select account_id, date_day from intermediate.int_account_days
                where date_day in (select date_day from ({counts}) where accounts <> headlines)
            ) as days
            full outer join (
                select account_id, date_day from health.fct_health_scores
                where is_primary and date_day in (select date_day from ({counts}) where accounts <> headlines)
            ) as scores using (account_id, date_day)
            where days.account_id is null or scores.account_id is null
        """,
    )


def _contributions(build: Build) -> Check:
    """dbt adds up the last seven days; here the ends of the past months, which long comparisons start from."""
    month_ends = f"""
        select cast(date_trunc('month', {build.day}) - to_months(cast(range as integer)) as date) - 1 as date_day
        from range({SUMMED_MONTHS})
    """
    compared = f"""
        select account_id, date_day, scorecard, health_score_before_rules, contributions
        from health.fct_health_scores
        left join (
            select account_id, date_day, scorecard, sum(contribution) as contributions
            from health.fct_score_drivers
            where date_day in ({month_ends})
            group by all
        ) using (account_id, date_day, scorecard)
        where date_day in ({month_ends}) and health_score_before_rules is not null
    """
    broken = "not coalesce(abs(contributions - health_score_before_rules) <= 1e-9, false)"
    return Check(
        name="contributions",
        severity="error",
        expected=f"contributions sum to the score before rules at the ends of the last {SUMMED_MONTHS} months",
        reason="A score that nobody can recompute by hand cannot be explained to a customer.",
        sql=f"""
            select date_day, count(*) as scores, count(*) filter (where {broken}) as broken
            from ({compared})
            group by 1
            order by broken desc, date_day desc
        """,
        expectations=[ExpectColumnValuesToBeInSet(column="broken", value_set=[0])],
        told="{date_day}: {broken:,} of {scores:,} scores are not the sum of their contributions",
        keys_sql=f"select account_id, date_day, scorecard from ({compared}) where {broken}",
        least_rows=0,
    )


def _drift(build: Build) -> list[Check]:
    """Population stability index: how differently accounts are spread over grades, and over tenths of the scale.

    Half an account is added to every class, so that an empty one weighs little and divides by nothing.
    """
    held, shown = [], []
    for name, column, classes in (
        ("grade_drift", "grade", "select distinct grade as class from health.dim_grades"),
        ("score_drift", "score_tenth", "select cast(range as varchar) as class from range(10)"),
    ):
        against = "limit_published" if build.is_published else "limit_four_weeks"
        held.append(_psi(build, name, "error", column, classes, "reference_scores", against))
        shown.append(_psi(build, f"{name}_four_weeks", "warn", column, classes, "earlier_scores", "limit"))
    return held + shown


def _psi(build: Build, name: str, severity: str, column: str, classes: str, before: str, limit: str) -> Check:
    most, least_accounts = build.limit(name, limit), build.limit(name, "least_accounts")
    return Check(
        name=name,
        severity=severity,
        expected=f"a population stability index of at most {most:g}",
        reason=build.reason(name, limit, "least_accounts"),
        sql=read_sql(
            __file__,
            "psi",
            classes=classes,
            grade_or_tenth=column,
            earlier_scores=before,
            least_accounts=least_accounts,
        ),
        expectations=[ExpectColumnValuesToBeBetween(column="judged_index", max_value=most)],
        told="index {stability_index:.3f} against {compared_with}, most in "
        + ("grade {class}" if column == "grade" else "the tenth from {class}0 points")
        + ": {share:.0%} of accounts, {share_before:.0%} before",
    )


def _coverage(build: Build) -> list[Check]:
    """How many customers have a number at all, and whether that is fewer than there were."""
    least, most_fell = build.limit("coverage", "least_share"), build.limit("coverage_fell", "most_points")
    least_accounts = build.limit("coverage_fell", "least_accounts")
    least_measured = build.limit("coverage", "least_measured_share")
    sql = read_sql(__file__, "coverage", day=build.day, least_accounts=least_accounts, least_measured=least_measured)
    keys = """
        select account_id, date_day from todays_scores where health_score is null
            and account_id in (select account_id from reference_scores where health_score is not null)
    """
    told = "{share_of_all:.0%} of {customers:,} customers have a score, {share_before:.0%} on {compared_with}"
    return [
        Check(
            name="coverage",
            severity="error",
            expected=f"at least {least:.0%} of the customers with a score for whom enough is measured",
            reason=build.reason("coverage", "least_share", "least_measured_share"),
            sql=sql,
            expectations=[ExpectColumnValuesToBeBetween(column="share", min_value=least)],
            told="{share:.0%} of {measured:,} customers have a score; too little is connected to score {unmeasured:,}"
            " more",
        ),
        Check(
            name="coverage_fell",
            severity="error",
            expected=f"the share of customers with a score not lower by more than {most_fell:g} points",
            reason=build.reason("coverage_fell", "most_points", "least_accounts"),
            sql=sql,
            expectations=[ExpectColumnValuesToBeBetween(column="fell_points", max_value=most_fell)],
            told=told,
            keys_sql=keys,
        ),
    ]


def _headline_mrr(build: Build) -> Check:
    """The same revenue by three ways: accounts, portfolios, and the subscriptions in force.

    A discount that is an item of its own lowers its subscription. What was invoiced in place of prices without amounts
    stands in no subscription, so those accounts are left to the other two.
    """
    of_contracts = f"""
        select
            account_id,
            sum(mrr_usd) as mrr_usd,
            bool_or(is_customer_item and mrr is null) as has_unknown_price
        from intermediate.int_subscription_periods
        where starts_on <= {build.day} and ends_on > {build.day} and (is_customer_item or is_discount_item)
        group by account_id, coalesce(subscription_id, '')
    """
    subscriptions = f"""(
        select
            account_id,
            case when bool_or(has_unknown_price) then any_value(dim_accounts.mrr_usd)
                else sum(greatest(contracts.mrr_usd, 0)) end as mrr_usd
        from ({of_contracts}) as contracts
        inner join health.dim_accounts using (account_id)
        group by 1
    )"""
    return Check(
        name="headline_mrr",
        severity="error",
        expected="accounts, portfolios and subscriptions in force sum to the same revenue, to the cent",
        reason="The first number that finance compares: where it is off, nobody reads the second.",
        sql=read_sql(__file__, "headline_mrr", subscriptions=subscriptions),
        expectations=[ExpectColumnValuesToBeBetween(column="difference_usd", max_value=0.01)],
        told="USD {accounts_usd:,.2f} in accounts, {portfolios_usd:,.2f} in portfolios, "
        "{subscriptions_usd:,.2f} in subscriptions",
        keys_sql=f"""
            select account_id
            from health.dim_accounts
            left join {subscriptions} as subscriptions using (account_id)
            where is_customer and abs(dim_accounts.mrr_usd - coalesce(subscriptions.mrr_usd, 0)) > 0.01
        """,
    )


def _mrr_moved(build: Build) -> Check:
    name = "mrr_moved"
    most, least_customers = build.limit(name, "most_share"), build.limit(name, "least_customers")
    return Check(
        name=name,
        severity="error",
        expected=f"revenue within {most:.0%} of what it was",
        reason=build.reason(name, "most_share", "least_customers"),
        sql=f"""
            select
                cast(today.mrr_usd as double) as mrr_usd,
                cast(before.mrr_usd as double) as mrr_before_usd,
                before.date_day as compared_with,
                case when least(today.customers, before.customers) >= {least_customers}
                    then abs(today.mrr_usd - before.mrr_usd) / nullif(before.mrr_usd, 0) end as moved
            from (
                select sum(mrr_usd) as mrr_usd, count(*) as customers from health.dim_accounts where is_customer
            ) as today
            cross join reference_mrr as before
        """,
        expectations=[ExpectColumnValuesToBeBetween(column="moved", max_value=most)],
        told="{mrr_usd:,.0f} USD a month, {mrr_before_usd:,.0f} on {compared_with}",
    )
