select
    coalesce(sum(customers), 0) as customers,
    coalesce(sum(mrr_usd), 0) as mrr_usd,
    coalesce(sum(scored_customers), 0) as scored_customers,
    sum(average_score * scored_customers) / nullif(sum(scored_customers), 0) as average_score,
    coalesce(sum(customers_at_risk), 0) as customers_at_risk,
    coalesce(sum(mrr_at_risk_usd), 0) as mrr_at_risk_usd,
    coalesce(sum(fast_drops), 0) as fast_drops,
    coalesce(sum(renewals_due), 0) as renewals_due,
    coalesce(sum(renewals_due_mrr_usd), 0) as renewals_due_mrr_usd,
    coalesce(sum(renewals_at_risk), 0) as renewals_at_risk
from health.rpt_csm_portfolio
where portfolio_level = $level and ($csm is null or csm_id = $csm)
