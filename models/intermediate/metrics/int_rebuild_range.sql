-- Grain: one row: from which day this build recomputes metrics, points and scores.
-- The first day on which anything that was read differs from what is stored, at least lookback_days back and never
-- after the last complete build; changed configuration reaches back to the beginning of its own layer, so that new
-- weights never recompute metrics. Builds that broke off count as not done: their dirty days stay dirty.
-- depends_on: {{ ref('int_account_changes') }}
-- depends_on: {{ ref('int_measures__unioned') }}
-- depends_on: {{ ref('int_source_days') }}
-- depends_on: {{ ref('int_column_fills') }}
-- depends_on: {{ ref('int_score_overrides') }}
{{ config(reads_build_log=true, post_hook="{{ log_reach({
    'rebuilt_metrics': 'metrics_from_on', 'rebuilt_milestones': 'milestones_from_on',
    'rebuilt_points': 'points_from_on', 'rebuilt_scores': 'scores_from_on',
}) }}") }}

with

last_complete_build as (

    {{ last_complete_build() }}

),

open_dirty_days as (

    select
        min(case
            when model not in ('int_score_overrides', 'int_journey__measures', 'int_journey_positions')
                and model not in ('rebuilt_milestones', 'rebuilt_points', 'rebuilt_scores') then dirty_from_on
        end) as metrics_from_on,
        min(case when model = 'rebuilt_milestones' then dirty_from_on end) as milestones_from_on,
        min(case when model = 'rebuilt_points' then dirty_from_on end) as points_from_on,
        min(case when model not in ('int_journey_positions', 'rebuilt_milestones') then dirty_from_on end)
            as scores_from_on
    from {{ build_log('dirty_days') }}
    where logged_at > coalesce((select completed_at from last_complete_build), {{ first_version_on() }})

),

configuration as (

    select
        -- what int_product__rebuild_range compares comes first
        concat({{ product_configuration() }}, ' ', md5(concat(
            {{ table_fingerprint(ref('measures')) }},
            {{ table_fingerprint(ref('metrics')) }},
            {{ table_fingerprint(ref('instrumentation')) }},
            {{ table_fingerprint(ref('tenure_bands')) }},
            '{{ configured_vars() }}'
        ))) as metrics_configuration,
        {{ table_fingerprint(ref('benchmarks')) }} as points_configuration,
        md5(concat(
            {{ table_fingerprint(ref('scorecards')) }},
            {{ table_fingerprint(ref('scorecard_metrics')) }},
            {{ table_fingerprint(ref('score_rules')) }},
            {{ table_fingerprint(ref('grades')) }}
        )) as scores_configuration,
        {{ table_fingerprint('(select distinct metric, comparator, threshold from ' ~ ref('milestones') ~ ')') }}
            as milestones_configuration

),

-- what int_product__rebuild_range reads: its rows are those loaded after this
loads as (

    {% for raw_table in ['usage_events', 'users', 'accounts', 'account_identifiers'] -%}
    select max({{ var('loaded_at_column') }}) as loaded_at from {{ source('raw', raw_table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

reaches as (

    select
        configuration.*,
        {{ as_of_date() }} as as_of_date,
        case
            when last_complete_build.metrics_configuration = configuration.metrics_configuration
                then least(
                        coalesce(open_dirty_days.metrics_from_on, {{ open_end() }}),
                        {{ add_days('last_complete_build.as_of_date', 1) }},
                        {{ add_days(as_of_date(), 1 - var('lookback_days')) }}
                    )
            else {{ first_version_on() }}
        end as metrics_from_on,
        case
            when last_complete_build.points_configuration = configuration.points_configuration
                then coalesce(open_dirty_days.points_from_on, {{ open_end() }})
            else {{ first_version_on() }}
        end as points_reach_on,
        case
            when last_complete_build.scores_configuration = configuration.scores_configuration
                then coalesce(open_dirty_days.scores_from_on, {{ open_end() }})
            else {{ first_version_on() }}
        end as scores_reach_on,
        case
            when last_complete_build.milestones_configuration = configuration.milestones_configuration
                then coalesce(open_dirty_days.milestones_from_on, {{ open_end() }})
            else {{ first_version_on() }}
        end as milestones_reach_on
    from configuration
    cross join open_dirty_days
    left join last_complete_build
        on true

),

final as (

    select
        as_of_date,
        (select max(loaded_at) from loads) as loaded_until,
        metrics_configuration,
        points_configuration,
        scores_configuration,
        milestones_configuration,
        metrics_from_on,
        least(metrics_from_on, milestones_reach_on) as milestones_from_on,
        least(metrics_from_on, points_reach_on) as points_from_on,
        least(metrics_from_on, points_reach_on, scores_reach_on) as scores_from_on
    from reaches

)

select * from final
