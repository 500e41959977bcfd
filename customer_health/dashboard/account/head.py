"""The head of the account page: how healthy, what next, how sure.

Belongs here: these three answers as cards.
Does not belong here: why it is so (parts.py), which scorecard (dashboard/pages/account.py).
"""

from __future__ import annotations

from customer_health.dashboard.markup import badge, escaped
from customer_health.reading import accounts, words
from customer_health.reading.published import Row, Snapshot


def head(snapshot: Snapshot, standing: Row) -> str:
    """Three cards side by side."""
    cards = (_healthy(standing), _next(snapshot, standing), _sure(snapshot, standing))
    return f'<div class="cards">{"".join(cards)}</div>'


def _healthy(standing: Row) -> str:
    score = standing["health_score"]
    shown = f'<span class="score">{score:.1f}</span> <span class="subtitle">of 100</span>' if score is not None else ""
    grade = badge(standing["shown_grade"], standing["grade_label"], standing["colour"], "large")
    lines = [f"<p>{escaped(standing['grade_meaning'])}.</p>", _since(standing), _renewal(standing)]
    for note in ("grade_note", "override_in_words", "rule_in_words"):
        if standing[note]:
            lines.append(f'<p class="remark">{escaped(standing[note])}.</p>')
    return _card("How healthy", f'<div class="standing">{grade}<span>{shown}</span></div>{"".join(lines)}')


def _since(standing: Row) -> str:
    if standing["change_28d_points"] is None:
        return ""
    fast = f", a fast drop since {standing['fast_drop_since_on']}" if standing["is_fast_drop"] else ""
    change = f"<b>{words.signed(standing['change_28d_points'])}</b> points in 28 days{fast}"
    cause = standing["main_cause_28d"]
    return f"<p>{change}: {escaped(cause)}.</p>" if cause else f"<p>{change}.</p>"


def _renewal(standing: Row) -> str:
    chance = standing["renewal_probability"]
    if chance is None:
        return ""
    limits = " to ".join(words.share(standing[f"renewal_probability_{end}"]) for end in ("low", "high"))
    paid = "of customers with this grade still paid at the end of the renewal horizon"
    return f"<p><b>{words.share(chance)}</b> {paid} ({limits}).</p>"


def _next(snapshot: Snapshot, standing: Row) -> str:
    lines = [f"<p>{escaped(standing['next_step'])}.</p>"]
    step = accounts.next_milestone_step(snapshot, standing["account_id"])
    if step:
        past = step["days_past_expected"]
        when = f"{words.counted(past, 'day')} past its day" if past > 0 else f"expected {step['expected_on']}"
        lines.append(
            f"<p>On the path: <b>{escaped(step['milestone_label'])}</b>, {escaped(when)}."
            f" {escaped(step['playbook_label'])}: {escaped(step['action'])} ({step['hours']:g} hours).</p>"
        )
    elif standing["next_milestone"]:
        lines.append("<p>Its next milestone is not in this week's queue.</p>")
    return _card("What next", "".join(lines))


def _sure(snapshot: Snapshot, standing: Row) -> str:
    coverage = standing["score_coverage"] or 0
    bar = f'<div class="track"><i style="width:{100 * coverage:.0f}%"></i></div>'
    confidence = standing["confidence"]
    lines = [bar, f"<p>{escaped(confidence[:1].upper() + confidence[1:])}.</p>"]
    if standing["not_known"]:
        lines.append(f'<p class="subtitle">Not known: {escaped(standing["not_known"])}.</p>')
    lines.append(f"<p>{escaped(_freshness(snapshot, standing))}</p>")
    return _card("How sure", "".join(lines))


def _freshness(snapshot: Snapshot, standing: Row) -> str:
    sources = accounts.freshness(snapshot, standing["scorecard"], standing["scorecard_version"])
    old = [row for row in sources if row["last_measured_on"] < snapshot.as_of]
    if not sources:
        return "When its sources last delivered is not known."
    if not old:
        return f"All {words.counted(len(sources), 'source')} delivered facts of {snapshot.as_of}."
    said = ", ".join(f"{row['source']} of {row['last_measured_on']}" for row in old)
    return f"Newest facts: {said}; the others of {snapshot.as_of}."


def _card(title: str, inside: str) -> str:
    return f'<section class="card"><h3>{escaped(title)}</h3>{inside}</section>'
