"""Groups of accounts that use a product alike, on made-up accounts.

Belongs here: that groups that are there are found, named by what sets them apart, and the same each time.
Does not belong here: what became of a group (validation_groups.yml).
"""

import numpy as np

from customer_health.validation.statistics.clusters import find_clusters

LABELS = ["Days with use", "Depth", "Reports"]


def company(seed: int = 1) -> np.ndarray:
    """30 who use everything, 40 who only look in, 20 who live in the reports and nowhere else."""
    rng = np.random.default_rng(seed)
    kinds = [([90, 80, 85], 30), ([15, 10, 5], 40), ([20, 15, 95], 20)]
    points = np.concatenate([rng.normal(centre, 4, (count, 3)) for centre, count in kinds])
    return np.clip(points, 0, 100)


def test_groups_that_are_there_are_found_and_the_one_that_uses_most_is_first() -> None:
    found = find_clusters(company(), LABELS, min_size=10)
    assert found is not None
    assert found.of_account.tolist() == [1] * 30 + [3] * 40 + [2] * 20
    assert len(found.names) == 3


def test_a_group_is_named_by_what_sets_it_apart_in_points_beside_all_accounts() -> None:
    found = find_clusters(company(), LABELS, min_size=10)
    assert found is not None
    heavy, reporting, rare = found.names
    assert heavy.startswith("Much in “Depth”") or heavy.startswith("Much in “Days with use”")
    assert "in “Reports” (93 of 100 points, all accounts 51)" in reporting
    assert rare.startswith("Little in “Reports”")


def test_the_same_accounts_give_the_same_groups() -> None:
    first, second = (find_clusters(company(), LABELS, min_size=10) for _ in range(2))
    assert first is not None and second is not None
    assert first.of_account.tolist() == second.of_account.tolist() and first.names == second.names


def test_what_is_not_known_makes_nobody_a_stranger() -> None:
    """An account without a number stands in the middle of that metric, and is grouped by the others."""
    points = company()
    points[0, 0] = points[35, 1] = np.nan
    found = find_clusters(points, LABELS, min_size=10)
    assert found is not None
    assert (found.of_account[0], found.of_account[35]) == (1, 3)


def test_too_few_accounts_or_accounts_that_are_all_alike_have_no_groups() -> None:
    assert find_clusters(company()[:15], LABELS, min_size=10) is None
    assert find_clusters(np.full((50, 3), 40.0), LABELS, min_size=10) is None
    assert find_clusters(np.full((50, 3), np.nan), LABELS, min_size=10) is None
    assert find_clusters(np.empty((0, 3)), LABELS, min_size=10) is None


def test_no_group_is_smaller_than_what_may_be_shown() -> None:
    points = np.concatenate([company(), np.full((4, 3), [100, 0, 0])])
    found = find_clusters(points, LABELS, min_size=10)
    assert found is not None
    assert np.bincount(found.of_account)[1:].min() >= 10
