"""Write what a scan sets aside, in batches, inside the transaction of its file.

Belongs here: rejected rows and line offsets on their way from the scan to the build file.
Does not belong here: deciding that a row is bad (text.py, relations.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa

from customer_health.landing.files import LandingFile

OFFSETS_TABLE = "temp.landing_line_offsets"
BATCH_ROWS = 20_000
BATCH_BYTES = 16 * 1024 * 1024


def create_offsets_table(con: duckdb.DuckDBPyConnection) -> None:
    """The table that holds, for the file in hand, from which row on a line is how far from the row number."""
    con.execute(f"create or replace temp table {OFFSETS_TABLE} (first_row bigint, line_offset bigint)")


class RowWriter:
    """Writes rejected rows and line offsets in batches, inside the transaction of the file."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        file: LandingFile,
        loaded_at: datetime,
        clean: Callable[[str], str] | None = None,
    ) -> None:
        self.clean = clean
        self.con = con
        self.file = file
        self.loaded_at = loaded_at
        self.lines: list[int] = []
        self.reasons: list[str] = []
        self.raws: list[str] = []
        self.raw_bytes = 0
        self.offset_batches: list[tuple[np.ndarray, np.ndarray]] = []
        self.waiting_offsets = 0
        self.offset_count = 0
        self.first_offset = 0

    def reject(self, line: int, reason: str, raw: bytes) -> None:
        self.lines.append(line)
        self.reasons.append(reason)
        text = raw.decode("utf-8", "backslashreplace")
        self.raws.append(self.clean(text) if self.clean else text)
        self.raw_bytes += len(raw)
        if len(self.lines) >= BATCH_ROWS or self.raw_bytes >= BATCH_BYTES:
            self._flush_rejects()

    def line_offsets(self, rows: np.ndarray, offsets: np.ndarray) -> None:
        if not self.offset_count:
            self.first_offset = int(offsets[0])
        self.offset_batches.append((rows, offsets))
        self.offset_count += int(rows.size)
        self.waiting_offsets += int(rows.size)
        if self.waiting_offsets >= 10 * BATCH_ROWS:
            self._flush_offsets()

    def finish(self) -> int | None:
        """Write what is left; the line offset of all rows, or None when they differ."""
        self._flush_rejects()
        if self.offset_count <= 1:
            return self.first_offset
        self._flush_offsets()
        return None

    def _flush_rejects(self) -> None:
        if not self.lines:
            return
        batch = pa.table({"line": self.lines, "reason": self.reasons, "raw_row": self.raws})
        self.con.register("landing_batch", batch)
        self.con.execute(
            "insert into landing.rejected_rows select ?, ?, line, reason, raw_row, ? from landing_batch",
            [self.file.table_name, self.file.name, self.loaded_at],
        )
        self.con.unregister("landing_batch")
        self.lines, self.reasons, self.raws, self.raw_bytes = [], [], [], 0

    def _flush_offsets(self) -> None:
        if not self.offset_batches:
            return
        rows = np.concatenate([rows for rows, _ in self.offset_batches])
        offsets = np.concatenate([offsets for _, offsets in self.offset_batches])
        self.con.register("landing_batch", pa.table({"first_row": rows, "line_offset": offsets}))
        self.con.execute(f"insert into {OFFSETS_TABLE} select first_row, line_offset from landing_batch")
        self.con.unregister("landing_batch")
        self.offset_batches, self.waiting_offsets = [], 0
