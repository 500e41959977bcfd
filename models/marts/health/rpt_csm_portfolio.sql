-- Grain: one row per portfolio on the last day: one for each CSM, one for each team, and one for the whole company.
-- Every customer is in exactly one CSM row (accounts without a known CSM share one), one team row and the company row,
-- so each level sums to the same totals. Grades are those that people see: an override counts instead of the computed
-- grade.
{% set grades = ['A', 'B', 'C', 'D', 'F'] %}
{% set grades_at_risk = var('unhealthy_grades') %}

with

customers as (

    select * from {{ ref('int_portfolio_customers') }}

),

csms as (

    select * from {{ ref('int_current_csms') }}

),

members as (

    select 'csm' as portfolio_level, team, csm_id, csm_name, account_id from customers
    union all
    -- a CSM without customers has room for some
    select
        'csm' as portfolio_level,
        coalesce(csms.team, 'none') as team,
        csms.csm_id,
        csms.csm_name,
        cast(null as {{ dbt.type_string() }}) as account_id
    from csms
    left join customers
        on csms.csm_id = customers.csm_id
    where customers.csm_id is null
    union all
    select 'team' as portfolio_level, team, null as csm_id, 'all' as csm_name, account_id from customers
    union all
    select 'company' as portfolio_level, 'all' as team, null as csm_id, 'all' as csm_name, account_id
    from customers

),

summed as (

    select
        members.portfolio_level,
        members.team,
        members.csm_id,
        members.csm_name,
        count(customers.account_id) as customers,
        sum(case when customers.is_in_grace then 1 else 0 end) as customers_in_grace,
        coalesce(sum(customers.mrr_usd), 0) as mrr_usd,
        count(customers.health_score) as scored_customers,
        sum(case when customers.score_status = 'provisional' then 1 else 0 end) as provisional_customers,
        {{ exact_sum('customers.health_score') }} / nullif(count(customers.health_score), 0) as average_score,
        cast(sum(cast(customers.mrr_usd * customers.health_score as {{ exact_sum_type() }})) as double)
        / nullif(sum(case when customers.health_score is not null then cast(customers.mrr_usd as double) end), 0)
            as average_score_by_mrr,
        {%- for grade in grades %}
        sum(case when customers.shown_grade = '{{ grade }}' then 1 else 0 end) as grade_{{ grade | lower }}_customers,
        coalesce(sum(case when customers.shown_grade = '{{ grade }}' then customers.mrr_usd end), 0)
            as grade_{{ grade | lower }}_mrr_usd,
        {%- endfor %}
        sum(case when customers.is_fast_drop then 1 else 0 end) as fast_drops,
        coalesce(sum(customers.renewals_due), 0) as renewals_due,
        coalesce(sum(customers.mrr_due_usd), 0) as renewals_due_mrr_usd,
        sum(case
            when customers.shown_grade in ({{ grades_named('unhealthy_grades') }})
                then customers.renewals_due
            else 0
        end) as renewals_at_risk
    from members
    left join customers
        on members.account_id = customers.account_id
    group by 1, 2, 3, 4

),

final as (

    select
        portfolio_level,
        team,
        csm_id,
        csm_name,
        cast(customers as integer) as customers,
        cast(customers_in_grace as integer) as customers_in_grace,
        cast(mrr_usd as {{ money() }}) as mrr_usd,
        cast(scored_customers as integer) as scored_customers,
        cast(provisional_customers as integer) as provisional_customers,
        cast(customers - scored_customers as integer) as unscored_customers,
        round(average_score, 1) as average_score,
        round(average_score_by_mrr, 1) as average_score_by_mrr,
        {%- for grade in grades | map('lower') %}
        cast(grade_{{ grade }}_customers as integer) as grade_{{ grade }}_customers,
        round(100e0 * grade_{{ grade }}_customers / nullif(customers, 0), 1) as grade_{{ grade }}_customers_pct,
        cast(grade_{{ grade }}_mrr_usd as {{ money() }}) as grade_{{ grade }}_mrr_usd,
        round(100 * cast(grade_{{ grade }}_mrr_usd as double) / nullif(cast(mrr_usd as double), 0), 1)
            as grade_{{ grade }}_mrr_pct,
        {%- endfor %}
        cast(
            {%- for grade in grades_at_risk | map('lower') %}
            grade_{{ grade }}_customers{{ ' +' if not loop.last }}
            {%- endfor %} as integer
        ) as customers_at_risk,
        cast(
            {%- for grade in grades_at_risk | map('lower') %}
            grade_{{ grade }}_mrr_usd{{ ' +' if not loop.last }}
            {%- endfor %} as {{ money() }}
        ) as mrr_at_risk_usd,
        cast(fast_drops as integer) as fast_drops,
        cast(renewals_due as integer) as renewals_due,
        cast(renewals_due_mrr_usd as {{ money() }}) as renewals_due_mrr_usd,
        cast(renewals_at_risk as integer) as renewals_at_risk
    from summed

)

select * from final
