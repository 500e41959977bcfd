"""Random numbers by name, so that one part of the company can change without moving the others.

Belongs here: seeding, and the few draws that several parts share.
Does not belong here: any behaviour.
"""

from __future__ import annotations

import zlib

import numpy as np

NULL = np.iinfo(np.int64).min  # "no time yet" in arrays of seconds or days
NEVER = 1_000_000  # a day no window reaches


def stream(seed: int, *labels: object) -> np.random.Generator:
    """The generator that belongs to these labels, whatever was drawn elsewhere before."""
    words = [zlib.crc32(str(label).encode()) for label in labels]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


def pick(rng: np.random.Generator, shares: list[float], size: int) -> np.ndarray:
    """Positions drawn with the given shares."""
    edges = np.cumsum(np.asarray(shares, dtype=float))
    drawn = np.searchsorted(edges / edges[-1], rng.random(size), side="right")
    return np.minimum(drawn, len(shares) - 1)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-x))


def add_months(days: np.ndarray, months: np.ndarray | int) -> np.ndarray:
    """The same day of a later month; expects days of the month up to 28."""
    month = days.astype("datetime64[M]")
    day_of_month = days - month.astype("datetime64[D]")
    return (month + months).astype("datetime64[D]") + day_of_month


def labels(prefix: str, numbers: np.ndarray, width: int) -> np.ndarray:
    """Ids such as `tic_000012`."""
    return np.array([f"{prefix}{number:0{width}d}" for number in numbers.tolist()], dtype=object)


def columns_of(rows: list[tuple], width: int) -> list[np.ndarray]:
    """Rows turned into columns, also when there are none."""
    return [np.array(column, dtype=object) for column in zip(*rows, strict=True)] or [
        np.empty(0, dtype=object) for _ in range(width)
    ]
