"""Whose eyes an assistant reads with, and what it reads from.

Belongs here: identity, the current publication, where an answer comes from, faults in words.
Does not belong here: what is asked (the tools), who may see which rows (reading/access.py).
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from customer_health.assistants.words import OptionalText, quoted
from customer_health.core.settings import Settings
from customer_health.publication.publish import staleness
from customer_health.reading.access import ACCESS_VARIABLE, AccessError, Reader, reader_named
from customer_health.reading.published import NothingPublishedError, Publications, Snapshot
from customer_health.reading.search import UnknownAccountError, account_id_of

IDENTITY_VARIABLE = "CUSTOMER_HEALTH_IDENTITY"


class Source(BaseModel):
    """Where the numbers of an answer are stored."""

    publication_id: str
    published_at: datetime = Field(description="UTC")
    as_of: date = Field(description="The last day that the publication covers; a number without a day is of this one")
    marts: list[str] = Field(description="Tables of the published file that hold these numbers")
    is_stale: bool = Field(description="True: newer scores should be here, but are not")
    stale_because: OptionalText


class Session:
    """One assistant's view of a warehouse, for as long as its server runs.

    Args:
        warehouse: folder with the published file.
        settings: `access` and `identity`, both or neither.
    """

    def __init__(self, warehouse: Path, settings: Settings) -> None:
        self.warehouse = warehouse
        self._settings = settings
        self._publications = Publications(warehouse)

    def snapshot(self) -> Snapshot:
        """The publication of this moment. The access list is read anew each time, so that a row that went counts.

        Raises:
            ToolError: nothing is published, or there is nothing that this reader may see.
        """
        try:
            return self._publications.current(self._reader())
        except (AccessError, NothingPublishedError) as error:
            raise ToolError(str(error)) from error

    def _reader(self) -> Reader:
        if self._settings.identity and not self._settings.access:
            raise AccessError(
                f"{IDENTITY_VARIABLE} says who reads, but {ACCESS_VARIABLE} names no access list, so nothing is shown: "
                "set both, or neither."
            )
        return reader_named(self._settings.identity, self._settings.access)

    def source(self, snapshot: Snapshot, *marts: str) -> Source:
        """Where an answer comes from."""
        verdict = staleness(self.warehouse)
        return Source(
            publication_id=snapshot.publication_id,
            published_at=snapshot.published_at,
            as_of=snapshot.as_of,
            marts=list(marts),
            is_stale=verdict.is_stale,
            stale_because=verdict.reason or None,
        )


def account_named(snapshot: Snapshot, said: str) -> str:
    """The id of the account that is meant.

    Raises:
        ToolError: there is none that this reader may see; the message gives near names.
    """
    try:
        return account_id_of(snapshot, said)
    except UnknownAccountError as error:
        near = "; ".join(f"{row['account_id']} {quoted(row['account_name'])}" for row in error.candidates[:10])
        if error.are_namesakes:
            raise ToolError(
                f"Several accounts are called {quoted(said)}: ask again with the id of one: {near}"
            ) from error
        hint = f" Near names: {near}." if near else " find_accounts lists what there is."
        raise ToolError(f"No account that can be seen here answers to {quoted(said)}.{hint}") from error


def cited(source: Source) -> str:
    """The last line of an answer: where its numbers are stored, and whether to trust that they are the newest."""
    stale = f" NOT THE NEWEST: {quoted(source.stale_because)}." if source.is_stale else ""
    return f"Source: {', '.join(source.marts)}, as of {source.as_of}, publication {source.publication_id}.{stale}"
