-- Grain: one row per account, journey metric, operand and fact that moves it: when the fact enters, and when it leaves
-- again.
{{ config(materialized='view') }}

with

entering as (

    {{ entering_steps(ref('int_journey__measures'), ref('int_metric_operands')) }}

),

leaving as (

    {{ leaving_steps(ref('int_journey__measures'), ref('int_metric_operands')) }}

),

states as (

    {{ state_steps(ref('int_journey__measures'), ref('int_metric_operands')) }}

),

maxima as (

    {{ maximum_steps(ref('int_journey__measures'), ref('int_metric_operands')) }}

),

final as (

    select * from entering
    union all
    select * from leaving
    union all
    select * from states
    union all
    select * from maxima

)

select * from final
