-- Grain: one row per raw row of survey_responses, with what became of it.
{{ config(materialized='table') }}

with

raw_rows as (

    {{ raw_rows('survey_responses', words=['survey']) }}

),

account_keys as (

    select * from {{ ref('stg_crm__account_keys') }}
    where source = 'survey'

),

users as (

    select * from {{ ref('stg_crm__users') }}

),

checked as (

    select
        raw_rows.*,
        coalesce(account_keys.account_id, users.account_id) as resolved_account_id,
        case
            when raw_rows.sent_at is null and raw_rows.responded_at is null then 'missing_timestamp'
            when {{ is_in_future(['raw_rows.sent_at', 'raw_rows.responded_at'], 'raw_rows') }}
                then 'timestamp_in_future'
            when raw_rows.account_id is not null and account_keys.account_id is null then 'unknown_account'
            when raw_rows.account_id is null and users.account_id is null then 'unknown_user'
            when coalesce(raw_rows.known_survey, '') not in ('nps', 'csat', 'ces') then 'invalid_value'
            when raw_rows.known_survey = 'nps' and raw_rows.score not between 0 and 10 then 'score_out_of_range'
            when raw_rows.known_survey = 'csat' and raw_rows.score not between 1 and 5 then 'score_out_of_range'
            when raw_rows.known_survey = 'ces' and raw_rows.score not between 1 and 7 then 'score_out_of_range'
        end as defect
    from raw_rows
    left join account_keys
        on raw_rows.account_id = account_keys.external_id
        and coalesce(raw_rows.sent_at, raw_rows.responded_at) >= account_keys.valid_from
        and coalesce(raw_rows.sent_at, raw_rows.responded_at) < account_keys.valid_to
    left join users
        on raw_rows.account_id is null
        and raw_rows.user_id = users.user_id
        and coalesce(raw_rows.sent_at, raw_rows.responded_at) < users.valid_to
        -- what a user did before the first version of their row still belongs to that account
        and (coalesce(raw_rows.sent_at, raw_rows.responded_at) >= users.valid_from or users.version_number = 1)

),

fates as (

    {{ row_fates(
        'checked',
        key=['response_id'],
        payload=['account_id', 'user_id', 'survey', 'question', 'sent_at', 'responded_at', 'score', 'comment'],
        mutable=false,
        dated=['responded_at'],
    ) }}

)

select * from fates
