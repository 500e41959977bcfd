-- Grain: one row per parent account and day on which at least one account below it, at any level, is a customer.
-- The headline scores of all accounts below, weighted by MRR (equally where nobody pays). Who belongs to whom is looked
-- up as of each day. The parent's own score is not part of it: that one is in fct_health_scores.
-- A view, because a parent that changes late would otherwise force all history to be rebuilt.
{{ config(materialized='view') }}

with

ancestors as (

    select * from {{ ref('int_account_ancestors') }}

),

account_days as (

    select * from {{ ref('int_account_days') }}

),

headline_scores as (

    select * from {{ ref('int_health_scores') }}
    where is_primary

),

grades as (

    select * from {{ ref('int_grades') }}

),

children as (

    select
        ancestors.ancestor_account_id as parent_account_id,
        account_days.date_day,
        account_days.account_id,
        account_days.mrr_usd,
        headline_scores.health_score,
        coalesce(headline_scores.override_grade, headline_scores.grade) as shown_grade,
        row_number() over (
            partition by ancestors.ancestor_account_id, account_days.date_day
            order by
                headline_scores.health_score asc nulls last, account_days.mrr_usd desc nulls last,
                account_days.account_id
        ) as worst_first
    from ancestors
    inner join account_days
        on ancestors.account_id = account_days.account_id
        and ancestors.starts_on <= account_days.date_day
        and ancestors.ends_on > account_days.date_day
    left join headline_scores
        on account_days.account_id = headline_scores.account_id
        and account_days.date_day = headline_scores.date_day

),

rolled_up as (

    select
        parent_account_id,
        date_day,
        count(*) as children,
        count(health_score) as scored_children,
        coalesce(sum(mrr_usd), 0) as children_mrr_usd,
        coalesce(
            sum(cast(mrr_usd as double) * health_score)
            / nullif(sum(case when health_score is not null then cast(mrr_usd as double) end), 0),
            avg(health_score)
        ) as health_score,
        max(case when worst_first = 1 and health_score is not null then account_id end) as worst_child_account_id,
        min(health_score) as worst_child_score,
        max(case when worst_first = 1 and health_score is not null then shown_grade end) as worst_child_grade
    from children
    group by 1, 2

),

final as (

    select
        rolled_up.parent_account_id,
        rolled_up.date_day,
        cast(rolled_up.children as integer) as children,
        cast(rolled_up.scored_children as integer) as scored_children,
        cast(rolled_up.children_mrr_usd as {{ money() }}) as children_mrr_usd,
        rolled_up.health_score,
        grades.grade as raw_grade,
        rolled_up.worst_child_account_id,
        rolled_up.worst_child_score,
        rolled_up.worst_child_grade
    from rolled_up
    left join grades
        on rolled_up.health_score >= grades.min_score
        and rolled_up.health_score < coalesce(grades.below_score, 1000)
        and rolled_up.date_day >= grades.effective_from
        and rolled_up.date_day < coalesce(grades.effective_to, {{ open_end() }})

)

select * from final
