"""Rows become landing files: typed, cut into deliveries, written as CSV, JSON Lines or Parquet.

Belongs here: conversion of arrays to contract types, the split by delivery, the three file formats.
Does not belong here: what the rows say, or what is wrong with them (defects.py).
"""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from examples.company.config import CompanyConfig
from examples.company.raw_tables import MONEY, TABLES, RawTable
from examples.company.streams import NEVER, NULL

DELIVERED = "_delivered"  # second at which the source handed the row over; decides the file, never written
DEFECT = "_defect"  # position in the list of planted defects, -1 for none; never written
SUMMARY = "_planted_defects.json"


def seconds(config: CompanyConfig, day: np.ndarray, second_of_day: np.ndarray | int = 0) -> np.ndarray:
    """Seconds since 1970 of a day of the window; NEVER becomes NULL."""
    day = np.asarray(day, dtype=np.int64)
    moment = config.start_second + day * 86_400 + np.asarray(second_of_day, dtype=np.int64)
    return np.where(day == NEVER, NULL, moment)


def dates(config: CompanyConfig, day: np.ndarray) -> np.ndarray:
    """Days since 1970 of a day of the window; NEVER becomes NULL."""
    day = np.asarray(day, dtype=np.int64)
    return np.where(day == NEVER, NULL, day + int(config.first_day.astype(np.int64)))


def to_column(values: object, kind: pa.DataType) -> pa.Array:
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values.cast(kind)
    if kind == MONEY:
        return _money(np.asarray(values, dtype=float))
    if pa.types.is_timestamp(kind):
        numbers = np.asarray(values, dtype=np.int64)
        return pa.array(numbers, mask=numbers == NULL).cast(kind)
    if pa.types.is_date(kind):
        numbers = np.asarray(values, dtype=np.int64)
        return pa.array(np.where(numbers == NULL, 0, numbers).astype(np.int32), mask=numbers == NULL).cast(kind)
    if pa.types.is_floating(kind):
        numbers = np.asarray(values, dtype=float)
        return pa.array(numbers, mask=np.isnan(numbers))
    if pa.types.is_integer(kind):
        numbers = np.asarray(values, dtype=np.int64)
        return pa.array(numbers, mask=numbers == NULL)
    return pa.array(values, type=kind)


def _money(amounts: np.ndarray) -> pa.Array:
    """Two decimals, exactly, as the 128-bit integers that a decimal is made of."""
    missing = np.isnan(amounts)
    cents = np.round(np.where(missing, 0.0, amounts) * 100).astype(np.int64) * 100
    words = np.empty((len(cents), 2), dtype=np.int64)
    words[:, 0], words[:, 1] = cents, cents >> 63
    column = pa.Array.from_buffers(MONEY, len(cents), [None, pa.py_buffer(words.tobytes())])
    return pc.if_else(pa.array(missing), pa.scalar(None, MONEY), column)


def to_table(name: str, columns: dict[str, object], delivered: np.ndarray) -> pa.Table:
    contract = TABLES[name].columns
    wrong = set(contract) ^ set(columns)
    if wrong:
        raise ValueError(f"{name}: columns {sorted(wrong)} do not fit the raw contract")
    arrays = {column: to_column(columns[column], kind) for column, kind in contract.items()}
    arrays[DELIVERED] = pa.array(np.asarray(delivered, dtype=np.int64))
    arrays[DEFECT] = pa.array(np.full(len(delivered), -1, dtype=np.int32))
    return pa.table(arrays)


class Landing:
    """The folder that the files go to, and the count of what went there."""

    def __init__(self, folder: Path, config: CompanyConfig) -> None:
        self.folder = folder
        self.config = config
        self.rows: dict[str, int] = {}
        self.files: dict[str, int] = {}
        self._prepare()

    def _prepare(self) -> None:
        """Files of an earlier run of this generator are replaced; anybody else's are left alone."""
        if self.folder.exists() and any(self.folder.iterdir()):
            if not (self.folder / SUMMARY).exists():
                raise FileExistsError(
                    f"{self.folder} holds files that this generator did not write: choose an empty folder"
                )
            for name in TABLES:
                shutil.rmtree(self.folder / name, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / SUMMARY).write_text('{"complete": false}\n', encoding="utf-8")

    def format_of(self, name: str) -> str:
        if self.config.file_format == "mixed":
            return TABLES[name].file_format
        return self.config.file_format

    def file_name(self, name: str, last_day: date) -> str:
        return f"{name}/{name}_{last_day.isoformat()}.{self.format_of(name)}"

    def write(self, table: RawTable, rows: pa.Table) -> list[tuple[str, pa.Table]]:
        """Write the rows of one table, cut by quarter of delivery; returns what each file holds."""
        delivered = rows[DELIVERED].to_numpy()
        order = np.argsort(delivered, kind="stable")
        order = order[delivered[order] < self.config.end_second]
        rows, delivered = rows.take(pa.array(order)), delivered[order]
        written = []
        first = 0
        for last_day in self._delivery_days():
            until = int(np.datetime64(last_day, "s").astype(np.int64)) + 86_400
            last = int(np.searchsorted(delivered, until, side="left"))
            if last > first:
                part = rows.slice(first, last - first)
                path = self.file_name(table.name, last_day)
                self._write_file(path, part.drop_columns([DELIVERED, DEFECT]))
                self.count(table.name, part.num_rows)
                written.append((path, part))
            first = last
        return written

    def edges(self) -> np.ndarray:
        """The second at which each delivery but the last is cut off."""
        days = np.array(self._delivery_days(), dtype="datetime64[s]").astype(np.int64)
        return days[:-1] + 86_400

    def count(self, name: str, rows: int, files: int = 1) -> None:
        self.rows[name] = self.rows.get(name, 0) + rows
        self.files[name] = self.files.get(name, 0) + files

    def append_line(self, path: str, line: str) -> int:
        """Add a line as it is; returns its number in the file."""
        target = self.folder / path
        with target.open("rb") as file:
            lines = sum(1 for _ in file)
        with target.open("a", encoding="utf-8", newline="") as file:
            file.write(line + "\n")
        return lines + 1

    def _delivery_days(self) -> list[date]:
        """The day before the window (all history), each quarter's last day, and the window's last day."""
        start, end = self.config.first_day, np.datetime64(self.config.end, "D")
        days = [start - 1]
        month = start.astype("datetime64[M]")
        while True:
            month += 1
            first_of_month = month.astype("datetime64[D]")
            if first_of_month > end:
                break
            if int(month.astype(np.int64)) % 3 == 0:
                days.append(first_of_month - 1)
        if days[-1] != end:
            days.append(end)
        return [day.astype(date) for day in dict.fromkeys(days)]

    def _write_file(self, path: str, rows: pa.Table) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".parquet":
            pa.parquet.write_table(rows, target, compression="zstd")
        elif target.suffix == ".csv":
            pa.csv.write_csv(rows, target)
        else:
            with target.open("w", encoding="utf-8", newline="") as file:
                for row in rows.to_pylist():
                    file.write(json.dumps(row, default=_json_value, ensure_ascii=False) + "\n")


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat() + "Z"  # this tool says its zone, the others do not
    if isinstance(value, date):
        return value.isoformat()
    return float(value)  # money
