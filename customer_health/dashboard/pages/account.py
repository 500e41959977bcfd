"""One account: how healthy, what next, how sure; why; what changed; where on its path; what people say.

Belongs here: the order of these answers, and which scorecard they are given for.
Does not belong here: SQL (reading/accounts.py), how single parts look (dashboard/account/parts.py,
dashboard/account/charts.py, dashboard/account/course.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from markupsafe import Markup

from customer_health.dashboard import frame, tables, theme
from customer_health.dashboard.account import charts as account_charts
from customer_health.dashboard.account import course
from customer_health.dashboard.account import parts as account_parts
from customer_health.dashboard.account.head import head
from customer_health.dashboard.choices import grade_badges, pick
from customer_health.dashboard.markup import account_link, bullets, paragraph, subtitle
from customer_health.dashboard.tables import Column
from customer_health.reading import accounts, book, words
from customer_health.reading.published import Row, Snapshot

SPANS = {str(days): f"{days} days" for days in accounts.DAYS_BACK}


def show(snapshot: Snapshot) -> None:
    account_id = st.query_params.get("account", "").strip()
    found = accounts.account(snapshot, account_id) if account_id else None
    if found is None:
        _choose(snapshot, account_id)
        return
    standings = accounts.standings(snapshot, account_id)
    _title(snapshot, found)
    if not standings:
        frame.nothing(_not_a_customer(found))
        return
    standing = _choose_scorecard(standings)
    rows = accounts.contributions(snapshot, account_id, standing["scorecard"])
    st.html(head(snapshot, standing))
    why, moved = st.columns([7, 5], gap="large")
    with why:
        _why(rows, standing)
    with moved:
        _history(snapshot, account_id, standing)
        _changes(snapshot, account_id, standing)
    _journey(snapshot, account_id, standing)
    left, right = st.columns([7, 5], gap="large")
    with left:
        frame.section("Pulse and surveys beside behaviour", "weighted points of 100 on this scorecard")
        st.html(account_parts.views(rows, accounts.sentiment(snapshot, account_id)))
    with right:
        _scorecards(snapshot, standings)
        _findings(snapshot, account_id, standing)


def _choose(snapshot: Snapshot, account_id: str) -> None:
    frame.heading("Account", "Find one by its name or id")
    if account_id:
        frame.nothing(f"There is no account '{account_id}' among those that you can see.")
    _find(snapshot)
    frame.section("Lowest scores", "headline scorecard")
    shown = grade_badges(snapshot)
    rows = [row for row in book.accounts(snapshot) if row["health_score"] is not None][:12]
    columns = [
        Column("Account", lambda row: account_link(row["account_id"], row["account_name"])),
        Column("Grade", lambda row: shown(row["shown_grade"]), "short"),
        Column("Score", tables.number("health_score", "{:.1f}"), "number"),
        Column("MRR, USD", tables.number("mrr_usd"), "number"),
        Column("CSM", tables.text("csm_name"), "short"),
    ]
    st.html(tables.table(rows, columns) if rows else paragraph("No account has a score.", "nothing"))


def _find(snapshot: Snapshot) -> None:
    wanted = st.text_input("Find an account", placeholder="Name or id", key="find", width=320)
    if not wanted.strip():
        return
    hits = accounts.find(snapshot, wanted)
    if not hits:
        frame.nothing(f"No account that you can see holds '{wanted.strip()}' in its name or id.")
        return
    st.html(bullets(map(_hit, hits), "hits"))


def _hit(row: Row) -> Markup:
    now = words.usd(row["mrr_usd"]) + " a month" if row["is_customer"] else "not a customer today"
    known = [row["account_id"], row["segment"], now, row["csm_name"]]
    link = account_link(row["account_id"], row["account_name"])
    return Markup("{} {}").format(link, subtitle(" · ".join(filter(None, known))))


def _title(snapshot: Snapshot, found: Row) -> None:
    seats = words.counted(int(found["seats"]), "seat") if found["seats"] else None
    facts = [
        found["account_id"],
        found["segment"],
        found["csm_name"] and f"CSM {found['csm_name']}",
        f"customer for {words.counted(found['tenure_days'], 'day')}" if found["is_customer"] else None,
        f"{words.usd(found['mrr_usd'])} a month" if found["is_customer"] else None,
        seats,
    ]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        frame.heading(found["account_name"] or found["account_id"], " · ".join(filter(None, facts)))
    with right, st.popover("Another account", width="stretch"):
        _find(snapshot)


def _not_a_customer(found: Row) -> str:
    if found["last_customer_on"]:
        return f"This account was a customer until {found['last_customer_on']}, and has no score today."
    return "This account is not a customer yet, so there is nothing to score."


def _choose_scorecard(standings: Sequence[Row]) -> Row:
    by_name = {row["scorecard"]: row for row in standings}
    if len(by_name) == 1:
        return standings[0]
    headline = standings[0]["scorecard"]
    options = {name: _standing_in_words(row) for name, row in by_name.items()}
    return by_name[pick("scorecard", options, headline, standings[0]["account_id"])]


def _standing_in_words(row: Row) -> str:
    score = "no score" if row["health_score"] is None else f"{row['shown_grade']} {row['health_score']:.1f}"
    return f"{row['outcome_label']}: {score}"


def _why(rows: Sequence[Row], standing: Row) -> None:
    version = f"scorecard {standing['scorecard']}, version {standing['scorecard_version']}; largest loss first"
    frame.section("Why it is so", version)
    st.html(account_parts.contributions(rows, standing))


def _history(snapshot: Snapshot, account_id: str, standing: Row) -> None:
    days = accounts.history(snapshot, account_id, standing["scorecard"])
    marks = accounts.history_marks(snapshot, account_id, standing["scorecard"])
    scored = [row["health_score"] for row in days if row["health_score"] is not None]
    frame.section("History", _range(scored))
    if not scored:
        frame.nothing("There has been no score yet.")
        return
    chart = account_charts.history(days, marks, book.grades(snapshot))
    theme.draw(chart, f"Score from {days[0]['date_day']} to {days[-1]['date_day']}: {_range(scored)}")
    if marks:
        said = "; ".join(account_charts.mark_in_words(mark) for mark in marks[-4:])
        st.html(paragraph(Markup('<span class="dash"></span> {}').format(said), "subtitle"))


def _range(scored: Sequence[float]) -> str:
    if not scored:
        return ""
    return f"{words.counted(len(scored), 'day')}, from {min(scored):.1f} to {max(scored):.1f}, now {scored[-1]:.1f}"


def _changes(snapshot: Snapshot, account_id: str, standing: Row) -> None:
    frame.section("Why it moved")
    days_back = int(pick("days", SPANS, "28"))
    moved = accounts.changes(snapshot, account_id, standing["scorecard"], days_back)
    st.html(account_parts.changes(moved, days_back))


def _journey(snapshot: Snapshot, account_id: str, standing: Row) -> None:
    outcome = standing["desired_outcome"]
    milestones = accounts.milestones(snapshot, account_id, outcome)
    today = accounts.path_today(snapshot, account_id, outcome)
    on_course = course.course_of(milestones, today, snapshot.as_of) if today else None
    if on_course is None:
        frame.section("Where on the path")
        frame.nothing("No path is laid out for this outcome.")
        return
    frame.section(f"Where on the path: {standing['outcome_label']}", on_course.in_words)
    with st.container(key="course"):
        theme.draw(course.profile(on_course), on_course.in_words)
    legend = (
        "● in time  ● late (orange)  ○ ahead or due  △ late and open  ◆ the account today; summits are value moments"
    )
    st.html(paragraph(legend, "subtitle legend"))
    with st.expander("The milestones in words"):
        st.html(tables.table(milestones, _milestone_columns()))


def _milestone_columns() -> list[Column]:
    return [
        Column("Milestone", lambda row: row["label"] + (" ▲ value" if row["is_value_moment"] else "")),
        Column("Stage", tables.text("stage")),
        Column("Expected", tables.text("expected_on", "after the one before"), "short"),
        Column("Late after", tables.text("late_after_on"), "short"),
        Column("Reached", tables.text("reached_on"), "short"),
        Column("Days late", tables.number("days_late"), "number"),
        Column("Status", lambda row: words.MILESTONE_STATUSES[row["milestone_status"]], "short"),
    ]


def _scorecards(snapshot: Snapshot, standings: Sequence[Row]) -> None:
    frame.section("All scorecards of this account")
    shown = grade_badges(snapshot)
    columns = [
        Column("Outcome", lambda row: account_link(row["account_id"], row["outcome_label"], row["scorecard"])),
        Column("Grade", lambda row: shown(row["shown_grade"]), "short"),
        Column("Score", tables.number("health_score", "{:.1f}"), "number"),
        Column("28 days", lambda row: _signed(row["change_28d_points"]), "number"),
        Column("Known", lambda row: words.share(row["score_coverage"]), "number"),
        Column("Path", lambda row: words.ahead(row["days_ahead"])),
    ]
    st.html(tables.table(standings, columns))


def _signed(points: float | None) -> str:
    return "–" if points is None else words.signed(points)


def _findings(snapshot: Snapshot, account_id: str, standing: Row) -> None:
    found = accounts.findings(snapshot, account_id, standing["scorecard"], standing["scorecard_version"])
    if found:
        with st.expander(f"{words.counted(len(found), 'finding')} about the metrics of this scorecard"):
            st.html(bullets(f"{row['label'] or row['entity']}: {row['detail'] or ''}" for row in found))
