-- Grain: one row per account and scorecard on the last day: its score beside earlier ones, and since when it falls
-- fast.
{% set days_back = [7, 28, 90] %}

with

scores as (

    select * from {{ ref('int_health_scores') }}
    where date_day = {{ as_of_date() }}

),

earlier_scores as (

    select
        account_id,
        scorecard,
        {%- for days in days_back %}
        max(case when date_day = {{ add_days(as_of_date(), -days) }} then health_score end) as score_{{ days }}d_ago,
        {%- endfor %}
        max(case when date_day = {{ add_days(as_of_date(), -var('fast_drop_days')) }} then health_score end)
            as score_before_drop
    from {{ ref('int_health_scores') }}
    where date_day in (
            {%- for days in days_back %}
            {{ add_days(as_of_date(), -days) }},
            {%- endfor %}
            {{ add_days(as_of_date(), -var('fast_drop_days')) }}
        )
    group by 1, 2

),

compared as (

    select
        scores.*,
        earlier_scores.score_7d_ago,
        earlier_scores.score_28d_ago,
        earlier_scores.score_90d_ago,
        scores.health_score - earlier_scores.score_28d_ago as change_28d_points,
        coalesce(
            scores.health_score - earlier_scores.score_before_drop <= -{{ var('fast_drop_points') }}, false
        ) as is_fast_drop
    from scores
    left join earlier_scores
        on scores.account_id = earlier_scores.account_id
        and scores.scorecard = earlier_scores.scorecard

),

drop_days as (

    -- every day on which a score that has fallen fast now had done so
    select
        later.account_id,
        later.scorecard,
        later.date_day,
        lag(later.date_day) over (
            partition by later.account_id, later.scorecard order by later.date_day
        ) as dropped_before_on
    from compared
    inner join {{ ref('int_health_scores') }} as later
        on compared.account_id = later.account_id
        and compared.scorecard = later.scorecard
    inner join {{ ref('int_health_scores') }} as earlier
        on later.account_id = earlier.account_id
        and later.scorecard = earlier.scorecard
        and earlier.date_day = {{ add_days('later.date_day', -var('fast_drop_days')) }}
    where compared.is_fast_drop
        and later.date_day <= {{ as_of_date() }}
        and later.health_score - earlier.health_score <= -{{ var('fast_drop_points') }}

),

drops as (

    -- one that pauses for a few days is still the same drop
    select
        account_id,
        scorecard,
        max(date_day) as fast_drop_since_on
    from drop_days
    where dropped_before_on is null
        or dropped_before_on < {{ add_days('date_day', -var('fast_drop_days')) }}
    group by 1, 2

),

final as (

    select
        compared.account_id,
        compared.scorecard,
        compared.desired_outcome,
        compared.is_primary,
        compared.date_day,
        compared.health_score_before_rules,
        compared.health_score,
        compared.score_coverage,
        compared.score_status,
        compared.rule_applied,
        compared.raw_grade,
        compared.grade,
        compared.override_grade,
        compared.score_7d_ago,
        compared.score_28d_ago,
        compared.score_90d_ago,
        compared.change_28d_points,
        compared.is_fast_drop,
        drops.fast_drop_since_on
    from compared
    left join drops
        on compared.account_id = drops.account_id
        and compared.scorecard = drops.scorecard

)

select * from final
