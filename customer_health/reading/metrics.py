"""Ask the semantic layer: the company's numbers by name, computed by MetricFlow from the published file.

Everything after the options of this command goes to `mf` as it is.

Belongs here: preparing what `mf` reads (the parsed definitions, the published file), and starting it without network.
Does not belong here: the definitions (models/semantic/), answers that pages and messages share (book.py, accounts.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.core.settings import DEFAULT_CONFIG, PROJECT_ROOT
from customer_health.reading.published import NothingPublishedError
from customer_health.transform.manifest import parse_when_changed

FOLDER = "metrics"
# all that `mf` wants of a project; the definitions lie beside it, parsed
PROJECT = "name: customer_health\nprofile: customer_health\n"
LIST = ["list", "metrics", "--show-all-dimensions"]


def prepare(warehouse: Path, config: Path = DEFAULT_CONFIG) -> dict[str, str]:
    """Parse the definitions against the published file of this warehouse, if anything has changed.

    Args:
        warehouse: folder with the published file.
        config: configuration folder; its vars say which grades are unhealthy.

    Returns:
        What `mf` has to find in its environment.

    Raises:
        NothingPublishedError: nothing has been published in this warehouse.
        RefreshError: dbt cannot parse the project.
    """
    file = warehouse.resolve() / PUBLISHED_FILE
    if not file.exists():
        raise NothingPublishedError(
            f"{warehouse}: nothing has been published here yet. Run `make demo` or `make refresh`."
        )
    folder = warehouse.resolve() / FOLDER
    environment = {
        "CUSTOMER_HEALTH_DBT_TARGET": "published",
        "CUSTOMER_HEALTH_PUBLISHED_FILE": str(file),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_PROFILES_DIR": str(PROJECT_ROOT),
        "DBT_PROJECT_DIR": str(folder),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    parse_when_changed(folder, config, environment)
    (folder / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    return environment


def run_mf(arguments: Sequence[str]) -> None:
    """Run `mf` in this process, without its look at the package index for a newer version of itself.

    Raises:
        SystemExit: always, as any command does at its end.
    """
    # imported where it is used: it brings all of dbt
    import dbt_metricflow.cli.main as mf

    mf.UpdateChecker = _NoUpdates
    mf.cli(list(arguments), prog_name="mf")


class _NoUpdates:
    def check(self, *_: str) -> None:
        """There is no newer version that anybody asked for."""
