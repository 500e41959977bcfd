"""The folders of models stand in the order in which they are computed: dbt's manifest, nothing is built.

Which folder is which stage, dbt_project.yml says (`meta: {stage: n}`).

Belongs here: that no model reads a later stage, that nobody but readers reads a mart, that faces are nothing but faces,
that each stored model states its grain as a tested key.
Does not belong here: what a model promises in words (test_model_promises.py), rows.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import Any

import pytest

from tests.manifest import Manifest, nodes_of, project_manifest

FOLDERS = {"staging", "intermediate", "marts"}
FACE = "face"
KEYS = ("unique_combination", "single_row")
# rows that may be there twice, because what tells raw rows apart is empty where the loading tool leaves no lineage
WITHOUT_KEY = {"base_product__unused_events", "quarantine"}


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return project_manifest()


def stage_of(model: dict[str, Any]) -> int:
    return int(model["config"]["meta"].get("stage", 0))


def folder_of(model: dict[str, Any]) -> str:
    """The folder of a stage: staging, marts, or a folder of intermediate."""
    first, second = model["path"].split("/")[:2]
    return f"{first}/{second}" if first == "intermediate" else first


def models_read(manifest: Manifest, model: dict[str, Any]) -> list[dict[str, Any]]:
    models = nodes_of(manifest, "model")
    return [models[name] for name in model["depends_on"]["nodes"] if name in models]


def upward_reads(manifest: Manifest) -> list[str]:
    """Whatever stands in no stage, reads a later one or a mart, or is a mart that reads anything but intermediate."""
    problems = []
    for model in nodes_of(manifest, "model").values():
        if folder_of(model).split("/")[0] not in FOLDERS or not stage_of(model):
            problems.append(f"{model['path']} lies in no stage of dbt_project.yml")
        for read in models_read(manifest, model):
            if stage_of(read) > stage_of(model):
                problems.append(f"{model['path']} reads {read['path']} of a later stage")
            elif folder_of(read) == "marts":
                problems.append(f"{model['path']} reads the mart {read['path']}")
        sources = [name for name in model["depends_on"]["nodes"] if name.startswith("source.")]
        if folder_of(model) == "marts" and sources:
            problems.append(f"{model['path']} reads {sources[0]}, which is for staging to read")
        staged = [read["path"] for read in models_read(manifest, model) if folder_of(read) == "staging"]
        if folder_of(model) == "marts" and staged:
            problems.append(f"{model['path']} reads {staged[0]}: a mart reads intermediate only")
    return problems


def test_no_model_reads_a_later_stage_or_a_mart(manifest: Manifest) -> None:
    assert upward_reads(manifest) == []


@pytest.mark.parametrize(
    ("model", "read", "said"),
    [
        (
            "int_account_days",
            "int_scores",
            "metrics/int_account_days.sql reads intermediate/scores/int_scores.sql",
        ),
        (
            "stg_crm__users",
            "int_source_days",
            "stg_crm__users.sql reads intermediate/measures/int_source_days.sql",
        ),
        ("int_scores", "dim_days", "intermediate/scores/int_scores.sql reads marts/health/dim_days.sql"),
        ("rpt_work_queue", "stg_crm__csms", "rpt_work_queue.sql reads staging/crm/stg_crm__csms.sql: a mart reads"),
        ("rpt_work_queue", "dim_days", "marts/journey/rpt_work_queue.sql reads the mart marts/health/dim_days.sql"),
    ],
)
def test_one_upward_ref_is_seen(manifest: Manifest, model: str, read: str, said: str) -> None:
    planted = copy.deepcopy(manifest)
    planted["nodes"][f"model.customer_health.{model}"]["depends_on"]["nodes"].append(f"model.customer_health.{read}")
    [problem] = upward_reads(planted)
    assert said in problem


def test_a_model_beside_the_stages_is_seen(manifest: Manifest) -> None:
    planted = copy.deepcopy(manifest)
    model = planted["nodes"]["model.customer_health.int_scores"]
    model["path"] = "intermediate/int_scores.sql"
    del model["config"]["meta"]["stage"]
    assert "intermediate/int_scores.sql lies in no stage of dbt_project.yml" in upward_reads(planted)


def test_every_folder_is_one_stage(manifest: Manifest) -> None:
    stages = defaultdict(set)
    for model in nodes_of(manifest, "model").values():
        stages[folder_of(model)].add(stage_of(model))
    numbers = sorted(number for found in stages.values() for number in found)
    assert numbers == list(range(1, len(stages) + 1))


def test_a_face_shows_one_model_and_stores_nothing(manifest: Manifest) -> None:
    """macros/build_runs.sql takes from the model behind a face how its rows are kept."""
    faces = [model for model in nodes_of(manifest, "model").values() if FACE in model["tags"]]
    assert faces
    for face in faces:
        shown = models_read(manifest, face)
        assert folder_of(face) == "marts" and face["config"]["materialized"] == "view", face["name"]
        assert len(shown) == len(face["depends_on"]["nodes"]) == 1, f"{face['name']} shows one model"
        assert folder_of(shown[0]).startswith("intermediate/"), f"{face['name']} shows {shown[0]['name']}"


def test_what_is_stored_from_night_to_night_is_no_mart(manifest: Manifest) -> None:
    """What a build goes on from lies in intermediate: a mart can get another column without a rebuild of its rows."""
    models = nodes_of(manifest, "model").values()
    stored = [model for model in models if model["config"]["materialized"] == "incremental"]
    assert not [model["name"] for model in stored if folder_of(model) == "marts"]


def without_key(manifest: Manifest) -> set[str]:
    """Stored models of intermediate without a tested key. A view has no rows of its own: who stores them tests them."""
    stored = {
        name: model["name"]
        for name, model in nodes_of(manifest, "model").items()
        if folder_of(model).startswith("intermediate/") and model["config"]["materialized"] != "view"
    }
    tests = nodes_of(manifest, "test").values()
    tested = {test["attached_node"] for test in tests if (test.get("test_metadata") or {}).get("name") in KEYS}
    return {model for name, model in stored.items() if name not in tested}


def test_every_stored_model_states_its_grain_as_a_key(manifest: Manifest) -> None:
    assert without_key(manifest) == WITHOUT_KEY


def test_a_model_without_a_key_is_seen(manifest: Manifest) -> None:
    planted = copy.deepcopy(manifest)
    planted["nodes"] = {
        name: node
        for name, node in planted["nodes"].items()
        if node.get("attached_node") != "model.customer_health.int_scores"
    }
    assert without_key(planted) == {*WITHOUT_KEY, "int_scores"}
