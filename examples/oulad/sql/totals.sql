-- One row: what the extract held and what became of it, counted from the extract on the left of each pair and from
-- the landing files on the right, so that nothing can go missing in between unnoticed.
select
    (select count(*) from extract_registrations) as registrations,
    (
        select count(*) from registrations
        where registered_on is null
    ) as registrations_without_start,
    (
        select count(*) from registrations
        where least(withdrawn_on, course_ends_on) <= registered_on)
        as registrations_ended_before_start,
    (
        select count(*) from registrations
        where withdrawn_on < course_ends_on
    ) as withdrawals,
    (
        select count(*) from registrations
        where withdrawn_on >= course_ends_on
    ) as withdrawals_after_end,
    (select count(distinct account_id) from landed_accounts) as accounts,
    (select count(*) from landed_subscriptions) as subscription_versions,

    (select count(*) from extract_student_vle) as click_rows,
    (select coalesce(sum(sum_click), 0)::bigint from extract_student_vle) as clicks,
    (select count(*) from landed_clicks) as click_events,
    (select coalesce(sum(quantity), 0)::bigint from landed_clicks) as click_events_quantity,
    (
        select count(*) from landed_clicks as events
        inner join registrations on events.account_id = registrations.account_id
        where events.occurred_at >= registrations.withdrawn_on
    ) as clicks_from_withdrawal_on,
    (
        select count(*) from landed_clicks as events
        inner join registrations on events.account_id = registrations.account_id
        where events.occurred_at >= registrations.course_ends_on
            and coalesce(registrations.withdrawn_on > events.occurred_at, true)
    ) as clicks_from_course_end_on,

    (select count(*) from extract_assessment_submissions) as submissions,
    (
        select count(*) from landed_assessments
        where event_id like 'submission:%' and event_name like '%_submitted')
        as submission_events,
    (
        select count(*) from landed_assessments
        where event_name like '%_banked'
    ) as banked_events,
    (
        select count(*) from landed_assessments
        where event_name = 'assessment_score'
    ) as score_events,
    (
        select count(*) from landed_assessments as events
        inner join registrations on events.account_id = registrations.account_id
        where events.event_name like '%_submitted' and events.occurred_at >= registrations.withdrawn_on
    ) as submissions_from_withdrawal_on,

    (select count(*) from extract_assessments) as assessments,
    (
        select count(*) from assessments
        where due_on is null
    ) as assessments_without_due_date,
    (select count(*) from landed_milestone_plans) as milestone_plans,
    (
        select count(*) from registrations
        inner join assessments
            on registrations.code_module = assessments.code_module
            and registrations.code_presentation = assessments.code_presentation
            and registrations.registered_on > assessments.due_on
    ) as deadlines_passed_before_registration,
    (select count(*) from landed_deadlines) as deadline_events,

    (select min(registered_on) from registrations) as first_day,
    (select max(course_ends_on) - 1 from registrations) as last_customer_day
