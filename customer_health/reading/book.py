"""Questions about many accounts: the book, who needs help, what is due.

Belongs here: typed functions that more than one of dashboard, digest and assistants ask; each states its rows' order.
Does not belong here: one account (accounts.py), opening the publication (published.py), how an answer is shown.

Where a function takes a CSM, None means every account that the reader may see. Money is USD a month.
"""

from __future__ import annotations

from customer_health.core.sql import read_sql
from customer_health.reading.current import seen_in_words
from customer_health.reading.published import Row, Snapshot

# one account, one row: the scorecard of the outcome that comes first for it
IS_HEADLINE = "is_primary and ($csm is null or csm_id = $csm)"


def grades(snapshot: Snapshot) -> list[Row]:
    """The grades in force, best first: grade, grade_label, colour (#RRGGBB), min_score, meaning, playbook."""
    return snapshot.rows(
        "select grade, grade_label, colour, min_score, meaning, playbook from health.dim_grades "
        "where is_in_force order by min_score desc"
    )


def csms(snapshot: Snapshot) -> list[Row]:
    """Those who have accounts today, by name: csm_id, csm_name, team, weekly_hours, accounts."""
    return snapshot.rows(
        """
        select dim_csms.csm_id, dim_csms.csm_name, dim_csms.team, dim_csms.weekly_hours, count(*) as accounts
        from health.dim_csms
        inner join health.rpt_account_health_current as current on dim_csms.csm_id = current.csm_id and is_primary
        group by all
        order by dim_csms.csm_name, dim_csms.csm_id
        """
    )


def early_interventions(snapshot: Snapshot, csm_id: str | None = None) -> list[Row]:
    """Healthy accounts off their path, the most worth saving first: rows of journey.rpt_early_interventions."""
    return snapshot.rows(
        "select * from journey.rpt_early_interventions where $csm is null or csm_id = $csm order by priority",
        {"csm": csm_id},
    )


def work_queue(snapshot: Snapshot, csm_id: str | None = None) -> list[Row]:
    """What each CSM can do this week within their hours, in the queue's order, with the account's grade and score."""
    return snapshot.rows(
        """
        select queue.*, dim_csms.csm_name, current.shown_grade, current.grade_label, current.health_score
        from journey.rpt_work_queue as queue
        left join health.dim_csms on queue.csm_id = dim_csms.csm_id
        left join health.rpt_account_health_current as current on queue.account_id = current.account_id and is_primary
        where $csm is null or queue.csm_id = $csm
        order by dim_csms.csm_name, queue.csm_id, queue.queue_position
        """,
        {"csm": csm_id},
    )


def accounts(snapshot: Snapshot, csm_id: str | None = None) -> list[Row]:
    """Every account on its headline scorecard, the lowest score first, without a score last: rows of
    health.rpt_account_health_current with the sentences of rpt_account_health_in_words."""
    return snapshot.rows(
        f"select * from {seen_in_words(snapshot)} where {IS_HEADLINE} order by health_score nulls last, account_id",
        {"csm": csm_id},
    )


def renewals_due(snapshot: Snapshot, csm_id: str | None = None, within_days: int | None = None) -> list[Row]:
    """Terms that end soon or have ended unsigned, the nearest first: rows of health.rpt_renewals_due."""
    return snapshot.rows(
        "select * from health.rpt_renewals_due "
        "where ($csm is null or csm_id = $csm) and ($days is null or renews_in_days <= $days) "
        "order by renews_in_days, mrr_due_usd desc nulls last, account_id",
        {"csm": csm_id, "days": within_days},
    )


def totals(snapshot: Snapshot, csm_id: str | None = None) -> Row:
    """The book in numbers: customers, mrr_usd, scored_customers, average_score, customers_at_risk, mrr_at_risk_usd,
    fast_drops, renewals_due, renewals_due_mrr_usd, renewals_at_risk.

    Whoever sees everything reads the whole company's row; anybody else the sum of the CSMs that they may see.
    """
    is_whole = csm_id is None and not snapshot.reader.is_restricted
    level = "company" if is_whole else "csm"
    found = snapshot.row(
        read_sql(__file__, "totals"),
        {"level": level, "csm": csm_id},
    )
    assert found is not None, "an aggregate has a row"
    return found


def by_grade(snapshot: Snapshot, csm_id: str | None = None) -> list[Row]:
    """Accounts and money per shown grade, best first, those without a score last: grade (null), accounts, mrr_usd."""
    return snapshot.rows(
        f"""
        select shown_grade as grade, count(*) as accounts, sum(mrr_usd) as mrr_usd
        from health.rpt_account_health_current
        where {IS_HEADLINE}
        group by 1
        order by shown_grade nulls last
        """,
        {"csm": csm_id},
    )


def at_risk(snapshot: Snapshot, csm_id: str | None = None) -> list[Row]:
    """The accounts that `totals` counts as at risk, the most money first: rows as of `accounts`."""
    return snapshot.rows(
        f"""
        select * from {seen_in_words(snapshot)}
        where {IS_HEADLINE}
            and shown_grade in (select grade from health.dim_grades where is_in_force and band = 'unhealthy')
        order by mrr_usd desc nulls last, account_id
        """,
        {"csm": csm_id},
    )


def grades_by_month(snapshot: Snapshot, csm_id: str | None = None, months: int = 12) -> list[Row]:
    """Accounts per confirmed grade at the end of each month and on the last day: date_day, grade (null), accounts.

    A CSM's months are those of the accounts that are theirs today.
    """
    return snapshot.rows(
        """
        select date_day, grade, count(*) as accounts
        from health.fct_health_scores
        where is_primary
            and ($csm is null or account_id in (select account_id from health.dim_accounts where csm_id = $csm))
            and date_day > $day - to_months(cast($months as integer))
            and (date_day = last_day(date_day) or date_day = $day)
        group by 1, 2
        order by 1, 2
        """,
        {"day": snapshot.as_of, "months": months, "csm": csm_id},
    )


def csm_portfolios(snapshot: Snapshot) -> list[Row]:
    """Each CSM's book, the most money at risk first: rows of health.rpt_csm_portfolio."""
    return snapshot.rows(
        "select * from health.rpt_csm_portfolio where portfolio_level = 'csm' "
        "order by mrr_at_risk_usd desc, csm_name, csm_id"
    )
