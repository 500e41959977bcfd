-- Grain: one row per account, day, scorecard and component (adoption, support, ...): how each part of the relationship
-- stands.
-- component_score is the mean of the points by effective weight, so component_score times effective_weight is the
-- contribution, and the contributions of all components sum to the score before rules.
{{ config(materialized='view') }}

with

drivers as (

    select * from {{ ref('int_score_drivers') }}

),

summed as (

    select
        account_id,
        date_day,
        scorecard,
        component,
        coalesce(
            sum(case when points is not null then weight else 0 end)
            / nullif(sum(case when value_status <> 'not_applicable' then weight else 0 end), 0),
            0
        ) as component_coverage,
        {{ exact_sum('effective_weight') }} as effective_weight,
        {{ exact_sum('contribution') }} as contribution,
        {{ exact_sum('loss') }} as loss
    from drivers
    group by 1, 2, 3, 4

),

final as (

    select
        account_id,
        date_day,
        scorecard,
        component,
        contribution / nullif(effective_weight, 0) as component_score,
        component_coverage,
        effective_weight,
        contribution,
        loss
    from summed

)

select * from final
