"""Numbers and statuses as people read them, in the words that the marts use (macros/words.sql).

Belongs here: a value with its unit, a signed number of points, money, a share, why a number is missing.
Does not belong here: HTML (dashboard/markup.py), or which number is shown.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

Number = float | int | Decimal

MISSING = {
    "stale": "last known too long ago",
    "too_early": "too early to tell",
    "not_instrumented": "not recorded for this account",
    "no_base": "no data in its period",
    "not_applicable": "not applicable",
}
EFFECTS = {
    "behaviour": "what the customer does",
    "peers": "peers moved",
    "benchmark": "another benchmark applies",
    "coverage": "what is known changed",
    "configuration": "the scorecard changed",
    "rule": "a rule",
    "score_appeared": "the score appeared",
    "score_ended": "the score ended",
}
MILESTONE_STATUSES = {
    "reached_on_time": "reached in time",
    "reached_late": "reached late",
    "upcoming": "ahead",
    "due": "due now",
    "late": "late",
    "missed": "missed",
    "not_applicable": "not asked",
}


def number(value: Number) -> str:
    """1,234 · 58 · 4.1 · 0.31: as many digits as say something."""
    if abs(value) >= 10 or value == _rounded(value):
        return f"{_rounded(value):,.0f}"
    return f"{_rounded(value, 1) if abs(value) >= 1 else _rounded(value, 2)}"


def percent(value: float) -> str:
    """A number from 0 to 100 as a share: 38 % · 6.6 %."""
    digits = 0 if abs(value) >= 10 or abs(value - float(_rounded(value))) < 1e-9 else 1
    return f"{_rounded(value, digits):,} %"


def share(value: Number | None) -> str:
    """A number from 0 to 1 as a share; – where there is none."""
    return "–" if value is None else percent(float(value) * 100)


def signed(points: Number) -> str:
    """Points that a score gains or loses: +4.1 · -0.3 · 0.0."""
    rounded = _rounded(points, 1)
    return f"+{rounded}" if rounded > 0 else f"{rounded + 0}"


def usd(amount: Number | None) -> str:
    """Money without cents; – where there is none."""
    return "–" if amount is None else f"{_rounded(amount):,.0f} USD"


def counted(count: int, noun: str) -> str:
    """1 account · 3 accounts."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def metric_value(value: Number | None, unit: str | None, aggregation: str | None) -> str:
    """The value of a metric with its unit; what its label says already (events, tickets, seats) is not repeated."""
    if value is None:
        return "not known"
    if unit == "flag":
        return "yes" if value >= 1 else "no"
    sign = "+" if aggregation == "change" and value > 0 else ""
    if unit == "pct":
        return sign + percent(value)
    if unit == "days":
        days = "day" if abs(value) == 1 else "days"
        if aggregation == "age_days" and value < 0:
            # counted from a day that is still to come
            return f"{number(-value)} {days} to go"
        return f"{sign}{number(value)} {days}"
    return f"{sign}{number(value)} USD" if unit == "usd" else sign + number(value)


def ahead(days: int | None) -> str:
    """How an account rides: 12 days ahead of its path · 40 days behind its path."""
    if days is None:
        return "nothing to be measured by yet"
    if days == 0:
        return "on its path"
    return f"{counted(abs(days), 'day')} {'ahead of' if days > 0 else 'behind'} its path"


def _rounded(value: Number, digits: int = 0) -> Decimal:
    # half away from zero, as the engine rounds
    rounded = Decimal(repr(value) if isinstance(value, float) else value).quantize(
        Decimal(1).scaleb(-digits), ROUND_HALF_UP
    )
    # no "-0"
    return rounded if rounded else abs(rounded)
