"""The command: say what an edited configuration would change.

Belongs here: its options, where the report goes, exit codes (0 answered, 1 refused).
Does not belong here: finding the answer (answer.py), wording (report.py).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from customer_health.configuration.folder import ConfigurationError
from customer_health.validation.what_if.answer import what_if
from customer_health.validation.what_if.errors import NeedsRebuildError, WhatIfError
from customer_health.validation.what_if.report import page


def main(arguments: list[str] | None = None) -> int:
    """Answer on standard output, and as Markdown where a file is named."""
    parser = argparse.ArgumentParser(prog="what-if", description="What would an edited configuration change?")
    parser.add_argument("--config", type=Path, required=True, help="edited configuration folder")
    parser.add_argument("--warehouse", type=Path, default=Path("warehouse"), help="folder with the build file")
    parser.add_argument(
        "--against", type=Path, help="folder to compare with (default: what the warehouse was built with)"
    )
    parser.add_argument("--out", type=Path, help="write the report as Markdown into this file, too")
    options = parser.parse_args(arguments)
    try:
        answer = what_if(options.config, options.warehouse, options.against)
    except NeedsRebuildError as error:
        print("This needs a build, since values of metrics would change:", file=sys.stderr)
        for reason in error.reasons:
            print(f"- {reason}", file=sys.stderr)
        return 1
    except (ConfigurationError, WhatIfError) as error:
        print(error, file=sys.stderr)
        return 1
    print(page(answer).text())
    print(f"{sum(answer.seconds.values()):.1f} seconds; nothing in {options.warehouse} was touched")
    if options.out:
        options.out.write_text(page(answer).markdown(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
