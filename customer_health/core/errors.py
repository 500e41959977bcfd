"""How anything stops that somebody has asked for.

Belongs here: the kinds of stop that several packages tell apart.
Does not belong here: what the message says (whoever stops).
"""

from __future__ import annotations


class CustomerHealthError(Exception):
    """Something that was asked for cannot be done; the message says why and what to do."""


class RefreshError(CustomerHealthError):
    """A refresh stopped; the message says at which step and what to do."""


class TransientError(RefreshError):
    """It stopped for a reason that passes by itself: a lock, or a fault of the engine's own. Trying again may help."""


class HeldError(RefreshError):
    """The build is whole, but the gate does not let it out; readers keep the last good publication."""
