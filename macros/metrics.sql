{#
    The three parts of every metric, shared by all strata (source metrics, journey metrics).
#}

{#
    Daily facts as steps of the metrics that they flow into. `measures` has account_id, date_day, measure, value.
    Steps before the first rebuilt day are taken together on that day, so that a build of one day costs a day.
#}
{% macro metric_steps(measures, rebuild_from_on) -%}
    {%- set as_of = as_of_date() %}
    select
        account_id,
        metric,
        greatest(changed_on, {{ rebuild_from_on }}) as changed_on,
        sum(case when operand = 'numerator' then step else 0 end) as numerator,
        sum(case when operand = 'denominator' then step else 0 end) as denominator,
        sum(case when operand = 'previous_numerator' then step else 0 end) as previous_numerator,
        sum(case when operand = 'previous_denominator' then step else 0 end) as previous_denominator,
        sum(case when operand = 'numerator' then none_in_force else 0 end) as none_in_force,
        max(case when operand = 'numerator' then last_seen_on end) as last_seen_on
    from (

        -- a fact enters its window
        select
            facts.account_id,
            operands.metric,
            operands.operand,
            {{ add_days('facts.date_day', 'operands.shift_days') }} as changed_on,
            case operands.flow when 'windowed' then coalesce(facts.value, 0) when 'active_day' then 1 else 0 end as step,
            -- what was there and cannot be told
            case when facts.value is null then 1 else 0 end as none_in_force,
            case when operands.flow = 'last_seen' then facts.date_day end as last_seen_on
        from {{ measures }} as facts
        inner join {{ ref('int_metric_operands') }} as operands
            on facts.measure = operands.measure
        where (facts.value <> 0 or facts.value is null and operands.flow = 'windowed')
            and facts.date_day <= {{ as_of }}
            and (
                operands.flow = 'last_seen'
                -- what left its window before the first rebuilt day nets to nothing
                or operands.flow in ('windowed', 'active_day')
                and {{ add_days('facts.date_day', 'operands.shift_days + operands.window_days') }} > {{ rebuild_from_on }}
            )

        union all

        -- and leaves it
        select
            facts.account_id,
            operands.metric,
            operands.operand,
            {{ add_days('facts.date_day', 'operands.shift_days + operands.window_days') }} as changed_on,
            case operands.flow when 'windowed' then -coalesce(facts.value, 0) else -1 end as step,
            case when facts.value is null then -1 else 0 end as none_in_force,
            null as last_seen_on
        from {{ measures }} as facts
        inner join {{ ref('int_metric_operands') }} as operands
            on facts.measure = operands.measure
        where (facts.value <> 0 or facts.value is null and operands.flow = 'windowed')
            and operands.flow in ('windowed', 'active_day')
            and {{ add_days('facts.date_day', 'operands.shift_days + operands.window_days') }} > {{ rebuild_from_on }}
            and {{ add_days('facts.date_day', 'operands.shift_days + operands.window_days') }} <= {{ as_of }}

        union all

        -- a state holds until the next one
        select
            states.account_id,
            operands.metric,
            operands.operand,
            {{ add_days('states.date_day', 'operands.shift_days') }} as changed_on,
            coalesce(states.value, 0) - coalesce(states.previous_value, 0) as step,
            case when states.value is null then 1 else 0 end
                - case when states.previous_value is null and not states.is_first then 1 else 0 end as none_in_force,
            states.date_day as last_seen_on
        from (
            select
                account_id,
                measure,
                date_day,
                value,
                lag(value) over (partition by account_id, measure order by date_day) as previous_value,
                row_number() over (partition by account_id, measure order by date_day) = 1 as is_first
            from {{ measures }}
            where measure in (select measure from {{ ref('measures') }} where kind in ('state', 'date'))
                and date_day <= {{ as_of }}
        ) as states
        inner join {{ ref('int_metric_operands') }} as operands
            on states.measure = operands.measure
            and operands.flow = 'in_force'

        union all

        -- the largest fact of a window changes only when one enters or leaves it
        select
            maxima.account_id,
            maxima.metric,
            maxima.operand,
            maxima.changed_on,
            maxima.value - coalesce(lag(maxima.value) over (
                partition by maxima.account_id, maxima.metric, maxima.operand order by maxima.changed_on
            ), 0) as step,
            0 as none_in_force,
            null as last_seen_on
        from (
            select
                turns.account_id,
                turns.metric,
                turns.operand,
                turns.changed_on,
                coalesce(max(facts.value), 0) as value
            from (
                select facts.account_id, operands.*, facts.date_day as changed_on
                from {{ measures }} as facts
                inner join {{ ref('int_metric_operands') }} as operands
                    on facts.measure = operands.measure
                    and operands.flow = 'maximum'
                union
                select
                    facts.account_id,
                    operands.*,
                    {{ add_days('facts.date_day', 'operands.window_days') }} as changed_on
                from {{ measures }} as facts
                inner join {{ ref('int_metric_operands') }} as operands
                    on facts.measure = operands.measure
                    and operands.flow = 'maximum'
            ) as turns
            left join (
                select account_id, measure, date_day, value
                from {{ measures }}
                where measure in (select measure from {{ ref('int_metric_operands') }} where flow = 'maximum')
            ) as facts
                on turns.account_id = facts.account_id
                and turns.measure = facts.measure
                and facts.date_day <= turns.changed_on
                and facts.date_day > {{ add_days('turns.changed_on', '-turns.window_days') }}
            where turns.changed_on <= {{ as_of }}
            group by 1, 2, 3, 4
        ) as maxima

    ) as all_steps
    where changed_on <= {{ as_of }}
    group by 1, 2, 3
{%- endmacro %}

{#
    The levels of every metric of every account: stretches [starts_on, ends_on) in which its operands stay as they are.
    They also end where the account or the metric's sources change, so that what is known of both can be looked up by
    the first day of the period that a level lies in.
#}
{% macro metric_levels(measures, rebuild_from_on) -%}
    {%- set so_far = 'over (partition by account_id, metric order by changed_on rows between unbounded preceding and current row)' %}
    select
        account_id,
        metric,
        changed_on as starts_on,
        coalesce(
            lead(changed_on) over (partition by account_id, metric order by changed_on),
            {{ add_days(as_of_date(), 1) }}
        ) as ends_on,
        cast(sum(numerator) {{ so_far }} as double) as numerator,
        cast(sum(denominator) {{ so_far }} as double) as denominator,
        cast(sum(previous_numerator) {{ so_far }} as double) as previous_numerator,
        cast(sum(previous_denominator) {{ so_far }} as double) as previous_denominator,
        sum(none_in_force) {{ so_far }} > 0 as is_none_in_force,
        max(last_seen_on) {{ so_far }} as last_seen_on,
        max(account_period_starts_on) {{ so_far }} as account_period_starts_on,
        max(metric_period_starts_on) {{ so_far }} as metric_period_starts_on
    from (
        select
            account_id,
            metric,
            changed_on,
            sum(numerator) as numerator,
            sum(denominator) as denominator,
            sum(previous_numerator) as previous_numerator,
            sum(previous_denominator) as previous_denominator,
            sum(none_in_force) as none_in_force,
            max(last_seen_on) as last_seen_on,
            max(account_period_starts_on) as account_period_starts_on,
            max(metric_period_starts_on) as metric_period_starts_on
        from (
            select
                *,
                cast(null as date) as account_period_starts_on,
                cast(null as date) as metric_period_starts_on
            from ({{ metric_steps(measures, rebuild_from_on) }}) as value_steps
            union all
            select
                account_periods.account_id,
                metrics.metric,
                greatest(account_periods.period_starts_on, {{ rebuild_from_on }}) as changed_on,
                0, 0, 0, 0, 0, null,
                account_periods.period_starts_on as account_period_starts_on,
                null as metric_period_starts_on
            from {{ ref('int_account_periods') }} as account_periods
            cross join metrics
            where account_periods.period_ends_on > {{ rebuild_from_on }}
            union all
            select
                accounts.account_id,
                metric_periods.metric,
                greatest(metric_periods.period_starts_on, {{ rebuild_from_on }}) as changed_on,
                0, 0, 0, 0, 0, null,
                null as account_period_starts_on,
                metric_periods.period_starts_on as metric_period_starts_on
            from (select distinct account_id from {{ ref('int_account_periods') }}) as accounts
            cross join {{ ref('int_metric_periods') }} as metric_periods
            inner join metrics
                on metric_periods.metric = metrics.metric
            where metric_periods.period_ends_on > {{ rebuild_from_on }}
            union all
            -- nothing is known from here on, unless the next period begins on the same day
            select
                accounts.account_id,
                metric_periods.metric,
                metric_periods.period_ends_on as changed_on,
                0, 0, 0, 0, 0, null,
                null as account_period_starts_on,
                metric_periods.period_ends_on as metric_period_starts_on
            from (select distinct account_id from {{ ref('int_account_periods') }}) as accounts
            cross join {{ ref('int_metric_periods') }} as metric_periods
            inner join metrics
                on metric_periods.metric = metrics.metric
            where metric_periods.period_ends_on > {{ rebuild_from_on }}
                and metric_periods.period_ends_on <= {{ as_of_date() }}
        ) as all_steps
        group by 1, 2, 3
    ) as step_days
{%- endmacro %}

{# The number of a level; null where it has no base. Numbers that grow by a day each day are counted in metric_value. #}
{% macro metric_level_value() -%}
    case
        when metrics.aggregation in ('days_since', 'age_days') then null
        when metrics.aggregation = 'ratio' then
            levels.numerator / nullif(levels.denominator, 0) * case when metrics.unit = 'pct' then 100 else 1 end
        when metrics.aggregation = 'change' and metrics.denominator_measure is null then
            100 * (levels.numerator / nullif(levels.previous_numerator, 0) - 1)
        when metrics.aggregation = 'change' then 100 * (
            levels.numerator / nullif(levels.denominator, 0)
                / nullif(levels.previous_numerator / nullif(levels.previous_denominator, 0), 0) - 1
        )
        else levels.numerator
    end
{%- endmacro %}

{# The day that days_since and age_days count from. What never happened is missing since the relationship began. #}
{% macro metric_counted_from() -%}
    case
        when metrics.aggregation = 'days_since' then coalesce(levels.last_seen_on, account_periods.spell_starts_on)
        when metrics.aggregation = 'age_days' and not levels.is_none_in_force
            then {{ add_days("cast('1970-01-01' as date)", 'levels.numerator') }}
    end
{%- endmacro %}

{# What the number is worth on all days of a level, as far as that does not depend on the day. #}
{% macro metric_level_status() -%}
    case
        when not {{ list_contains_item('account_periods.desired_outcomes', 'metrics.applies_to_outcome') }}
            or not coalesce({{ list_contains_item('account_periods.products', 'metrics.applies_to_product') }},
                metrics.applies_to_product is null)
            then 'not_applicable'
        when metric_periods.metric is null
            or (metrics.measure_kind in ('state', 'date') and levels.last_seen_on is null)
            then 'not_instrumented'
        when not metric_periods.is_live then 'stale'
        when metrics.aggregation = 'days_since' then 'observed'
        when metrics.aggregation = 'age_days' then case when levels.is_none_in_force then 'zero' else 'observed' end
        -- nothing but what cannot be told, such as comments in a language that nobody reads
        when {{ metric_level_value() }} is null and levels.is_none_in_force and metrics.measure_kind = 'additive'
            then 'not_applicable'
        when {{ metric_level_value() }} is null then 'no_base'
        when {{ metric_level_value() }} = 0 and metrics.aggregation <> 'change' then 'zero'
        else 'observed'
    end
{%- endmacro %}

{# The days on which the worth of a number changes by itself. #}
{% macro metric_status_dates() -%}
        {{ add_days('account_periods.spell_starts_on', 'metrics.applies_from_tenure_days') }} as applies_from_on,
        {{ add_days('account_periods.spell_starts_on', 'metrics.applies_to_tenure_days') }} as applies_until_on,
        {{ add_days(
            'greatest(account_periods.spell_starts_on, coalesce(metric_periods.history_starts_on, account_periods.spell_starts_on))',
            'metrics.min_history_days',
        ) }} as early_until_on,
        {{ add_days('levels.last_seen_on', 'metrics.max_age_days') }} as stale_from_on
{%- endmacro %}

{% macro metric_status() -%}
    case
        when level_status = 'not_applicable' or date_day < applies_from_on or date_day > applies_until_on
            then 'not_applicable'
        when level_status = 'not_instrumented' or is_untracked then 'not_instrumented'
        -- the first reason for not counting a number is the one to show
        when date_day < early_until_on then 'too_early'
        when level_status = 'stale' or date_day > stale_from_on then 'stale'
        else level_status
    end
{%- endmacro %}

{# Shown when it counts, and when it did until it went stale. #}
{% macro metric_value() -%}
    case
        when {{ metric_status() }} not in ('observed', 'zero', 'stale') then null
        when counted_from_on is not null then cast({{ days_between('counted_from_on', 'date_day') }} as double)
        else coalesce(level_value, case when level_status = 'zero' then 0 end)
    end
{%- endmacro %}

{#
    The metrics of one stratum from beginning to end: source metrics read source measures, journey metrics read what
    milestones made of source metrics. One row per account, day of the index and metric.
#}
{% macro metric_days(measures, is_journey, rebuild_from_on) -%}
    with

metrics as (

    select
        metrics.*,
        measures.kind as measure_kind
    from {{ ref('metrics') }} as metrics
    inner join {{ ref('measures') }} as measures
        on metrics.measure = measures.measure
    where (measures.source = 'journey') = {{ 'true' if is_journey else 'false' }}

),

levels as (

    {{ metric_levels(measures, rebuild_from_on) }}

),

account_periods as (

    select * from {{ ref('int_account_periods') }}

),

metric_periods as (

    select * from {{ ref('int_metric_periods') }}

),

-- an account with rows of its own is tracked inside them only
untracked_stretches as (

    select
        account_id,
        measure,
        {{ first_version_on() }} as starts_on,
        min(tracked_from_on) as ends_on
    from {{ ref('instrumentation') }}
    where account_id is not null
    group by 1, 2
    union all
    select
        account_id,
        measure,
        tracked_to_on as starts_on,
        coalesce(
            lead(tracked_from_on) over (partition by account_id, measure order by tracked_from_on),
            {{ open_end() }}
        ) as ends_on
    from {{ ref('instrumentation') }}
    where account_id is not null

),

untracked_days as (

    select distinct
        account_periods.account_id,
        metrics.metric,
        {{ each_day(
            'greatest(account_periods.period_starts_on, untracked_stretches.starts_on, ' ~ rebuild_from_on ~ ')',
            add_days('least(account_periods.period_ends_on, untracked_stretches.ends_on)', -1),
        ) }} as date_day
    from untracked_stretches
    inner join metrics
        on untracked_stretches.measure = metrics.measure
        or untracked_stretches.measure = metrics.denominator_measure
    inner join account_periods
        on untracked_stretches.account_id = account_periods.account_id
        and untracked_stretches.starts_on < account_periods.period_ends_on
        and untracked_stretches.ends_on > account_periods.period_starts_on

),

described as (

    select
        levels.account_id,
        levels.metric,
        account_periods.segment,
        account_periods.tenure_band,
        levels.starts_on,
        least(levels.ends_on, account_periods.period_ends_on) as ends_on,
        {{ metric_level_value() }} as level_value,
        {{ metric_counted_from() }} as counted_from_on,
        {{ metric_level_status() }} as level_status,
        {{ metric_status_dates() }}
    from levels
    inner join metrics
        on levels.metric = metrics.metric
    inner join account_periods
        on levels.account_id = account_periods.account_id
        and levels.account_period_starts_on = account_periods.period_starts_on
    left join metric_periods
        on levels.metric = metric_periods.metric
        and levels.metric_period_starts_on = metric_periods.period_starts_on
        and levels.starts_on < metric_periods.period_ends_on

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
    from described
    where starts_on < ends_on

),

tracked_days as (

    select
        level_days.*,
        untracked_days.metric is not null as is_untracked
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
        {{ metric_value() }} as value,
        {{ metric_status() }} as value_status
    from tracked_days
{%- endmacro %}
