-- Grain: one row per quarter and kind of step: how much of the work began before an account was unhealthy.
with

interventions as (

    select * from {{ ref('int_interventions') }}

),

final as (

    select
        quarter_starts_on,
        kind,
        cast(count(*) as integer) as steps,
        cast(count(case when is_before_unhealthy then 1 end) as integer) as steps_before_unhealthy,
        cast(count(case when not is_before_unhealthy then 1 end) as integer) as steps_after_unhealthy,
        cast(100e0 * count(case when is_before_unhealthy then 1 end) / nullif(count(is_before_unhealthy), 0) as double)
            as before_unhealthy_pct,
        avg(health_score_after_90_days - health_score_when_opened) as mean_score_change_90_days
    from interventions
    group by 1, 2

)

select * from final
