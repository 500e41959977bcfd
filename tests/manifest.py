"""dbt's manifest of the project as it stands, parsed once for all tests of a run. Nothing is built.

Belongs here: the manifest, and its models by name.
Does not belong here: what is asked of it (the tests).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.transform.manifest import parse_when_changed
from tests.built_once import built_once

Manifest = dict[str, Any]


def project_manifest() -> Manifest:
    folder = built_once("manifest", lambda empty: parse_when_changed(empty, DEFAULT_CONFIG) and None)
    return json.loads((Path(folder) / "target" / "manifest.json").read_text("utf-8"))


def nodes_of(manifest: Manifest, *kinds: str) -> dict[str, dict[str, Any]]:
    """Nodes of some kinds (model, test, seed) by dbt's own unique name."""
    return {name: node for name, node in manifest["nodes"].items() if node["resource_type"] in kinds}
