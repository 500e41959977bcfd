"""Command line of the mapping: `python -m examples.oulad --data <folder> --out <landing folder>`.

Belongs here: arguments, exit codes, what is printed.
Does not belong here: the mapping (mapping.py and sql/).
"""

import argparse
import sys
from pathlib import Path

from examples.oulad.mapping import ExtractError, map_oulad


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m examples.oulad",
        description="Map an OULAD extract to landing files of the raw contract.",
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the extract's Parquet files")
    parser.add_argument("--out", type=Path, required=True, help="landing folder to write")
    arguments = parser.parse_args()
    try:
        totals = map_oulad(arguments.data, arguments.out)
    except ExtractError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(totals.lines()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
