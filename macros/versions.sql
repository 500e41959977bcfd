{#
    One rule of versions for every table: how rows of one key follow each other, and from when each of them holds.

    Order       updated_at; else the date of the file; else the load (by the counter of the landing loader, not by what
                a clock said: landing.reordered_loads). The same place twice: the row in which more of
                its own dates (solved_at, responded_at, ...) are filled is the later one.
    Changes     a later row that says something else is a change, also where updated_at stayed as it was. Of a table
                whose rows do not change (mutable: false) the last one stands, and the ones before it are superseded.
    Conflicts   rows that contradict each other in one place. Where updated_at or a file date names the place, the
                first one stands; where nothing but the load does, nobody can tell, and all of them wait in quarantine.
    Dates       a fact with a date of its own counts on that date; what has none counts from updated_at, from the date
                of the file or from the load.
#}

{#
    The date that a file bears in its name: of an ISO date (2026-06-01, 20260601, 2026-06-01T0300) the last one there
    is, or as the var file_dates says of this table. Null where there is none.
#}
{% macro file_dated_at(source_file) -%}
    {%- set tables = [] -%}
    {%- for table in raw_tables() if model.name in (table.base, 'base_' ~ table.source ~ '__' ~ table.name) -%}
        {%- do tables.append(table.name) -%}
    {%- endfor -%}
    {%- set form = var('file_dates').get(tables | first or "", 'iso') -%}
    {%- set digits = digits_of(last_match(source_file, {
        'iso': '((?:19|20)[0-9]{2}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12][0-9]|3[01])'
            ~ '(?:[T _-](?:[01][0-9]|2[0-3])[-:.]?[0-5][0-9](?:[-:.]?[0-5][0-9])?)?)',
        'ddmmyyyy': '((?:0[1-9]|[12][0-9]|3[01])[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:19|20)[0-9]{2})',
        'mmddyyyy': '((?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12][0-9]|3[01])[-_.]?(?:19|20)[0-9]{2})',
        'none': '(no date)',
    }[form])) -%}
    {%- set stamp = 'rpad(' ~ digits ~ ", 14, '0')" -%}
    {%- set year, month, day = {
        'ddmmyyyy': (5, 3, 1), 'mmddyyyy': (5, 1, 3),
    }.get(form, (1, 5, 7)) -%}
    try_cast(concat(
        substr({{ stamp }}, {{ year }}, 4), '-', substr({{ stamp }}, {{ month }}, 2), '-',
        substr({{ stamp }}, {{ day }}, 2), ' ',
        substr({{ stamp }}, 9, 2), ':', substr({{ stamp }}, 11, 2), ':', substr({{ stamp }}, 13, 2)
    ) as timestamp)
{%- endmacro %}

{#
    Adds to the rows of `relation` the date of their file, a fingerprint of what they say, their place (see the rule
    above) and their order within the key. `dated` are the columns that are dates of facts which become known later.
#}
{% macro order_versions(relation, key, payload, mutable, dated=[]) -%}
    {%- set says_when = 'updated_at' if mutable else 'cast(null as timestamp)' -%}
    {%- set columns = key + (['updated_at'] if mutable else []) + payload -%}
    select
        placed.*,
        row_number() over (
            partition by {{ key | join(', ') }}
            order by
                {%- if not mutable %}
                -- an answer is not taken back by an older export that does not have it yet
                dates_known nulls first,
                {%- endif %}
                coalesce({{ says_when }}, file_dated_at, load_ordered_at) nulls first,
                coalesce(file_dated_at, load_ordered_at) nulls first,
                load_number nulls first,
                loaded_at nulls first,
                dates_known nulls first,
                row_fingerprint nulls first,
                source_file nulls first,
                source_row nulls first
        ) as version_order
    from (
        select
            {{ relation }}.*,
            -- a name that is ahead of its load dates nothing
            case
                when {{ file_dated_at('source_file') }} <= {{ relation }}.loaded_at + interval '1' day
                    then {{ file_dated_at('source_file') }}
            end as file_dated_at,
            {% for column in dated -%}
            case when {{ column }} is not null then 1 else 0 end{{ ' + ' if not loop.last }}
            {%- else -%}
            0
            {%- endfor %} as dates_known,
            {{ fingerprint(columns) }} as row_fingerprint,
            coalesce(reordered_loads.ordered_at, {{ relation }}.loaded_at) as load_ordered_at,
            reordered_loads.load_number
        from {{ relation }}
        left join {{ source('landing', 'reordered_loads') }} as reordered_loads
            on {{ relation }}.loaded_at = reordered_loads.loaded_at
    ) as placed
{%- endmacro %}

{#
    Marks rows that add nothing (is_copy) and rows that contradict another row in their place (is_conflict). A row that
    cannot be used (`is_unusable`) must not stand in the way of the one that is sent to correct it: it is compared with
    its like only.
#}
{% macro mark_copies(relation, key, mutable, is_unusable='defect is not null') -%}
    {%- set place = (['updated_at'] if mutable else []) + ['file_dated_at', 'loaded_at', 'dates_known'] -%}
    {%- set alike = key + ['is_unusable'] -%}
    select
        compared.*,
        case
            when is_unusable then row_number() over (
                partition by {{ (alike + ['row_fingerprint']) | join(', ') }} order by version_order nulls last
            ) > 1
            -- sent again, when it could be used: an event from the future, now that its day has come
            or min(case when is_unusable then 1 else 0 end) over (
                partition by {{ (key + ['row_fingerprint']) | join(', ') }}
            ) = 0
            when is_conflict then false
            {%- if mutable %}
            else coalesce(row_fingerprint = lag(row_fingerprint) over (
                partition by {{ (alike + ['is_conflict']) | join(', ') }} order by version_order nulls last
            ), false)
            {%- else %}
            -- the last one stands; of its copies the first
            else row_fingerprint <> last_value(row_fingerprint) over (
                partition by {{ (alike + ['is_conflict']) | join(', ') }} order by version_order nulls last
                rows between unbounded preceding and unbounded following
            ) or row_number() over (
                partition by {{ (alike + ['is_conflict', 'row_fingerprint']) | join(', ') }}
                order by version_order nulls last
            ) > 1
            {%- endif %}
        end as is_copy
    from (
        select
            told_apart.*,
            not is_unusable and case
                when {{ 'updated_at is not null or ' if mutable }}file_dated_at is not null
                    then row_fingerprint <> first_value(row_fingerprint) over (
                        partition by {{ (alike + place) | join(', ') }}
                        order by source_file nulls first, source_row nulls first
                    )
                else min(row_fingerprint) over (partition by {{ (alike + place) | join(', ') }})
                    <> max(row_fingerprint) over (partition by {{ (alike + place) | join(', ') }})
            end as is_conflict
        from (
            select
                {{ relation }}.*,
                coalesce(range_defect is not null or {{ is_unusable }}, false) as is_unusable
            from {{ relation }}
        ) as told_apart
    ) as compared
{%- endmacro %}

{#
    From when each staged version of a mutable table holds (begins_at), whether nothing but its load says so
    (is_undated), and which versions follow one that said when it was made (change_run): what they add counts on the
    dates that it bears itself, see known_later.
#}
{% macro date_versions(relation, key) -%}
    {%- set in_order -%}
        partition by {{ key | join(', ') }}, row_fate order by version_order nulls last
    {%- endset -%}
    select
        dated.*,
        case when says_when then updated_at else coalesce(file_dated_at, load_ordered_at) end as begins_at,
        not says_when and file_dated_at is null as is_undated,
        sum(case when says_when then 1 else 0 end) over (
            {{ in_order }} rows between unbounded preceding and current row
        ) as change_run
    from (
        select
            {{ relation }}.*,
            updated_at is not null
                and coalesce(updated_at <> lag(updated_at) over ({{ in_order }}), true) as says_when
        from {{ relation }}
    ) as dated
{%- endmacro %}

{#
    A fact with a date of its own, as soon as any version of the same run knows it: `date` is the column that dates the
    fact, `column` one that belongs to it (the date itself, unless given).
#}
{% macro known_later(key, date, column=none) -%}
    {%- set column = column or date -%}
    coalesce(
        {{ first_known(
            'case when ' ~ date ~ ' is not null then ' ~ column ~ ' end',
            (key + ['change_run']) | join(', '), 'version_order nulls last'
        ) }},
        {{ column }}
    )
{%- endmacro %}

{#
    [valid_from, valid_to) of each version, and the same in days of the reporting zone: the version that is valid at
    the end of a day is the one with valid_from_on <= day < valid_to_on. The first version begins with the row itself;
    one that nothing dates was there from the beginning; so was each row of a dimension (`is_dimension`): facts older
    than it still belong to it.
#}
{% macro version_columns(key, created_column=none, is_dimension=false) -%}
    {%- set in_order -%}
        partition by {{ key | join(', ') }} order by version_order nulls last
    {%- endset -%}
    {%- set ends_at -%}
        min(begins_at) over ({{ in_order }} rows between 1 following and unbounded following)
    {%- endset -%}
    {%- set created_at = 'cast(' ~ created_column ~ ' as timestamp)' if created_column else 'updated_at' -%}
    {%- set undated_at = 'begins_at' if created_column else 'cast(' ~ first_version_on() ~ ' as timestamp)' -%}
    {%- set undated_on = to_reporting_date('begins_at') if created_column else first_version_on() -%}
    {%- set is_first = 'row_number() over (' ~ in_order ~ ') = 1' -%}
    {#- a change that was known by its load only may have been overtaken by then -#}
    {%- set changed_at = 'least(begins_at, coalesce(' ~ ends_at ~ ', begins_at))' -%}
    is_undated as is_undated_version,
    row_number() over ({{ in_order }}) as version_number,
    case
        {%- if is_dimension %}
        when {{ is_first }} then cast({{ first_version_on() }} as timestamp)
        {%- else %}
        when {{ is_first }} then coalesce({{ created_at }}, {{ undated_at }})
        {%- endif %}
        else {{ changed_at }}
    end as valid_from,
    coalesce({{ ends_at }}, {{ open_end_at() }}) as valid_to,
    case
        {%- if is_dimension %}
        when {{ is_first }} then {{ first_version_on() }}
        {%- else %}
        when {{ is_first }} then coalesce({{ to_reporting_date(created_at) }}, {{ undated_on }})
        {%- endif %}
        else {{ to_reporting_date(changed_at) }}
    end as valid_from_on,
    coalesce({{ to_reporting_date(ends_at) }}, {{ open_end() }}) as valid_to_on
{%- endmacro %}
