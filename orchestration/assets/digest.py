"""Once a week: the digests, written into the warehouse.

Belongs here: the asset, and what it shows of what it wrote.
Does not belong here: what a digest says (digest/), when it is written (schedules.py).
"""

import dagster as dg

from customer_health.core.settings import Settings
from orchestration.assets.governance import OWNERS

GROUP = "digest"


def digest_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The asset that writes the digests of the published scores."""

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        deps=["publication"],
        kinds={"html", "markdown"},
        description="What changed and what to do, for each CSM and for the lead: pages to send or to print.",
    )
    def weekly_digest(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        from customer_health.digest.write import LEAD, write_digests
        from customer_health.reading.published import NothingPublishedError

        try:
            written = write_digests(settings.warehouse)
        except NothingPublishedError as error:
            return dg.MaterializeResult(metadata={"digests": dg.MetadataValue.md(str(error))})
        if written.stale:
            context.log.warning(f"not the newest: {written.stale}")
        return dg.MaterializeResult(
            metadata={
                "page": dg.MetadataValue.path(str(written.folder / f"{LEAD}.html")),
                "digests": dg.MetadataValue.int(len(written.names)),
                "not the newest": written.stale or "no",
            }
        )

    return [weekly_digest]
