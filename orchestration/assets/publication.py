"""From a finished build to its readers: the gate, the publication and the alerts as assets.

Belongs here: these three, and the gate's suites as checks.
Does not belong here: the steps themselves (customer_health/refresh/delivery.py), the rules of the gate (expectations/).
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from customer_health.core.errors import RefreshError
from customer_health.core.settings import Settings
from customer_health.refresh import delivery
from customer_health.refresh.lock import last_build
from expectations.gate import ALL as SUITES
from expectations.report import CheckResult, GateReport
from orchestration.partitions import as_of_days, promised
from orchestration.resources import Warehouse, failures, transient

GROUP = "publication"
OWNERS = ["team:customer_success"]


def publication_assets(settings: Settings, marts: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """The assets; `marts` are what the gate judges and the publication shows."""
    partitioned = {"partitions_def": as_of_days(settings)}
    specs = [
        dg.AssetSpec(
            "gate",
            deps=marts,
            group_name=GROUP,
            owners=OWNERS,
            description="What Great Expectations found about the build: a failed error holds the publication.",
            **partitioned,
        ),
        dg.AssetSpec(
            "publication",
            deps=["gate"],
            group_name=GROUP,
            owners=OWNERS,
            kinds={"duckdb", "parquet"},
            description="customer_health.duckdb, the one file that people read, replaced as a whole.",
            freshness_policy=promised(settings),
            **partitioned,
        ),
    ]

    @dg.multi_asset(
        name="judge_and_publish",
        specs=specs,
        check_specs=[
            dg.AssetCheckSpec(suite, asset="gate", description=f"Every check of expectations/{suite}.py")
            for suite in SUITES
        ],
        backfill_policy=dg.BackfillPolicy.single_run(),
        retry_policy=transient(settings),
        required_resource_keys={"warehouse"},
    )
    def judge_and_publish(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        warehouse: Warehouse = context.resources.warehouse
        with failures(context, warehouse):
            warehouse.hold()
            built = last_build(warehouse.folder)
            if built is None:
                raise RefreshError("publication: nothing was built here yet")
            report = delivery.judge(warehouse.folder, built.as_of, context.log.info)
            page = warehouse.folder / "gate" / "index.html"
            yield dg.MaterializeResult(
                asset_key="gate",
                metadata={"page": dg.MetadataValue.path(str(page)), "verdict": report.lines()[0]},
                check_results=[_check(suite, report) for suite in SUITES],
            )
            publication = delivery.publish_or_hold(warehouse.folder, built.as_of, report, context.log.info)
            yield dg.MaterializeResult(
                asset_key="publication",
                metadata={
                    "publication_id": publication.publication_id,
                    "as_of": publication.as_of.isoformat(),
                    "rebuilt_from": publication.rebuilt_from.isoformat(),
                    "dagster/row_count": sum(publication.row_counts.values()),
                    "file": dg.MetadataValue.path(str(warehouse.folder / publication.file)),
                },
            )

    told = dg.AssetSpec(
        "alerts",
        deps=["publication"],
        group_name=GROUP,
        owners=OWNERS,
        description="What was told to people: to the log, and to a webhook where one is named.",
        **partitioned,
    )

    @dg.multi_asset(
        name="tell_people",
        specs=[told],
        backfill_policy=dg.BackfillPolicy.single_run(),
        required_resource_keys={"warehouse"},
    )
    def tell_people(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        warehouse: Warehouse = context.resources.warehouse
        report = delivery.notify(warehouse.folder, settings.webhook_url, context.log.info)
        said = report.lines() if report else ["nothing could be told; it waits for the next refresh"]
        return dg.MaterializeResult(metadata={"told": "\n".join(said)})

    return [judge_and_publish, tell_people]


def _check(suite: str, report: GateReport) -> dg.AssetCheckResult:
    results = [result for result in report.results if result.suite == suite]
    wrong = [result for result in results if not result.passed]
    # a suite without results was not judged, and faults of the gate itself belong to no suite
    holds = not results or any(result.holds for result in wrong)
    return dg.AssetCheckResult(
        asset_key="gate",
        check_name=suite,
        passed=bool(results) and not wrong,
        severity=dg.AssetCheckSeverity.ERROR if holds else dg.AssetCheckSeverity.WARN,
        metadata={"checks": len(results), "not passed": dg.MetadataValue.md(_listed(wrong))},
    )


def _listed(results: Sequence[CheckResult]) -> str:
    return "\n".join(f"- {result.line()}. {result.reason}" for result in results) or "none"
