"""Every table, column and metric on one page that opens anywhere: dbt's documentation of the published marts.

Belongs here: making the page, and keeping it to itself.
Does not belong here: descriptions (the YAML beside each model).
"""

from __future__ import annotations

import os
from pathlib import Path

from customer_health.core.errors import RefreshError
from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.reading.metrics import FOLDER, prepare
from customer_health.transform.run import DbtRun

PAGE = Path("docs") / "index.html"
# without compiling: the page describes what readers see, and nothing is computed for it
COMMAND = ("docs", "generate", "--static", "--no-compile", "--quiet")
HEAD = "<head>"
# whatever the page's own code may try: it draws what it holds and reaches nothing
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'unsafe-inline'; img-src data:; font-src data:"
)


def document(warehouse: Path, config: Path = DEFAULT_CONFIG) -> Path:
    """Write the page anew, in one step, and return it.

    Raises:
        NothingPublishedError: nothing has been published in this warehouse.
        RefreshError: dbt cannot make the page.
    """
    environment = prepare(warehouse, config)
    run = DbtRun(warehouse / FOLDER, config, environment_besides=environment)
    if run.run(COMMAND) != 0:
        raise RefreshError(f"dbt: the documentation cannot be made (see {warehouse / FOLDER / 'logs' / 'dbt.log'})")
    text = (run.target / "static_index.html").read_text(encoding="utf-8")
    if HEAD not in text:
        raise RefreshError("dbt: the page of the documentation has no head to put its policy into")
    kept = f'{HEAD}<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    page = warehouse / PAGE
    page.parent.mkdir(exist_ok=True)
    building = page.with_name(f".{page.name}.{os.getpid()}")
    building.write_text(text.replace(HEAD, kept, 1), encoding="utf-8")
    building.replace(page)
    return page
