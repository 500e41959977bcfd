"""Let a failed check pass for one day, by name and with a reason.

    python -m expectations.accept --warehouse <folder> --as-of <date> --check marts/restated --by <name> --reason <why>

A gate compares with the last publication, so an intended change (new weights, a merged account list) would hold every
build after it. A person who has looked accepts it; the check still shows as failed, with who accepted it and why.

Belongs here: the command.
Does not belong here: what an acceptance does (gate.py), or its table (record.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from expectations.record import Acceptance, accept, read_report


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m expectations.accept", description="Let a failed check pass for one day."
    )
    parser.add_argument("--warehouse", type=Path, default=Path("warehouse"))
    parser.add_argument("--as-of", type=date.fromisoformat, required=True)
    parser.add_argument("--check", required=True, help="suite/check, as the gate prints it")
    parser.add_argument("--by", required=True, help="who looked at it")
    parser.add_argument("--reason", required=True, help="why it may pass")
    given = parser.parse_args(arguments)
    report = read_report(given.warehouse, given.as_of)
    holding = {f"{result.suite}/{result.check}" for result in report.failures} if report else set()
    if given.check not in holding:
        held_by = ", ".join(sorted(holding)) or "nothing"
        print(f"error: {given.check} does not hold {given.as_of}; what holds it: {held_by}")
        return 1
    suite, check = given.check.split("/", 1)
    if suite == "gate" or check == "suite":
        print(f"error: {given.check} did not run; there is nothing to accept")
        return 1
    accept(given.warehouse, given.as_of, Acceptance(suite, check, given.by, given.reason))
    print(f"{given.check} is accepted for {given.as_of}; run the gate again")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
