"""An edited configuration from a few edited files: the rest is as the warehouse was built.

Belongs here: writing the configuration of a build as files, laying edited files over it, refusing what is none.
Does not belong here: who sends the files (dashboard/), judging them (configuration/scorecards.py).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from customer_health.configuration.folder import VARS_FILE, load_contracts
from customer_health.validation.what_if.answer import Answer, opened, read_build, what_if
from customer_health.validation.what_if.errors import WhatIfError

# seeds are small; whatever is larger is something else
LARGEST_FILE_BYTES = 5_000_000
# of a build's vars, those that no configuration holds
NOT_CONFIGURED = {"as_of_date"}


def write_edited(uploads: Mapping[str, bytes], warehouse: Path, folder: Path) -> list[str]:
    """Write the configuration of the last build into a folder, with uploaded files in place of its own.

    Args:
        uploads: contents by file name: seeds as CSV, vars.yml, or a zip of such files in any subfolders.
        warehouse: folder with the build file, which is only read.
        folder: exists and is empty.

    Returns:
        the names of the files that were replaced.

    Raises:
        WhatIfError: a file is none of a configuration, or too large; or the build file cannot be read.
    """
    edited = _edited_files(uploads)
    write_built(warehouse, folder)
    for name, content in edited.items():
        (folder / name).write_bytes(content)
    return sorted(edited)


def _edited_files(uploads: Mapping[str, bytes]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, content in uploads.items():
        if name.lower().endswith(".zip"):
            found.update(_unpacked(name, content))
        elif not _is_known(name):
            raise WhatIfError(f"{name} is no file of a configuration; these are: {', '.join(sorted(_known()))}")
        elif len(content) > LARGEST_FILE_BYTES:
            raise WhatIfError(f"{name} is larger than {LARGEST_FILE_BYTES // 1_000_000} MB, which no configuration is")
        else:
            found[name] = content
    if not found:
        raise WhatIfError("none of these files belongs to a configuration")
    return found


def _unpacked(name: str, content: bytes) -> dict[str, bytes]:
    """Files of a configuration in a zip, by their bare names: where they lie in it says nothing."""
    found: dict[str, bytes] = {}
    try:
        with closing(zipfile.ZipFile(io.BytesIO(content))) as packed:
            for member in packed.infolist():
                bare = PurePosixPath(member.filename).name
                if member.is_dir() or not _is_known(bare):
                    continue
                if bare in found:
                    raise WhatIfError(f"{name} holds {bare} twice")
                with packed.open(member) as file:
                    # what is said of its size need not be true
                    unpacked = file.read(LARGEST_FILE_BYTES + 1)
                if len(unpacked) > LARGEST_FILE_BYTES:
                    raise WhatIfError(f"{bare} in {name} is larger than {LARGEST_FILE_BYTES // 1_000_000} MB")
                found[bare] = unpacked
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        if isinstance(error, WhatIfError):
            raise
        raise WhatIfError(f"{name} cannot be unpacked: {error}") from error
    return found


def _known() -> set[str]:
    return {contract.file_name for contract in load_contracts().values()} | {VARS_FILE}


def _is_known(name: str) -> bool:
    return name in _known()


def write_built(warehouse: Path, folder: Path) -> None:
    """Write the configuration of the last build into a folder, as files that a build could read again."""
    with opened(warehouse) as connection:
        for contract in load_contracts().values():
            columns = list(contract.columns)
            table = f"build.configuration.{contract.name}"
            rows = connection.execute(f"select {', '.join(columns)} from {table}").fetchall()
            with (folder / contract.file_name).open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(columns)
                writer.writerows([_as_text(value) for value in row] for row in rows)
        given = read_build(connection, warehouse).vars
    given = {name: value for name, value in given.items() if name not in NOT_CONFIGURED}
    if given:
        (folder / VARS_FILE).write_text(yaml.safe_dump(given), encoding="utf-8")


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return value.isoformat() if isinstance(value, date) else str(value)


def what_if_uploaded(uploads: dict[str, bytes], warehouse: Path, folder: Path) -> Answer:
    """Write what was uploaded into a folder and answer for it: all in one, to be run apart."""
    names = write_edited(uploads, warehouse, folder)
    return what_if(folder, warehouse, name=", ".join(names))
