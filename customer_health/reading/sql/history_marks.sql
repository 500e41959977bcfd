with

versions as (

    select date_day
    from health.fct_health_scores
    where account_id = $account and scorecard = $scorecard
    qualify scorecard_version <> lag(scorecard_version) over (order by date_day)

),

moves as (

    select date_day, effect as kind, sum(change_points) as change_points
    from health.fct_score_changes
    where account_id = $account and scorecard = $scorecard and effect in ('configuration', 'benchmark')
    group by date_day, effect
    -- a peer group that breathes by a tenth of a point is no news
    having abs(sum(change_points)) >= 1

),

restated as (

    select date_day, max(restated_health_score - published_health_score) as change_points
    from quality.fct_score_restatements
    where account_id = $account and scorecard = $scorecard
    group by date_day
    -- days in a row are told by the first of them
    qualify date_day - 1 is distinct from lag(date_day) over (order by date_day)

),

publications as (

    select as_of_date
    from quality.fct_publications
    where status <> 'held'
    qualify configuration_version <> lag(configuration_version) over (order by published_at)

),

unioned as (

    select date_day, 'version' as kind, null as change_points from versions
    where date_day not in (
            select date_day from moves
            where kind = 'configuration'
        )
    union all
    select date_day, kind, change_points from moves
    union all
    select date_day, 'restated' as kind, change_points from restated
    union all
    select as_of_date as date_day, 'publication' as kind, null as change_points from publications

)

select * from unioned
order by date_day, kind
