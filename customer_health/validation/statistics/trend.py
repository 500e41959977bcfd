"""Does a rate rise along an order, where one account is observed again and again?

Belongs here: the slope, and its test with the observations of an account summed before their variance is taken.
Does not belong here: what is ordered, and what is counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Trend:
    """By how much the rate rises from one step to the next, and how probable such a rise is by luck (one-sided)."""

    slope: float
    z_score: float
    p_value: float


def clustered_trend(step: ArrayLike, event: ArrayLike, cluster: ArrayLike) -> Trend:
    """Least squares through 0 and 1, with the sandwich variance over whole clusters; nan where nothing differs."""
    places = np.asarray(step, dtype=np.float64)
    happened = np.asarray(event, dtype=np.float64)
    _, accounts = np.unique(np.asarray(cluster), return_inverse=True)
    centred = places - places.mean()
    width = float((centred**2).sum())
    if width == 0 or happened.min() == happened.max():
        return Trend(math.nan, math.nan, math.nan)
    slope = float((centred * happened).sum() / width)
    left_over = happened - happened.mean() - slope * centred
    influence = np.bincount(accounts, weights=centred * left_over)
    clusters = len(influence)
    deviation = math.sqrt(clusters / (clusters - 1) * float((influence**2).sum())) / width
    z_score = slope / deviation if deviation > 0 else math.inf * slope
    return Trend(slope, z_score, 0.5 * math.erfc(z_score / math.sqrt(2)))
