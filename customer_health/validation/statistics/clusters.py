"""Accounts that use the product alike, in a few groups that are named by what sets them apart.

Belongs here: finding the groups, their order and their names in plain words.
Does not belong here: which accounts and metrics (models/intermediate/validation/int_usage_clusters.py), what became of
each group (models/marts/validation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEWEST, MOST = 2, 5
# silhouettes of a few thousand say the same as those of all, which would take their square in time
SILHOUETTE_SAMPLE = 2000
# a difference that people would see: a third of what accounts differ by
NOTABLE = 1 / 3
NAMED = 2


@dataclass(frozen=True)
class Clusters:
    """Groups of accounts.

    Attributes:
        of_account: n numbers from 1 on, the group that uses most first.
        names: one per group.
    """

    of_account: NDArray[np.int64]
    names: tuple[str, ...]


def find_clusters(points: NDArray[np.float64], labels: Sequence[str], min_size: int) -> Clusters | None:
    """Two to five groups, as many as are set apart best; None where there are too few accounts, or they are all alike.

    The same rows in the same order give the same groups.

    Args:
        points: n x m, 0 to 100, nan where a metric is not known: it then stands where the others stand on average.
        labels: m names of metrics, as people read them.
        min_size: a smaller group would be a figure of persons.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score
    from threadpoolctl import threadpool_limits

    known = ~np.isnan(points)
    told = known.any(axis=0)
    points, names = points[:, told], [label for label, is_told in zip(labels, told, strict=True) if is_told]
    mean = np.nanmean(points, axis=0) if len(points) else np.zeros(points.shape[1])
    filled = np.where(np.isnan(points), mean, points)
    spread = filled.std(axis=0) if len(points) else mean
    varies = spread > 0
    if len(points) < FEWEST * min_size or not varies.any():
        return None
    standard = (filled[:, varies] - mean[varies]) / spread[varies]
    best: tuple[float, NDArray[np.int64]] | None = None
    # more threads would add up the same numbers in another order
    with threadpool_limits(limits=1):
        for count in range(FEWEST, min(MOST, len(points) // min_size) + 1):
            found = KMeans(count, n_init=10, random_state=0).fit(standard).labels_
            if len(np.unique(found)) < count or np.bincount(found).min() < min_size:
                continue
            apart = silhouette_score(standard, found, sample_size=min(SILHOUETTE_SAMPLE, len(found)), random_state=0)
            if best is None or apart > best[0]:
                best = (apart, found)
    if best is None:
        return None
    return _named(
        best[1], filled[:, varies], standard, [name for name, is_used in zip(names, varies, strict=True) if is_used]
    )


def _named(
    found: NDArray[np.int64], points: NDArray[np.float64], standard: NDArray[np.float64], labels: Sequence[str]
) -> Clusters:
    count = found.max() + 1
    order = sorted(range(count), key=lambda group: -points[found == group].mean())
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(1, count + 1)
    names = tuple(_name(points[found == group], standard[found == group], points, labels) for group in order)
    return Clusters(place[found], names)


def _name(
    inside: NDArray[np.float64], standard: NDArray[np.float64], everybody: NDArray[np.float64], labels: Sequence[str]
) -> str:
    """What sets a group apart most, with its points beside those of all accounts."""
    apart = standard.mean(axis=0)
    notable = [at for at in np.argsort(-np.abs(apart), kind="stable") if abs(apart[at]) >= NOTABLE][:NAMED]
    if not notable:
        return "Like the average customer"
    said = [
        f"{'much' if apart[at] > 0 else 'little'} in “{labels[at]}”"
        f" ({inside[:, at].mean():.0f} of 100 points, all accounts {everybody[:, at].mean():.0f})"
        for at in notable
    ]
    text = ", ".join(said)
    return text[0].upper() + text[1:]
