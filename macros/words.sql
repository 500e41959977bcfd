{#
    Numbers as people read them in a sentence: few digits, a unit, and a sign where the direction matters.
#}

{# 1,234 · 58 · 4.1 · 0.31: as many digits as say something #}
{% macro number_in_words(number) -%}
    case
        when abs({{ number }}) >= 10 or {{ number }} = round({{ number }})
            then {{ grouped_digits('round(' ~ number ~ ')') }}
        when abs({{ number }}) >= 1 then {{ one_decimal(number) }}
        else cast(cast({{ number }} as decimal(9, 2)) as {{ dbt.type_string() }})
    end
{%- endmacro %}

{% macro one_decimal(number) -%}
    cast(cast({{ number }} as decimal(18, 1)) as {{ dbt.type_string() }})
{%- endmacro %}

{% macro percent_in_words(percent) -%}
    case
        when abs({{ percent }}) >= 10 or {{ percent }} = round({{ percent }})
            then {{ grouped_digits('round(' ~ percent ~ ')') }}
        else {{ one_decimal(percent) }}
    end || ' %'
{%- endmacro %}

{#
    A name that a source made up (an event, a channel, a kind), as far as it can be shown to everybody: people write
    addresses and whole sentences into such fields.
#}
{% macro name_without_persons(name) -%}
    case
        when {{ name }} like '%@%' or length({{ name }}) > 60 then '(not shown: may hold personal data)'
        else {{ name }}
    end
{%- endmacro %}

{# points that a score gains or loses: +4.1 · -0.3 · 0.0 #}
{% macro signed_points(points) -%}
    (case when round({{ points }}, 1) > 0 then '+' else '' end || {{ one_decimal(points) }})
{%- endmacro %}

{#
    The value of a metric with its unit; what the metric's label already says (events, tickets, seats) is not repeated.
#}
{% macro value_in_words(value, unit, aggregation) -%}
    case
        when {{ value }} is null then 'not known'
        when {{ unit }} = 'flag' then case when {{ value }} >= 1 then 'yes' else 'no' end
        else case when {{ aggregation }} = 'change' and {{ value }} > 0 then '+' else '' end
            || case
                when {{ unit }} = 'pct' then {{ percent_in_words(value) }}
                -- counted from a day that is still to come
                when {{ unit }} = 'days' and {{ aggregation }} = 'age_days' and {{ value }} < 0
                    then {{ number_in_words('-(' ~ value ~ ')') }}
                        || case when {{ value }} = -1 then ' day to go' else ' days to go' end
                when {{ unit }} = 'days' and abs({{ value }}) = 1 then {{ number_in_words(value) }} || ' day'
                when {{ unit }} = 'days' then {{ number_in_words(value) }} || ' days'
                when {{ unit }} = 'usd' then {{ number_in_words(value) }} || ' USD'
                else {{ number_in_words(value) }}
            end
    end
{%- endmacro %}

{# Why a number is missing. The descriptions of value_statuses.csv say the same at length. #}
{% macro missing_in_words(value_status) -%}
    case {{ value_status }}
        when 'stale' then 'last known too long ago'
        when 'too_early' then 'too early to tell'
        when 'not_instrumented' then 'not recorded for this account'
        when 'no_base' then 'no data in its period'
        else {{ value_status }}
    end
{%- endmacro %}

{# What stands between a term that ends and its renewal. #}
{% macro renewal_in_words(renewal_code) -%}
    case {{ renewal_code }}
        when 'cancellation_requested' then 'cancellation requested'
        when 'overdue' then 'overdue: the term has ended, no renewal is recorded'
        when 'renews_by_itself' then 'due, renews by itself'
        when 'to_be_signed' then 'due, has to be signed'
    end
{%- endmacro %}

{# 1 row · 3 rows #}
{% macro counted(number, noun) -%}
    (cast({{ number }} as {{ dbt.type_string() }})
        || case when {{ number }} = 1 then ' {{ noun }}' else ' {{ noun }}s' end)
{%- endmacro %}

{# 2026-Q1 #}
{% macro quarter_name(day) -%}
    (cast(extract(year from {{ day }}) as {{ dbt.type_string() }}) || '-Q'
        || cast(extract(quarter from {{ day }}) as {{ dbt.type_string() }}))
{%- endmacro %}

{# 0.71 (95% from 0.64 to 0.78) #}
{% macro area_in_words(area, low, high) -%}
    (cast(cast({{ area }} as decimal(9, 2)) as {{ dbt.type_string() }}) || ' (95% from '
        || cast(cast({{ low }} as decimal(9, 2)) as {{ dbt.type_string() }}) || ' to '
        || cast(cast({{ high }} as decimal(9, 2)) as {{ dbt.type_string() }}) || ')')
{%- endmacro %}

{#
    Sentences about an account, for health.rpt_account_health_in_words. Each takes codes and numbers, and says nothing
    (null) where there is nothing to say.
#}

{# Active users: 42 % (58 of 100 points, costs the score 4.2) · Pulse (last known too long ago) #}
{% macro driver_in_words(side, label, value, value_status, points, contribution, loss) -%}
    case {{ side }}
        when 'missing' then {{ label }} || ' (' || {{ missing_in_words(value_status) }} || ')'
        when 'up'
            then {{ label }} || ': ' || {{ value }} || ' (' || {{ grouped_digits('round(' ~ points ~ ')') }}
                || ' of 100 points, brings the score ' || {{ one_decimal(contribution) }} || ')'
        when 'down'
            then {{ label }} || ': ' || {{ value }} || ' (' || {{ grouped_digits('round(' ~ points ~ ')') }}
                || ' of 100 points, costs the score ' || {{ one_decimal(loss) }} || ')'
    end
{%- endmacro %}

{#
    What moved a score, with its points. `value` and `earlier_value` are words; what is known comes as ;-separated
    lists.
#}
{% macro cause_in_words(
    effect, points, label, value, earlier_value, now_known, no_longer_known, rule_reason, earlier_rule_reason
) -%}
    case {{ effect }}
        when 'behaviour'
            then case
                    when {{ value }} = {{ earlier_value }}
                        then {{ label }} || ' moved in between, and is ' || {{ value }} || ' again'
                    else {{ label }} || ' went from ' || {{ earlier_value }} || ' to ' || {{ value }}
                end
        when 'peers' then {{ label }} || ': similar accounts moved, this one did not'
        when 'benchmark'
            then {{ label }} || ' is judged more ' || case when {{ points }} < 0 then 'strictly' else 'mildly' end
                || ' since the account''s tenure or segment, or the benchmark, changed'
        when 'coverage' then {{ coverage_in_words(now_known, no_longer_known) }}
        when 'configuration' then 'The scorecard itself changed: a new version with other weights'
        when 'rule'
            then coalesce(
                    'A rule limits the score: ' || {{ rule_reason }},
                    'A rule no longer limits the score: ' || {{ earlier_rule_reason }},
                    'A rule limited the score in between'
                )
        when 'interruption' then 'The account had no score in between'
        else {{ effect }}
    end || ' (' || {{ signed_points(points) }} || ')'
{%- endmacro %}

{% macro coverage_in_words(now_known, no_longer_known) -%}
    {%- set gained = "'now known: ' || replace(" ~ now_known ~ ", ';', '; ')" -%}
    {%- set lost = "'no longer known: ' || replace(" ~ no_longer_known ~ ", ';', '; ')" -%}
    coalesce(
        'What is known about the account changed (' || {{ gained }} || '. ' || {{ lost }} || ')',
        'More is known about the account (' || {{ gained }} || ')',
        'Less is known about the account (' || {{ lost }} || ')',
        'What is known about the account changed in between'
    )
{%- endmacro %}

{# Why the shown grade is not the one that the score of the day alone would give. #}
{% macro grade_note_in_words(code, grade, raw_grade, confirm_days) -%}
    case {{ code }}
        when 'overridden' then 'Given by a person; the computed grade is ' || {{ grade }}
        when 'unconfirmed'
            then 'The score of this day alone reads as ' || {{ raw_grade }}
                || ', which counts once it has held for {{ confirm_days }} days'
    end
{%- endmacro %}

{# B by Ann until 2026-06-30: They told me #}
{% macro override_in_words(grade, author, expires_on, reason) -%}
    {{ grade }} || ' by ' || coalesce({{ author }}, 'somebody unnamed')
        || coalesce(' until ' || cast({{ expires_on }} as {{ dbt.type_string() }}), '')
        || ': ' || coalesce({{ reason }}, 'no reason given')
{%- endmacro %}

{# good: 89 % of what this score looks at is known #}
{% macro confidence_in_words(level, coverage) -%}
    case {{ level }}
        when 'low' then 'low, take the score as a first hint'
        when 'too_low' then 'too low for a score'
        else {{ level }}
    end || ': ' || {{ percent_in_words('floor(100 * ' ~ coverage ~ ')') }} || ' of what this score looks at is known'
{%- endmacro %}

{#
    The playbook of the grade, what comes before it, and what to start with. `label` is that of the metric of the code.
#}
{% macro next_step_in_words(code, playbook, is_in_grace, score_status, rule_reason, label) -%}
    case when {{ is_in_grace }} then 'The contract has ended: find out today whether the customer stays. ' else '' end
        || case
            when {{ score_status }} = 'provisional' then 'Little is known yet, so check with the customer first. '
            else ''
        end
        || coalesce({{ playbook }}, 'Ask the customer how things stand, and note it as a pulse')
        || case {{ code }}
            when 'rule' then '. A rule is at work: ' || {{ rule_reason }}
            when 'largest_loss' then '. Largest loss: ' || {{ label }}
            when 'largest_gap' then '. Largest gap in what is known: ' || {{ label }}
            else ''
        end
{%- endmacro %}
