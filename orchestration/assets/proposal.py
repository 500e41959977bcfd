"""Once a week: would other weights have told better who leaves?

Belongs here: the asset, and what it shows of each scorecard.
Does not belong here: what is proposed and why (customer_health/validation/weights/proposal.py), applying anything
(nobody but a person does).
"""

import dagster as dg

from customer_health.configuration.definitions import in_force
from customer_health.configuration.folder import load_configuration
from customer_health.core.settings import Settings
from orchestration.assets.governance import GROUP, OWNERS


def proposal_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The asset that proposes weights for every champion of the configuration."""

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        deps=["publication", ["configuration", "scorecards"], ["configuration", "scorecard_metrics"]],
        description="Weights that would have told better who left: proposed as challengers, never applied.",
    )
    def weight_proposals(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        # scikit-learn costs seconds to import, and no other asset needs it
        from customer_health.reading.published import NothingPublishedError, Publications
        from customer_health.validation.weights.proposal import ProposalError
        from customer_health.validation.weights.propose import FOLDER, effects_of, propose_weights, write

        try:
            as_of = Publications(settings.warehouse).current().as_of
        except NothingPublishedError as error:
            return dg.MaterializeResult(metadata={"proposals": dg.MetadataValue.md(str(error))})
        rows = load_configuration(settings.config).rows("scorecards")
        champions = sorted({row["scorecard"] for row in rows if row["status"] == "champion" and in_force(row, as_of)})
        lines, changes = [], 0
        for scorecard in champions:
            try:
                proposal = propose_weights(settings.warehouse, settings.config, scorecard)
            except ProposalError as error:
                lines.append(f"- {error}")
                continue
            effects = effects_of(proposal, settings.warehouse, settings.config)
            write(proposal, settings.warehouse / FOLDER / scorecard, effects)
            changes += proposal.is_change
            lines.append(f"- {scorecard}: {proposal.verdict}")
            context.log.info(lines[-1])
        return dg.MaterializeResult(
            metadata={
                "proposals": dg.MetadataValue.md("\n".join(lines) or "no scorecard is in force"),
                "scorecards with a change to look at": changes,
            }
        )

    return [weight_proposals]
