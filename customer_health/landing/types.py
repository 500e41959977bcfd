"""How a value that arrives becomes a value of the contract's type, in SQL.

Nothing is guessed: text is read by one written form per type, and what does not fit is null here while the
original is not, which is how the loader knows a bad value from an empty one.

Belongs here: casts from text and from Parquet types.
Does not belong here: files (text.py, load.py).
"""

from __future__ import annotations

from dataclasses import dataclass

_TIMESTAMP = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$"
_ZONED = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|z|UTC)|[+-]\d{2}(:?\d{2})?)$"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_WHOLE_NUMBER = r"^[+-]?\d+(\.0*)?$"
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_WHOLE_ID = r"^(0|[1-9]\d*)\.0+$"

_KINDS = {
    "timestamp": "timestamp",
    "date": "date",
    "boolean": "boolean",
    "bigint": "number",
    "double": "number",
    "decimal(18,4)": "number",
    "varchar": "text",
}

_SMALL_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT")
_INTEGERS = (*_SMALL_INTEGERS, "UINTEGER", "BIGINT", "UBIGINT", "HUGEINT", "UHUGEINT")
_FLOATS = ("FLOAT", "DOUBLE")
_NAIVE_TIMESTAMPS = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_ZONED_TIMESTAMPS = ("TIMESTAMP WITH TIME ZONE",)


@dataclass(frozen=True)
class Cast:
    """An expression of the contract's type, and whether it can fail on a single value."""

    expression: str
    may_fail: bool


def unparseable_reason(data_type: str) -> str:
    """The reason code of a value that is not of the contract's type."""
    return f"unparseable_{_KINDS[data_type]}"


def cast_text(value: str, data_type: str) -> Cast:
    """Read text: ISO 8601 (an offset is brought to UTC, none means UTC), plain numbers, true and false."""
    if data_type == "varchar":
        return Cast(value, may_fail=False)
    text = f"trim({value})"
    # try_cast to timestamp drops an offset without a word; to timestamptz it does not
    zoned = f"timezone('UTC', try_cast(regexp_replace(upper({text}), ' ?(Z|UTC)$', '+00') as timestamptz))"
    timestamp = (
        f"case when regexp_matches({text}, '{_TIMESTAMP}') then try_cast({text} as timestamp)"
        f" when regexp_matches({text}, '{_ZONED}') then {zoned} end"
    )
    expressions = {
        "timestamp": timestamp,
        "date": (
            f"case when regexp_matches({text}, '{_DATE}') then try_cast({text} as date)"
            f" else cast({timestamp} as date) end"
        ),
        "bigint": (
            f"case when regexp_matches({text}, '{_WHOLE_NUMBER}')"
            f" then try_cast(regexp_replace({text}, '\\.0*$', '') as bigint) end"
        ),
        "double": (
            f"case when regexp_matches({text}, '{_NUMBER}')"
            f" and isfinite(try_cast({text} as double)) then try_cast({text} as double) end"
        ),
        "decimal(18,4)": (f"case when regexp_matches({text}, '{_NUMBER}') then try_cast({text} as decimal(18,4)) end"),
        "boolean": (
            f"case when lower({text}) in ('true', 't', 'yes', 'y', '1', '1.0') then true"
            f" when lower({text}) in ('false', 'f', 'no', 'n', '0', '0.0') then false end"
        ),
    }
    return Cast(expressions[data_type], may_fail=True)


def is_id(column: str) -> bool:
    """Whether a column names something: whole numbers with gaps are exported as 7.0 and mean the id 7."""
    return column == "id" or column.endswith("_id")


def cast_id(value: str) -> Cast:
    """Read an id: as it is, but for a whole number that a tool wrote as a decimal."""
    text = f"trim({value})"
    whole = f"regexp_replace({text}, '\\.0+$', '')"
    return Cast(f"case when regexp_matches({text}, '{_WHOLE_ID}') then {whole} else {value} end", may_fail=False)


def cast_parquet(value: str, found: str, data_type: str) -> Cast | None:
    """Convert a Parquet column of type `found`; None when the types have nothing to do with each other."""
    if found == "VARCHAR":
        return cast_text(f"nullif({value}, '')", data_type)
    is_decimal = found.startswith("DECIMAL")
    is_whole = f"isfinite({value}) and {value} = floor({value})"
    match data_type:
        case "varchar":
            if found in _INTEGERS or found == "UUID" or found.startswith("ENUM"):
                return Cast(f"cast({value} as varchar)", may_fail=False)
            if is_decimal:
                return cast_id(f"cast({value} as varchar)")
            if found in _FLOATS:  # whole numbers with gaps arrive as floats; 12.0 is the id 12
                id_text = f"cast(try_cast({value} as hugeint) as varchar)"
                exact = f"abs({value}) < 9007199254740992"
                return Cast(f"case when {is_whole} and {exact} then {id_text} end", may_fail=True)
        case "timestamp":
            if found == "TIMESTAMP":
                return Cast(value, may_fail=False)
            if found in _NAIVE_TIMESTAMPS or found == "DATE":
                return Cast(f"cast({value} as timestamp)", may_fail=False)
            if found in _ZONED_TIMESTAMPS:
                return Cast(f"timezone('UTC', {value})", may_fail=False)
        case "date":
            if found == "DATE":
                return Cast(value, may_fail=False)
            if found in _NAIVE_TIMESTAMPS:
                return Cast(f"cast({value} as date)", may_fail=False)
            if found in _ZONED_TIMESTAMPS:
                return Cast(f"cast(timezone('UTC', {value}) as date)", may_fail=False)
        case "bigint":
            if found in (*_SMALL_INTEGERS, "UINTEGER", "BIGINT"):
                return Cast(f"cast({value} as bigint)", may_fail=False)
            if found in _INTEGERS:
                return Cast(f"try_cast({value} as bigint)", may_fail=True)
            if found in _FLOATS:
                return Cast(f"case when {is_whole} then try_cast({value} as bigint) end", may_fail=True)
            if is_decimal:
                whole = f"{value} = floor({value})"
                return Cast(f"case when {whole} then try_cast({value} as bigint) end", may_fail=True)
        case "double":
            if found in _INTEGERS or is_decimal:
                return Cast(f"cast({value} as double)", may_fail=False)
            if found in _FLOATS:
                return Cast(f"case when isfinite({value}) then cast({value} as double) end", may_fail=True)
        case "decimal(18,4)":
            if found in _SMALL_INTEGERS:
                return Cast(f"cast({value} as decimal(18,4))", may_fail=False)
            if found in _INTEGERS or found in _FLOATS or is_decimal:
                return Cast(f"try_cast({value} as decimal(18,4))", may_fail=True)
        case "boolean":
            if found == "BOOLEAN":
                return Cast(value, may_fail=False)
            if found in _INTEGERS:
                return Cast(f"case {value} when 1 then true when 0 then false end", may_fail=True)
    return None
