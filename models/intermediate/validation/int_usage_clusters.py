"""Grain: one row per account and month end of int_usage_points: the group of accounts that use the product alike.

Both month ends are grouped together. As long as their points are the same, the groups of the last build are kept.
"""

import hashlib

import pyarrow as pa

# another way of grouping makes the groups of the last build as stale as other points do
RULES = 1
COLUMNS = pa.schema(
    [
        ("account_id", pa.string()),
        ("date_day", pa.date32()),
        ("is_latest", pa.bool_()),
        ("usage_cluster", pa.int32()),
        ("usage_cluster_name", pa.string()),
        ("found_in", pa.string()),
    ]
)


def model(dbt, session):
    dbt.config(materialized="table")
    min_size = int(dbt.config.get("group_min_accounts"))
    usage = dbt.ref("int_usage_points")
    found_in = _fingerprint(usage, min_size)
    stored = _stored(session, dbt.this, found_in)
    if stored is not None:
        return stored

    # scikit-learn takes seconds to load: only where the points are others than last time
    from customer_health.validation.statistics.clusters import find_clusters

    frame = usage.order("date_day, account_id, metric").to_arrow_table().to_pandas()
    if frame.empty:
        return COLUMNS.empty_table()
    wide = frame.pivot(index=["date_day", "is_latest", "account_id"], columns="metric", values="points")
    labels = frame.drop_duplicates("metric").set_index("metric")["label"]
    clusters = find_clusters(wide.to_numpy(dtype=float), list(labels[wide.columns]), min_size)
    if clusters is None:
        return COLUMNS.empty_table()
    days, latest, accounts = (wide.index.get_level_values(name) for name in wide.index.names)
    return pa.table(
        [
            pa.array(accounts, pa.string()),
            pa.array(days, pa.date32()),
            pa.array(latest, pa.bool_()),
            pa.array(clusters.of_account, pa.int32()),
            pa.array([clusters.names[number - 1] for number in clusters.of_account], pa.string()),
            pa.array([found_in] * len(wide), pa.string()),
        ],
        schema=COLUMNS,
    )


def _fingerprint(usage, min_size):
    """The same for the same points, whatever their order."""
    rows = usage.aggregate("count(*), bit_xor(hash(account_id, date_day, is_latest, metric, label, points))").fetchall()
    return hashlib.sha256(f"rules {RULES}, {min_size}, {rows}".encode()).hexdigest()


def _stored(session, this, found_in):
    """The groups of the last build, if it found them in the same points."""
    known = session.execute(
        "select count(*) from duckdb_tables() where schema_name = ? and table_name = ?", [this.schema, this.identifier]
    ).fetchall()[0][0]
    if not known:
        return None
    rows = session.sql(f"select * from {this} where found_in = '{found_in}' order by all").to_arrow_table()
    return rows if rows.num_rows else None
