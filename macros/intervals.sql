{#
    The interval method: how many distinct entities (users, features) of an account were active in the window ending on
    each day, without count(distinct). Each active day opens a span of window_days; spans that touch are one; +1 where a
    span opens, -1 where it closes, and a running sum in between.

    `entity_days` has account_id, entity, date_day, one row each. Returns account_id, date_day, value: a row per day on
    which the number changes.
#}
{% macro rolling_distinct(entity_days, window_days) -%}
    select
        account_id,
        date_day,
        value
    from (
        select
            account_id,
            date_day,
            value,
            coalesce(lag(value) over (partition by account_id order by date_day), 0) as previous_value
        from (
            select
                account_id,
                date_day,
                sum(sum(step)) over (
                    partition by account_id order by date_day
                    rows between unbounded preceding and current row
                ) as value
            from (
                select
                    spans.account_id,
                    case
                        when ends.step = 1 then spans.date_day
                        else {{ add_days('spans.date_day', window_days) }}
                    end as date_day,
                    ends.step
                from (
                    select
                        account_id,
                        date_day,
                        lag(date_day) over (partition by account_id, entity order by date_day) as previous_day,
                        lead(date_day) over (partition by account_id, entity order by date_day) as next_day
                    from {{ entity_days }}
                ) as spans
                -- each active day is looked at twice: does it open a span, does it close one?
                inner join (select 1 as step union all select -1 as step) as ends
                    on ends.step = 1
                    and (
                        spans.previous_day is null
                        or {{ days_between('spans.previous_day', 'spans.date_day') }} >= {{ window_days }}
                    )
                    or ends.step = -1
                    and (
                        spans.next_day is null
                        or {{ days_between('spans.date_day', 'spans.next_day') }} >= {{ window_days }}
                    )
            ) as steps
            group by 1, 2
        ) as levels
    ) as compared
    where value <> previous_value
{%- endmacro %}

{#
    How many intervals of an account are open on each day. `intervals` has account_id, starts_on, ends_on (exclusive).
    Returns account_id, date_day, value: a row per day on which the number changes.
#}
{% macro open_intervals(intervals) -%}
    select
        account_id,
        date_day,
        sum(sum(step)) over (
            partition by account_id order by date_day
            rows between unbounded preceding and current row
        ) as value
    from (
        select account_id, starts_on as date_day, 1 as step from {{ intervals }}
        union all
        select account_id, ends_on as date_day, -1 as step from {{ intervals }}
    ) as steps
    group by 1, 2
    having sum(step) <> 0
{%- endmacro %}

{#
    Which unbroken spell of its account each period belongs to; a gap of up to grace_days does not break one.
    `periods` has account_id, starts_on, ends_on (exclusive), no period twice: with ties, their order would differ from
    step to step. Returns all its columns and spell_number.
#}
{% macro numbered_spells(periods) -%}
    select
        *,
        cast(
            sum(opens_spell) over (
                partition by account_id order by starts_on, ends_on
                rows between unbounded preceding and current row
            ) as integer
        ) as spell_number
    from (
        select
            *,
            case
                when covered_until_on is null
                    or {{ days_between('covered_until_on', 'starts_on') }} > {{ var('grace_days') }} then 1
                else 0
            end as opens_spell
        from (
            select
                *,
                max(ends_on) over (
                    partition by account_id order by starts_on, ends_on
                    rows between unbounded preceding and 1 preceding
                ) as covered_until_on
            from {{ periods }}
        ) as covered
    ) as marked
{%- endmacro %}

{#
    What each version of a part of an invoice (a line, a payment) states so far becomes what came or went on a day.
    `statements` has account_id, invoice_id, part, told_by, charge_type, movement, total, happened_on, currency,
    usd_per_unit, version_number, valid_from_on, valid_to_on. A movement counts on the day on which it happened, or from
    which it is known, if that is later; what the next version took back before that never came about.
#}
{% macro invoice_movements(statements) -%}
    {%- set counts_on = 'greatest(coalesce(happened_on, valid_from_on), valid_from_on)' -%}
    select
        account_id,
        invoice_id,
        part,
        told_by,
        charge_type,
        movement,
        date_day,
        coalesce(happened_on, date_day) as happened_on,
        currency,
        cast(amount as {{ money() }}) as amount,
        cast(cast(amount as {{ money() }}) * usd_per_unit as {{ money() }}) as amount_usd
    from (
        select
            *,
            {{ counts_on }} as date_day,
            total - coalesce(lag(total) over (
                partition by account_id, invoice_id, part, movement order by version_number
            ), 0) as amount
        from {{ statements }}
        where {{ counts_on }} < valid_to_on
            and total is not null
    ) as differences
    where amount <> 0
{%- endmacro %}

{# A line of a union for each word: `column` holds it. #}
{% macro words_as_rows(words, column) -%}
    {%- for word in words %}
    select '{{ word }}' as {{ column }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
