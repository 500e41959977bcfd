"""Compare how often something happens with and without a sign, within strata, as one Mantel-Haenszel risk ratio.

Belongs here: the pooled ratio, its interval and its test, for independent observations and for repeated ones.
Does not belong here: what an event, a sign or a stratum is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

# SQL has it from the macro z_95
Z_95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class RiskRatio:
    """Risk with the sign over risk without it, pooled over strata; the ratio is nan where it cannot be told."""

    ratio: float
    low: float
    high: float
    p_value: float
    exposed: int
    exposed_events: int
    unexposed: int
    unexposed_events: int

    def __str__(self) -> str:
        return f"{self.ratio:.2f} (95% {self.low:.2f} to {self.high:.2f})"


@dataclass(frozen=True)
class _Observations:
    """Observations with what their stratum holds: sizes, exposed share and event share."""

    stratum: NDArray[np.int64]
    exposed: NDArray[np.float64]
    event: NDArray[np.float64]
    exposed_in_stratum: NDArray[np.float64]
    unexposed_in_stratum: NDArray[np.float64]
    exposed_events_in_stratum: NDArray[np.float64]
    unexposed_events_in_stratum: NDArray[np.float64]

    @property
    def size_of_stratum(self) -> NDArray[np.float64]:
        return self.exposed_in_stratum + self.unexposed_in_stratum

    @property
    def risk_parts(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Per stratum, what it adds to the numerator and to the denominator of the pooled ratio."""
        size = self.size_of_stratum
        return (
            self.exposed_events_in_stratum * self.unexposed_in_stratum / size,
            self.unexposed_events_in_stratum * self.exposed_in_stratum / size,
        )


def _observe(strata: ArrayLike, exposed: ArrayLike, event: ArrayLike) -> _Observations:
    names = np.asarray(strata)
    _, stratum = np.unique(names, return_inverse=True)
    with_sign = np.asarray(exposed, dtype=np.float64)
    happened = np.asarray(event, dtype=np.float64)
    if not len(names) == len(with_sign) == len(happened):
        raise ValueError("strata, exposed and event must be of one length")

    def total(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(stratum, weights=weights)

    return _Observations(
        stratum,
        with_sign,
        happened,
        total(with_sign),
        total(1 - with_sign),
        total(with_sign * happened),
        total((1 - with_sign) * happened),
    )


def pooled_risk_ratio(strata: ArrayLike, exposed: ArrayLike, event: ArrayLike) -> RiskRatio:
    """Mantel-Haenszel ratio of independent observations, with the variance of Greenland and Robins (1985).

    That variance of the ratio's logarithm holds for few large strata and for many sparse ones alike.
    """
    seen = _observe(strata, exposed, event)
    above, below = (part.sum() for part in seen.risk_parts)
    if above == 0 or below == 0:
        return _result(seen, above, below, math.nan, math.nan)
    size = seen.size_of_stratum
    events = seen.exposed_events_in_stratum + seen.unexposed_events_in_stratum
    spread = (
        seen.exposed_in_stratum * seen.unexposed_in_stratum * events
        - seen.exposed_events_in_stratum * seen.unexposed_events_in_stratum * size
    ) / size**2
    deviation = math.sqrt(spread.sum() / (above * below))
    return _result(seen, above, below, deviation, math.log(above / below) / deviation)


def clustered_risk_ratio(
    strata: ArrayLike, exposed: ArrayLike, event: ArrayLike, cluster: ArrayLike, period: ArrayLike
) -> RiskRatio:
    """The same ratio where one account is observed again and again, in periods that are numbered.

    One account that churns within the horizon of six observations is one departure, not six. The test is the one of
    Mantel and Haenszel: observed less expected events with the sign, were the sign without meaning. Its variance is
    what the sum would then have, with the observations of an account as alike as those of all accounts are at that
    distance in time; were they independent, it would be the usual one. (A variance of whole-account sums would hold
    the very departures that are tested, and could never show more than the square root of their number.) The interval
    is that of the linearised logarithm of the ratio, summed over whole accounts.
    """
    seen = _observe(strata, exposed, event)
    _, accounts = np.unique(np.asarray(cluster), return_inverse=True)
    above, below = (part.sum() for part in seen.risk_parts)
    if above == 0 or below == 0:
        return _result(seen, above, below, math.nan, math.nan)

    def of(per_stratum: NDArray[np.float64]) -> NDArray[np.float64]:
        return per_stratum[seen.stratum]

    size = of(seen.size_of_stratum)
    exposed_share = of(seen.exposed_in_stratum) / size
    event_share = of(seen.exposed_events_in_stratum + seen.unexposed_events_in_stratum) / size
    z_score = _null_z_score(
        seen.exposed - exposed_share,
        seen.event - event_share,
        np.sqrt(event_share * (1 - event_share) * size / np.maximum(size - 1, 1)),
        accounts,
        np.asarray(period),
    )

    # strata without one of the sides add nothing to the ratio, and so nothing to its variance
    with np.errstate(invalid="ignore", divide="ignore"):
        risk_exposed = np.nan_to_num(of(seen.exposed_events_in_stratum / seen.exposed_in_stratum))
        risk_unexposed = np.nan_to_num(of(seen.unexposed_events_in_stratum / seen.unexposed_in_stratum))
    pull = seen.exposed * (seen.event - risk_exposed) * (1 - exposed_share) / above
    push = (1 - seen.exposed) * (seen.event - risk_unexposed) * exposed_share / below
    influence = np.bincount(accounts, weights=pull - push)
    return _result(seen, above, below, math.sqrt((influence**2).sum()), z_score)


def _null_z_score(
    exposed: NDArray[np.float64],
    event: NDArray[np.float64],
    deviation: NDArray[np.float64],
    accounts: NDArray[np.int64],
    period: NDArray[np.int64],
) -> float:
    """Sum of exposed x event (both less their stratum's share), in deviations of that sum without any link."""
    order = np.lexsort((period, accounts))
    exposed, event, deviation = exposed[order], event[order], deviation[order]
    accounts, period = accounts[order], period[order]
    weight = exposed * deviation
    standard = np.divide(event, deviation, out=np.zeros_like(event), where=deviation > 0)
    variance = (weight**2).sum()
    alike: dict[int, float] = {}
    pairs: dict[int, int] = {}
    shared: dict[int, float] = {}
    for apart in range(1, len(accounts)):
        same = np.flatnonzero(accounts[apart:] == accounts[:-apart])
        if not len(same):
            break
        distance = period[same + apart] - period[same]
        known = (deviation[same] > 0) & (deviation[same + apart] > 0)
        for lag in np.unique(distance).tolist():
            at = same[(distance == lag) & known]
            alike[lag] = alike.get(lag, 0.0) + float((standard[at] * standard[at + apart]).sum())
            pairs[lag] = pairs.get(lag, 0) + len(at)
            shared[lag] = shared.get(lag, 0.0) + float((weight[at] * weight[at + apart]).sum())
    # what is alike by less than nothing is chance: it must not make the test sharper
    variance += 2 * sum(max(alike[lag] / pairs[lag], 0.0) * shared[lag] for lag in alike if pairs[lag])
    return float((exposed * event).sum() / math.sqrt(variance))


def _result(seen: _Observations, above: float, below: float, deviation: float, z_score: float) -> RiskRatio:
    ratio = above / below if below > 0 else math.nan
    log_ratio = math.log(ratio) if ratio > 0 else math.nan
    return RiskRatio(
        ratio=ratio,
        low=math.exp(log_ratio - Z_95 * deviation),
        high=math.exp(log_ratio + Z_95 * deviation),
        p_value=math.erfc(abs(z_score) / math.sqrt(2)),
        exposed=int(seen.exposed.sum()),
        exposed_events=int((seen.exposed * seen.event).sum()),
        unexposed=int((1 - seen.exposed).sum()),
        unexposed_events=int(((1 - seen.exposed) * seen.event).sum()),
    )
