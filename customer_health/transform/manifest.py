"""What dbt knows of the project, written down for whoever reads it without building: Dagster's assets, the metrics.

Belongs here: parsing with the effective configuration, and doing so only when something has changed.
Does not belong here: what becomes of the manifest (orchestration/assets/dbt.py, reading/metrics.py).
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from customer_health.core.errors import RefreshError
from customer_health.core.settings import PROJECT_ROOT
from customer_health.transform.run import DbtRun

READ_BY_DBT = ("models", "macros", "tests", "seeds")
SUFFIXES = {".sql", ".py", ".yml", ".csv"}


def parse_when_changed(folder: Path, config: Path, environment: Mapping[str, str] | None = None) -> Path:
    """The manifest in `target` of a folder, parsed anew if project, configuration or environment are other ones now.

    Args:
        folder: one of its own, because a build may be reading its configuration meanwhile.
        environment: what dbt is to find in its environment beside what is there.

    Raises:
        RefreshError: dbt cannot parse the project.
    """
    folder.mkdir(parents=True, exist_ok=True)
    manifest, parsed_from = folder / "target" / "manifest.json", folder / ".parsed_from"
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = f"{_fingerprint(config)} {sorted((environment or {}).items())}"
        known = parsed_from.read_text(encoding="utf-8") if parsed_from.exists() else ""
        if not manifest.exists() or known != state:
            if DbtRun(folder, config, environment_besides=environment or {}).run(["parse", "--quiet"]) != 0:
                raise RefreshError(f"dbt: the project cannot be parsed (see {folder / 'logs' / 'dbt.log'})")
            parsed_from.write_text(state, encoding="utf-8")
    return manifest


def _fingerprint(config: Path) -> str:
    digest = hashlib.sha256()
    for path in _files(config):
        status = path.stat()
        digest.update(f"{path}:{status.st_size}:{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _files(config: Path) -> Iterator[Path]:
    yield from (PROJECT_ROOT / name for name in ("dbt_project.yml", "profiles.yml"))
    for folder in (*(PROJECT_ROOT / name for name in READ_BY_DBT), config):
        yield from sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)
