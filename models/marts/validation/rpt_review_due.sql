-- Grain: one row per scorecard in force that is to be reviewed, and per finding about what came true, with owner and
-- due date.
-- review_items.csv names them; without a date of its own a finding is due when the scorecard it is about is reviewed
-- next.
with

cards as (

    select * from {{ ref('scorecards') }}
    where status = 'champion'
        and {{ is_in_force() }}

),

findings as (

    select * from {{ ref('int_quality_findings') }}
    where finding in (
            'score_does_not_predict', 'score_not_above_generic', 'weighted_metric_at_chance',
            'leading_claim_unsupported', 'baseline_metric_unknown'
        )

),

metric_reviews as (

    select
        weights.metric,
        min(cards.next_review_on) as next_review_on
    from {{ ref('int_scorecard_weights') }} as weights
    inner join cards
        on weights.scorecard = cards.scorecard
        and weights.scorecard_version = cards.version
    group by 1

),

any_review as (

    select min(next_review_on) as next_review_on from cards

),

due as (

    select
        'review' as kind,
        'review_overdue' as finding,
        scorecard as entity,
        'version ' || cast(version as {{ dbt.type_string() }}) || ' is to be looked at against what happened' as detail,
        next_review_on
    from cards
    union all
    select
        'finding' as kind,
        findings.finding,
        findings.entity,
        findings.detail,
        coalesce(cards.next_review_on, metric_reviews.next_review_on, any_review.next_review_on) as next_review_on
    from findings
    left join cards
        on findings.entity = cards.scorecard
    left join metric_reviews
        on findings.entity = metric_reviews.metric
    cross join any_review

),

-- the row that names the entity, else the one for all
items as (

    select
        due.kind,
        due.finding,
        due.entity,
        items.owner,
        items.due_on,
        items.decision,
        row_number() over (
            partition by due.kind, due.finding, due.entity order by case when items.entity is null then 1 else 0 end
        ) as precedence
    from due
    inner join {{ ref('review_items') }} as items
        on due.finding = items.finding
        and due.entity = coalesce(items.entity, due.entity)

),

final as (

    select
        cast(due.kind as {{ dbt.type_string() }}) as kind,
        due.finding,
        due.entity,
        due.detail,
        coalesce(items.owner, 'nobody') as owner,
        coalesce(items.due_on, due.next_review_on) as due_on,
        coalesce(items.due_on, due.next_review_on) < {{ as_of_date() }} as is_overdue,
        coalesce(items.decision, 'none') as decision
    from due
    left join items
        on due.kind = items.kind
        and due.finding = items.finding
        and due.entity = items.entity
        and items.precedence = 1

)

select * from final
