{#
    How well a score tells those to whom something happened from the others. The one place where this is computed.

    A relation of observations has the group columns, account_id, score (higher is healthier) and has_outcome. The area
    under the curve is the chance that an observation with the outcome was scored below one without; ties count half.
    The placement of an observation is the share of the other kind that it is on the right side of. Observations of one
    account are alike, so placements are summed by account before their variance is taken: the estimator of DeLong,
    DeLong and Clarke-Pearson, as Obuchowski (1997) extended it to clusters.

    In three steps: score_levels (a row per group and distinct score), account_placements (a row per group and account),
    clustered_auc (a row per group).
#}
{# A row per group and distinct score, lowest first: how many of either kind there are, and below it. #}
{% macro score_levels(observations, groups) -%}
    {%- set by_group = groups | join(', ') -%}
    select
        *,
        events + others as observations,
        sum(events) over lower_scores - events as events_below,
        sum(others) over lower_scores - others as others_below,
        sum(events) over whole_group as all_events,
        sum(others) over whole_group as all_others
    from (
        select
            {{ by_group }},
            score,
            cast(sum(case when has_outcome then 1 else 0 end) as double) as events,
            cast(sum(case when has_outcome then 0 else 1 end) as double) as others
        from {{ observations }}
        group by {{ by_group }}, score
    ) as counted
    window
        lower_scores as (partition by {{ by_group }} order by score rows between unbounded preceding and current row),
        whole_group as (partition by {{ by_group }})
{%- endmacro %}

{# A row per group and account: its observations of either kind, and the sums of their placements. #}
{% macro account_placements(observations, levels, groups) -%}
    select
        {%- for group in groups %}
        observations.{{ group }},
        {%- endfor %}
        observations.account_id,
        max(levels.all_events) as all_events,
        max(levels.all_others) as all_others,
        cast(sum(case when observations.has_outcome then 1 else 0 end) as double) as events,
        cast(sum(case when observations.has_outcome then 0 else 1 end) as double) as others,
        coalesce(sum(case
            when observations.has_outcome
                then (levels.all_others - levels.others_below - levels.others / 2) / nullif(levels.all_others, 0)
        end), 0) as placed_events,
        coalesce(sum(case
            when not observations.has_outcome
                then (levels.events_below + levels.events / 2) / nullif(levels.all_events, 0)
        end), 0) as placed_others
    from {{ observations }} as observations
    inner join {{ levels }} as levels
        on observations.score = levels.score
        {%- for group in groups %}
        and observations.{{ group }} = levels.{{ group }}
        {%- endfor %}
    group by {% for group in groups %}observations.{{ group }}, {% endfor %}observations.account_id
{%- endmacro %}

{#
    A row per group: auc and its standard error, with the degrees of freedom of that. With too few accounts that met the
    outcome the error is empty: an interval from a handful would promise what it cannot hold.
    `accounts` are rows of account_placements; of differences between two of them, when two scores judge the same
    observations.
#}
{% macro clustered_auc(accounts, groups) -%}
    {%- set by_group = groups | join(', ') -%}
    select
        {{ by_group }},
        auc,
        all_events as events,
        all_others as others,
        accounts,
        accounts_with_outcome,
        case
            when accounts_with_outcome >= {{ var('accuracy_min_accounts') }}
                and accounts_without >= {{ var('accuracy_min_accounts') }}
                then sqrt(greatest(0,
                    accounts_with_outcome / nullif(accounts_with_outcome - 1e0, 0)
                        * spread_events / nullif(power(all_events, 2), 0)
                    + accounts_without / nullif(accounts_without - 1e0, 0)
                        * spread_others / nullif(power(all_others, 2), 0)
                    + 2 * accounts / nullif(accounts - 1e0, 0) * shared_spread / nullif(all_events * all_others, 0)
                ))
        end as standard_error,
        cast(least(accounts_with_outcome, accounts_without) - 1 as double) as error_freedom
    from (
        select
            {{ by_group }},
            max(auc) as auc,
            max(all_events) as all_events,
            max(all_others) as all_others,
            count(*) as accounts,
            sum(case when events > 0 then 1 else 0 end) as accounts_with_outcome,
            sum(case when others > 0 then 1 else 0 end) as accounts_without,
            sum(power(placed_events - events * auc, 2)) as spread_events,
            sum(power(placed_others - others * auc, 2)) as spread_others,
            sum((placed_events - events * auc) * (placed_others - others * auc)) as shared_spread
        from (
            select
                *,
                {# without either kind there is nothing to tell apart #}
                case
                    when all_others > 0
                        then sum(placed_events) over (partition by {{ by_group }}) / nullif(all_events, 0)
                end as auc
            from {{ accounts }}
        ) as centred
        group by {{ by_group }}
    ) as spreads
{%- endmacro %}

{#
    Rate of the outcome among the tenth of a group with the lowest scores, over that of all. Where the border runs
    through equal scores these count by their mean rate. An aggregate over rows of score_levels (`levels`).
#}
{% macro lowest_tenth_lift(levels) -%}
    sum({{ levels }}.events / nullif({{ levels }}.observations, 0) * least({{ levels }}.observations, greatest(
        0,
        0.1e0 * ({{ levels }}.all_events + {{ levels }}.all_others)
            - {{ levels }}.events_below - {{ levels }}.others_below
    ))) / nullif(0.1e0 * max({{ levels }}.all_events), 0)
{%- endmacro %}

{#
    The probability of a value at least as far from 0 as z under the standard normal, to 1e-7 (Abramowitz and Stegun
    26.2.17).
#}
{% macro two_sided_p_value(z) -%}
    (2 * 0.3989422804014327e0 * exp(-power({{ z }}, 2) / 2) * (
        0.319381530e0 / (1 + 0.2316419e0 * abs({{ z }}))
        - 0.356563782e0 / power(1 + 0.2316419e0 * abs({{ z }}), 2)
        + 1.781477937e0 / power(1 + 0.2316419e0 * abs({{ z }}), 3)
        - 1.821255978e0 / power(1 + 0.2316419e0 * abs({{ z }}), 4)
        + 1.330274429e0 / power(1 + 0.2316419e0 * abs({{ z }}), 5)
    ))
{%- endmacro %}

{# Between -z and z lies 95% of the standard normal. The only home of these numbers in SQL. #}
{% macro z_95() -%}1.959964e0{%- endmacro %}
{% macro z_95_squared() -%}3.8414588e0{%- endmacro %}

{#
    Half the width of the 95% interval around what few accounts show. An error that is itself estimated from n accounts
    makes tails heavier than the normal ones: Student's t with n - 1 degrees of freedom, by the approximation of Wallace
    (1959).
#}
{% macro error_margin(standard_error, error_freedom) -%}
    {{ standard_error }} * sqrt({{ error_freedom }} * (exp(
        power({{ z_95() }} * (8 * {{ error_freedom }} + 3) / nullif(8 * {{ error_freedom }} + 1, 0), 2)
            / nullif({{ error_freedom }}, 0)
    ) - 1))
{%- endmacro %}

{# The standard normal value that is as improbable as a value of t: the same approximation, the other way round. #}
{% macro normal_of_t(t, error_freedom) -%}
    (8 * {{ error_freedom }} + 1) / nullif(8 * {{ error_freedom }} + 3, 0)
        * sqrt({{ error_freedom }} * ln(1 + power({{ t }}, 2) / nullif({{ error_freedom }}, 0)))
{%- endmacro %}

{# The 95% limits of the area of rows of clustered_auc; empty where its error is. #}
{% macro auc_limit(areas, side) -%}
    {%- set margin = error_margin(areas ~ '.standard_error', areas ~ '.error_freedom') -%}
    case when {{ areas }}.standard_error is not null then
        {%- if side == 'low' %} greatest(0, {{ areas }}.auc - {{ margin }})
        {%- else %} least(1, {{ areas }}.auc + {{ margin }})
        {%- endif %}
    end
{%- endmacro %}

{#
    How probable an area at least as far from 0.5 would be by guessing. Where all placements agree there is nothing to
    doubt.
#}
{% macro auc_p_value(areas) -%}
    {%- set t = '((' ~ areas ~ '.auc - 0.5e0) / nullif(' ~ areas ~ '.standard_error, 0))' -%}
    case
        when {{ areas }}.standard_error = 0 then case when {{ areas }}.auc = 0.5e0 then 1e0 else 0e0 end
        else {{ two_sided_p_value(normal_of_t(t, areas ~ '.error_freedom')) }}
    end
{%- endmacro %}

{#
    Holm's correction: the p-values of all rows, raised so that the chance of a single false one among all of them stays
    what a single test would have. place_among_tests puts the place and the number of tests beside the p-value; rows
    without a p-value are no test.
#}
{% macro place_among_tests(p_value) -%}
    row_number() over (order by {{ p_value }} nulls last) as place_among_tests,
        count({{ p_value }}) over () as tests
{%- endmacro %}

{% macro holm_p_value(p_value, place, tests) -%}
    case when {{ p_value }} is not null then least(1, max({{ p_value }} * ({{ tests }} + 1 - {{ place }})) over (
        order by {{ place }} rows between unbounded preceding and current row
    )) end
{%- endmacro %}

{#
    The 95% limits of a share by Wilson's method; `observations` may be fewer than were counted, where these are alike.
#}
{% macro wilson_limit(share, observations, side) -%}
    least(1, greatest(0, (
        ({{ share }}) + {{ z_95_squared() }} / 2 / nullif({{ observations }}, 0)
        {{ '-' if side == 'low' else '+' }} {{ z_95() }} * sqrt(
            ({{ share }}) * (1 - ({{ share }})) / nullif({{ observations }}, 0)
                + {{ z_95_squared() }} / 4 / nullif(power({{ observations }}, 2), 0)
        )
    ) / nullif(1 + {{ z_95_squared() }} / nullif({{ observations }}, 0), 0)))
{%- endmacro %}

{#
    How many independent observations a share rests on: the counted ones over the factor by which observations of one
    account being alike widens the variance. Where all of them agree that factor is unknown, and each account counts
    once.
#}
{% macro effective_observations(observations, accounts, share, spread) -%}
    case
        when {{ share }} > 0 and {{ share }} < 1 and {{ accounts }} > 1
            then least({{ observations }}, greatest(
                1e0,
                {{ share }} * (1 - {{ share }}) * power({{ observations }}, 2)
                    / nullif({{ accounts }} / nullif({{ accounts }} - 1e0, 0) * ({{ spread }}), 0)
            ))
        else cast({{ accounts }} as double)
    end
{%- endmacro %}

{#
    The groups in which pairs are judged: each scorecard and the whole book over all periods, the whole book by quarter.
#}
{% macro judged_groups(pairs, columns) -%}
    {%- for scorecard, period in [('scorecard', "'all'"), ("'all'", "'all'"), ("'all'", quarter_name('date_day'))] -%}
    select {{ scorecard }} as scorecard, predictor, outcome, horizon_days, {{ period }} as period, {{ columns }}
    from {{ pairs }}
    {%- if scorecard != 'scorecard' %}
    {#- a challenger stands beside the scorecards that it would replace, and not beside the whole book #}
    where not {{ is_challenger('predictor') }}
    {%- endif %}
    {{ 'union all\n' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# Whether a predictor is a version of a scorecard that is tried beside the champion. #}
{% macro is_challenger(predictor) -%}
    ({{ predictor }} like 'challenger %')
{%- endmacro %}
