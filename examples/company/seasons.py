"""The company's year.

Belongs here: what the calendar alone does to activity.
Does not belong here: anything about single customers.
"""

from __future__ import annotations

import numpy as np


def season(calendar: np.ndarray) -> np.ndarray:
    """Share of the usual activity: August is quiet, the weeks around the turn of the year more so."""
    month = calendar.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (calendar - calendar.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    factor = np.ones(len(calendar))
    factor[month == 8] = 0.78
    factor[month == 7] = 0.92
    factor[(month == 12) & (day >= 15)] = 0.7
    factor[((month == 12) & (day >= 23)) | ((month == 1) & (day <= 3))] = 0.3
    return factor


def weekday(calendar: np.ndarray) -> np.ndarray:
    """Monday is 0."""
    return (calendar.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
