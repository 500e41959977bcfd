"""How well a risk ranks those to whom it happens above those to whom it does not.

Belongs here: area under the curve, lift, ranks within groups.
Does not belong here: what is ranked, and on which days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


def ranks(values: ArrayLike) -> NDArray[np.float64]:
    """Ranks from 1; equal values share the mean of theirs."""
    array = np.asarray(values, dtype=np.float64)
    _, place, counts = np.unique(array, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[place]


def ranks_within(groups: ArrayLike, values: ArrayLike) -> NDArray[np.float64]:
    """Ranks between 0 and 1 within each group, so that groups of another size or level can be pooled."""
    names, array = np.asarray(groups), np.asarray(values, dtype=np.float64)
    result = np.empty(len(array))
    for name in np.unique(names):
        members = names == name
        result[members] = (ranks(array[members]) - 0.5) / members.sum()
    return result


def area_under_curve(risk: ArrayLike, event: ArrayLike) -> float:
    """Probability that an observation with the event has the higher risk than one without; ties count half."""
    happened = np.asarray(event, dtype=bool)
    with_event, without = happened.sum(), (~happened).sum()
    if not with_event or not without:
        return float("nan")
    placed = ranks(risk)[happened].sum()
    return float((placed - with_event * (with_event + 1) / 2) / (with_event * without))


def top_lift(risk: ArrayLike, event: ArrayLike, share: float = 0.1) -> float:
    """Event rate of the `share` with the highest risk over that of all; ties at the border count by their mean rate."""
    array, happened = np.asarray(risk, dtype=np.float64), np.asarray(event, dtype=np.float64)
    if not happened.sum():
        return float("nan")
    wanted = share * len(array)
    border = np.sort(array)[::-1][max(0, int(np.ceil(wanted)) - 1)]
    above, at_border = array > border, array == border
    inside = happened[above].sum() + happened[at_border].mean() * (wanted - above.sum())
    return float(inside / wanted / happened.mean())


@dataclass(frozen=True)
class Difference:
    """A difference between two rankings, with the middle 95% of its bootstrap."""

    value: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        return f"{self.value:{spec}} (95% {self.low:{spec}} to {self.high:{spec}})"


def bootstrap_difference(
    statistic: Callable[[ArrayLike, ArrayLike], float],
    first: ArrayLike,
    second: ArrayLike,
    event: ArrayLike,
    cluster: ArrayLike,
    resamples: int = 1000,
    seed: int = 1,
) -> Difference:
    """How much better `first` ranks than `second` on the same observations; clusters are drawn whole."""
    one, other, happened = np.asarray(first), np.asarray(second), np.asarray(event, dtype=bool)
    _, place = np.unique(np.asarray(cluster), return_inverse=True)
    order = np.argsort(place, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(place[order])) + 1)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        rows = np.concatenate([members[cluster_] for cluster_ in rng.integers(0, len(members), len(members))])
        drawn.append(statistic(one[rows], happened[rows]) - statistic(other[rows], happened[rows]))
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Difference(statistic(one, happened) - statistic(other, happened), float(low), float(high))
