-- Grain: one row per account with a headline score on the last day, before or after.
create or replace temporary table headlines as
select
    accounts.account_id,
    accounts.account_name,
    coalesce(accounts.csm_name, 'none') as csm_name,
    coalesce(accounts.mrr_usd, 0) as mrr_usd,
    coalesce(new.scorecard, old.scorecard) as scorecard,
    coalesce(old.override_grade, old.grade) as grade_before,
    coalesce(new.override_grade, new.grade) as grade_after,
    old.health_score as score_before,
    new.health_score as score_after,
    old.scorecard as scorecard_before,
    new.scorecard as scorecard_after,
    old.scorecard_version as version_before,
    new.scorecard_version as version_after,
    old.rule_applied as rule_before,
    new.rule_applied as rule_after
from build.health.dim_accounts as accounts
left join (
    from before.scores
    where date_day = $as_of and is_primary
) as old
    on accounts.account_id = old.account_id
left join (
    from after.scores
    where date_day = $as_of and is_primary
) as new
    on accounts.account_id = new.account_id
where old.account_id is not null
    or new.account_id is not null
