{#
    The parts of every metric, shared by both strata (source metrics, journey metrics). A stratum's models int_*_steps,
    int_*_levels, int_*_level_values and int_*metrics put them together. All relations are arguments.

    Daily facts (`measures`: account_id, date_day, measure, value) become steps of the metrics that they flow into
    (`operands`: int_metric_operands). A step has account_id, metric, operand, changed_on, step, none_in_force (facts
    whose value is not known), last_seen_on and nets_out_on: from that day on the step and its counterpart sum to
    nothing, so a build that starts later need not read it.
#}

{# A fact enters its window. #}
{% macro entering_steps(measures, operands) -%}
    select
        facts.account_id,
        operands.metric,
        operands.operand,
        {{ add_days('facts.date_day', 'operands.shift_days') }} as changed_on,
        case operands.flow when 'windowed' then coalesce(facts.value, 0) when 'active_day' then 1 else 0 end as step,
        -- the fact exists but has no number
        case when facts.value is null then 1 else 0 end as none_in_force,
        case when operands.flow = 'last_seen' then facts.date_day end as last_seen_on,
        case
            when operands.flow = 'last_seen' then {{ open_end() }}
            else {{ add_days('facts.date_day', 'operands.shift_days + operands.window_days') }}
        end as nets_out_on
    from {{ measures }} as facts
    inner join {{ operands }} as operands
        on facts.measure = operands.measure
    where (facts.value <> 0 or facts.value is null and operands.flow = 'windowed')
        and operands.flow in ('windowed', 'active_day', 'last_seen')
        and {{ add_days('facts.date_day', 'operands.shift_days') }} <= {{ as_of_date() }}
{%- endmacro %}

{# And leaves it. #}
{% macro leaving_steps(measures, operands) -%}
    {%- set leaves_on = add_days('facts.date_day', 'operands.shift_days + operands.window_days') -%}
    select
        facts.account_id,
        operands.metric,
        operands.operand,
        {{ leaves_on }} as changed_on,
        case operands.flow when 'windowed' then -coalesce(facts.value, 0) else -1 end as step,
        case when facts.value is null then -1 else 0 end as none_in_force,
        cast(null as date) as last_seen_on,
        {{ leaves_on }} as nets_out_on
    from {{ measures }} as facts
    inner join {{ operands }} as operands
        on facts.measure = operands.measure
    where (facts.value <> 0 or facts.value is null and operands.flow = 'windowed')
        and operands.flow in ('windowed', 'active_day')
        and {{ leaves_on }} <= {{ as_of_date() }}
{%- endmacro %}

{# A state holds until the next one. #}
{% macro state_steps(measures, operands) -%}
    select
        states.account_id,
        operands.metric,
        operands.operand,
        {{ add_days('states.date_day', 'operands.shift_days') }} as changed_on,
        coalesce(states.value, 0) - coalesce(states.previous_value, 0) as step,
        case when states.value is null then 1 else 0 end
            - case when states.previous_value is null and not states.is_first then 1 else 0 end as none_in_force,
        states.date_day as last_seen_on,
        {{ open_end() }} as nets_out_on
    from (
        select
            account_id,
            measure,
            date_day,
            value,
            lag(value) over (partition by account_id, measure order by date_day) as previous_value,
            row_number() over (partition by account_id, measure order by date_day) = 1 as is_first
        from {{ measures }}
        where measure in (select measure from {{ operands }} where flow = 'in_force')
            and date_day <= {{ as_of_date() }}
    ) as states
    inner join {{ operands }} as operands
        on states.measure = operands.measure
        and operands.flow = 'in_force'
    where {{ add_days('states.date_day', 'operands.shift_days') }} <= {{ as_of_date() }}
{%- endmacro %}

{# The largest fact of a window changes only when one enters or leaves it. #}
{% macro maximum_steps(measures, operands) -%}
    with facts as (

        select
            facts.account_id,
            operands.metric,
            operands.operand,
            operands.window_days,
            facts.date_day,
            facts.value
        from {{ measures }} as facts
        inner join {{ operands }} as operands
            on facts.measure = operands.measure
            and operands.flow = 'maximum'

    ),

    turns as (

        select account_id, metric, operand, window_days, date_day as changed_on from facts
        union
        select account_id, metric, operand, window_days, {{ add_days('date_day', 'window_days') }} from facts

    ),

    maxima as (

        select
            turns.account_id,
            turns.metric,
            turns.operand,
            turns.changed_on,
            coalesce(max(facts.value), 0) as value
        from turns
        left join facts
            on turns.account_id = facts.account_id
            and turns.metric = facts.metric
            and turns.operand = facts.operand
            and facts.date_day <= turns.changed_on
            and facts.date_day > {{ add_days('turns.changed_on', '-turns.window_days') }}
        where turns.changed_on <= {{ as_of_date() }}
        group by 1, 2, 3, 4

    )

    select
        account_id,
        metric,
        operand,
        changed_on,
        value - coalesce(
            lag(value) over (partition by account_id, metric, operand order by changed_on nulls last), 0
        ) as step,
        0 as none_in_force,
        cast(null as date) as last_seen_on,
        {{ open_end() }} as nets_out_on
    from maxima
{%- endmacro %}

{#
    The levels of every metric of every account: stretches [starts_on, ends_on) in which its operands stay as they are.
    They also end at `boundaries` (int_metric_boundaries), so that what is known of the account and of the metric's
    sources can be looked up by the first day of the period that a level lies in. What happened before the first rebuilt
    day is taken together on that day, so that a build of one day costs a day.
#}
{% macro metric_levels(steps, boundaries, rebuild_from_on) -%}
    {%- set operands = ['numerator', 'denominator', 'previous_numerator', 'previous_denominator'] -%}
    with value_steps as (

        select
            account_id,
            metric,
            greatest(changed_on, {{ rebuild_from_on }}) as changed_on,
            {%- for operand in operands %}
            sum(case when operand = '{{ operand }}' then step else 0 end) as {{ operand }},
            {%- endfor %}
            sum(case when operand = 'numerator' then none_in_force else 0 end) as none_in_force,
            max(case when operand = 'numerator' then last_seen_on end) as last_seen_on
        from {{ steps }}
        where nets_out_on > {{ rebuild_from_on }}
        group by 1, 2, 3

    ),

    all_steps as (

        select
            *,
            cast(null as date) as account_period_starts_on,
            cast(null as date) as metric_period_starts_on
        from value_steps
        union all
        select
            account_id,
            metric,
            greatest(changed_on, {{ rebuild_from_on }}) as changed_on,
            {%- for operand in operands %}
            0 as {{ operand }},
            {%- endfor %}
            0 as none_in_force,
            null as last_seen_on,
            account_period_starts_on,
            metric_period_starts_on
        from {{ boundaries }}
        where period_ends_on > {{ rebuild_from_on }}

    ),

    step_days as (

        select
            account_id,
            metric,
            changed_on,
            {%- for operand in operands %}
            sum({{ operand }}) as {{ operand }},
            {%- endfor %}
            sum(none_in_force) as none_in_force,
            max(last_seen_on) as last_seen_on,
            max(account_period_starts_on) as account_period_starts_on,
            max(metric_period_starts_on) as metric_period_starts_on
        from all_steps
        group by 1, 2, 3

    )

    select
        account_id,
        metric,
        changed_on as starts_on,
        coalesce(
            lead(changed_on) over (partition by account_id, metric order by changed_on nulls last),
            {{ add_days(as_of_date(), 1) }}
        ) as ends_on,
        {%- for operand in operands %}
        cast(sum({{ operand }}) over so_far as double) as {{ operand }},
        {%- endfor %}
        sum(none_in_force) over so_far > 0 as is_none_in_force,
        max(last_seen_on) over so_far as last_seen_on,
        max(account_period_starts_on) over so_far as account_period_starts_on,
        max(metric_period_starts_on) over so_far as metric_period_starts_on
    from step_days
    window so_far as (
        partition by account_id, metric order by changed_on nulls last
        rows between unbounded preceding and current row
    )
{%- endmacro %}

{#
    The number of each level (null where it has no base), what it is worth on all of its days, and the days on which
    that changes by itself. Numbers that grow by a day each day are counted in metric_days, from counted_from_on: what
    never happened is missing since the relationship began.
#}
{% macro metric_level_values(levels, metrics, account_periods, metric_periods) -%}
    with valued as (

        select
            levels.account_id,
            levels.metric,
            account_periods.segment,
            account_periods.tenure_band,
            levels.starts_on,
            least(levels.ends_on, account_periods.period_ends_on) as ends_on,
            levels.last_seen_on,
            levels.is_none_in_force,
            metrics.aggregation,
            metrics.measure_kind,
            case
                when metrics.aggregation in ('days_since', 'age_days') then null
                -- a state that is not known, such as revenue at a price without an amount
                when metrics.measure_kind = 'state' and levels.is_none_in_force then null
                when metrics.aggregation = 'ratio' then
                    -- more credited than invoiced is no base
                    levels.numerator / nullif(greatest(levels.denominator, 0), 0)
                        * case when metrics.unit = 'pct' then 100 else 1 end
                when metrics.aggregation = 'change' and metrics.denominator_measure is null then
                    100 * (levels.numerator / nullif(levels.previous_numerator, 0) - 1)
                when metrics.aggregation = 'change' then 100 * (
                    levels.numerator / nullif(levels.denominator, 0)
                        / nullif(levels.previous_numerator / nullif(levels.previous_denominator, 0), 0) - 1
                )
                else levels.numerator
            end as level_value,
            case
                when metrics.aggregation = 'days_since'
                    then coalesce(levels.last_seen_on, account_periods.spell_starts_on)
                when metrics.aggregation = 'age_days' and not levels.is_none_in_force
                    then {{ add_days("cast('1970-01-01' as date)", 'levels.numerator') }}
            end as counted_from_on,
            {{ list_contains_item('account_periods.desired_outcomes', 'metrics.applies_to_outcome') }}
                and coalesce(
                    {{ list_contains_item('account_periods.products', 'metrics.applies_to_product') }},
                    metrics.applies_to_product is null
                ) as is_applicable,
            metric_periods.metric is not null as is_instrumented,
            metric_periods.is_live,
            coalesce(metric_periods.is_partial, false) as is_partial,
            {{ add_days('account_periods.spell_starts_on', 'metrics.applies_from_tenure_days') }} as applies_from_on,
            {{ add_days('account_periods.spell_starts_on', 'metrics.applies_to_tenure_days') }} as applies_until_on,
            -- a mean of answers is as old as its first answer, whoever gave it; a sum of few days is not yet what it says
            metrics.aggregation = 'ratio' and metrics.unit = 'points' as is_mean_of_answers,
            {{ add_days(
                'greatest(account_periods.spell_starts_on,'
                ~ ' coalesce(metric_periods.history_starts_on, account_periods.spell_starts_on))',
                'metrics.min_history_days',
            ) }} as early_until_on,
            {{ add_days('levels.last_seen_on', 'metrics.max_age_days') }} as stale_from_on
        from {{ levels }} as levels
        inner join {{ metrics }} as metrics
            on levels.metric = metrics.metric
        inner join {{ account_periods }} as account_periods
            on levels.account_id = account_periods.account_id
            and levels.account_period_starts_on = account_periods.period_starts_on
        left join {{ metric_periods }} as metric_periods
            on levels.metric = metric_periods.metric
            and levels.metric_period_starts_on = metric_periods.period_starts_on
            and levels.starts_on < metric_periods.period_ends_on

    )

    select
        account_id,
        metric,
        segment,
        tenure_band,
        starts_on,
        ends_on,
        -- of a window that reaches back to rows which did not tell, no number can be shown
        case when not is_partial then level_value end as level_value,
        case when not is_partial then counted_from_on end as counted_from_on,
        case
            when not is_applicable then 'not_applicable'
            when not is_instrumented or (measure_kind in ('state', 'date') and last_seen_on is null)
                then 'not_instrumented'
            when measure_kind = 'state' and is_none_in_force then 'not_instrumented'
            when not is_live or is_partial then 'stale'
            when aggregation = 'days_since' then 'observed'
            when aggregation = 'age_days' then case when is_none_in_force then 'zero' else 'observed' end
            -- only facts without a number, such as comments in a language that nobody reads
            when level_value is null and is_none_in_force and measure_kind = 'additive' then 'not_applicable'
            when level_value is null then 'no_base'
            when level_value = 0 and aggregation <> 'change' then 'zero'
            else 'observed'
        end as level_status,
        applies_from_on,
        applies_until_on,
        case when not is_mean_of_answers or level_value is null then early_until_on end as early_until_on,
        stale_from_on
    from valued
{%- endmacro %}

{#
    How many days before a day a metric looks at one of its measures: its window, twice for a change, and the days that
    the measure itself looks back (distinct users of 28 days).
#}
{% macro days_looked_back(metrics, measures) -%}
    (coalesce({{ measures }}.window_days - 1, 0) + case
        when {{ metrics }}.aggregation = 'change' and {{ measures }}.kind in ('state', 'date') then {{ metrics }}.window_days
        when {{ measures }}.kind in ('state', 'date') or {{ metrics }}.aggregation = 'days_since' then 0
        when {{ metrics }}.aggregation = 'change' then 2 * {{ metrics }}.window_days - 1
        else coalesce({{ metrics }}.window_days - 1, 0)
    end)
{%- endmacro %}

{#
    One row per account, day of the index and metric, from levels with their values and the stretches without tracking.
#}
{% macro metric_days(level_values, untracked_stretches, rebuild_from_on) -%}
    with stretch_days as (

        select
            account_id,
            metric,
            is_partial,
            {{ each_day('greatest(starts_on, ' ~ rebuild_from_on ~ ')', add_days('ends_on', -1)) }} as date_day
        from {{ untracked_stretches }}
        where starts_on < ends_on
            and ends_on > {{ rebuild_from_on }}

    ),

    untracked_days as (

        select
            account_id,
            metric,
            date_day,
            bool_and(is_partial) as is_partial
        from stretch_days
        group by 1, 2, 3

    ),

    level_days as (

        select
            account_id,
            {{ each_day('starts_on', add_days('ends_on', -1)) }} as date_day,
            metric,
            segment,
            tenure_band,
            level_value,
            counted_from_on,
            level_status,
            applies_from_on,
            applies_until_on,
            early_until_on,
            stale_from_on
        from {{ level_values }}
        where starts_on < ends_on

    ),

    judged_days as (

        select
            level_days.*,
            coalesce(untracked_days.is_partial, false) as is_partial,
            case
                when level_days.level_status = 'not_applicable'
                    or level_days.date_day < level_days.applies_from_on
                    or level_days.date_day >= level_days.applies_until_on
                    then 'not_applicable'
                when level_days.level_status = 'not_instrumented' or not untracked_days.is_partial
                    then 'not_instrumented'
                -- the first reason for not counting a number is the one to show
                when level_days.date_day < level_days.early_until_on then 'too_early'
                when level_days.level_status = 'stale' or untracked_days.is_partial
                    or level_days.date_day > level_days.stale_from_on then 'stale'
                else level_days.level_status
            end as value_status
        from level_days
        left join untracked_days
            on level_days.account_id = untracked_days.account_id
            and level_days.metric = untracked_days.metric
            and level_days.date_day = untracked_days.date_day

    )

    select
        account_id,
        date_day,
        metric,
        segment,
        tenure_band,
        -- shown when it counts, and when it did until it went stale
        case
            when value_status not in ('observed', 'zero', 'stale') or is_partial then null
            when counted_from_on is not null then cast({{ days_between('counted_from_on', 'date_day') }} as double)
            else coalesce(level_value, case when level_status = 'zero' then 0 end)
        end as value,
        value_status
    from judged_days
{%- endmacro %}
