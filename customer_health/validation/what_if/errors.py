"""Why a question cannot be answered.

Belongs here: what callers tell apart.
Does not belong here: what to print.
"""

from __future__ import annotations

from collections.abc import Sequence

from customer_health.core.errors import CustomerHealthError


class WhatIfError(CustomerHealthError):
    """The question cannot be answered; the message says why and what to do."""


class NeedsRebuildError(WhatIfError):
    """An edit asks for numbers that nobody has computed yet.

    Attributes:
        reasons: one sentence for each such edit.
    """

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(
            "these edits change the values of metrics, which only a build computes (make refresh): "
            + "; ".join(reasons)
        )

    def __reduce__(self) -> tuple[type[NeedsRebuildError], tuple[Sequence[str]]]:
        """Copied from process to process by its reasons, not by the sentence that they make."""
        return type(self), (self.reasons,)
