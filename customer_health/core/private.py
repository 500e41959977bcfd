"""What only the owner of a warehouse may read, and what everybody on the machine may.

Belongs here: modes of files and folders.
Does not belong here: which files there are.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from customer_health.core.settings import SettingsError, read_settings

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
GROUP_FILE, GROUP_FOLDER = 0o640, 0o750


def make_private_folder(path: Path) -> Path:
    """A folder for the owner, and for the group of the settings."""
    path.mkdir(parents=True, exist_ok=True)
    _set(path, PRIVATE_FOLDER, GROUP_FOLDER)
    return path


def make_private(path: Path) -> None:
    """A file for the owner, and for the group of the settings."""
    _set(path, PRIVATE_FILE, GROUP_FILE)


def _set(path: Path, alone: int, together: int) -> None:
    group = read_settings().group
    # whoever does not own it cannot change it, and is not the one to
    if path.stat().st_uid != os.geteuid():
        return
    mode = together if group else alone
    if path.stat().st_mode & 0o7777 != mode:
        path.chmod(mode)
    if group:
        try:
            shutil.chown(path, group=group)
        except (LookupError, PermissionError):
            raise SettingsError(
                f"CUSTOMER_HEALTH_GROUP: '{group}' is no group of this machine that you belong to"
            ) from None
