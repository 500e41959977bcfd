"""Grain: one row per survey response with a comment: how positive the comment is, without the comment itself.

A reading is kept as long as the comment and what read it stay the same, so that a build reads what is new. Nothing else
is kept: a response that is gone from the raw rows is gone from here.
"""

import pyarrow as pa

COLUMNS = pa.schema(
    [
        ("response_id", pa.string()),
        ("comment_hash", pa.string()),
        ("polarity", pa.float64()),
        ("value_status", pa.string()),
        ("read_by", pa.string()),
    ]
)


def model(dbt, session):
    dbt.config(materialized="table")
    comments = (
        dbt.ref("base_survey__responses")
        .filter("row_fate = 'staged' and responded_at is not null and trim(comment) <> ''")
        .project("response_id, md5(comment) as comment_hash, comment")
        .order("response_id")
        .to_arrow_table()
        .to_pylist()
    )
    if not comments:
        return COLUMNS.empty_table()

    # the lexicon takes seconds to load: only where there is something to read
    from customer_health.sentiment.polarity import polarity, reader

    read_by = reader()
    known = _readings(session, dbt.this, read_by)
    rows = []
    for row in comments:
        key = row["response_id"], row["comment_hash"]
        value = known[key] if key in known else polarity(row["comment"])
        # a language that cannot be read is no opinion, and least of all a neutral one
        status = "not_applicable" if value is None else "zero" if value == 0 else "observed"
        rows.append((*key, value, status, read_by))
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=COLUMNS)


def _readings(session, this, read_by):
    """Readings of the last build by the same reader: response and hash of its comment -> polarity."""
    stored = session.execute(
        "select count(*) from duckdb_tables() where schema_name = ? and table_name = ?", [this.schema, this.identifier]
    ).fetchall()[0][0]
    if not stored:
        return {}
    found = session.execute(f"select response_id, comment_hash, polarity from {this} where read_by = ?", [read_by])
    return {(response_id, comment_hash): polarity for response_id, comment_hash, polarity in found.fetchall()}
