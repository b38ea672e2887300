"""Write the UCI card accounts as a creditor's files: python examples/uci/convert.py FOLDER [--as-of 2005-10-01]

The files then go the general way: fairdue intake load … --mapping examples/uci/mapping.yaml. See README.md.
"""

import argparse
from datetime import date
from pathlib import Path

from fairdue.intake.portfolio import uci

SOURCE = Path(__file__).with_name("uci_credit_card.csv.gz")


def main() -> None:
    """Read the arguments, write three files, say where they are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to write accounts.csv, dues.csv and payments.csv")
    parser.add_argument(
        "--as-of", type=date.fromisoformat, default=uci.AS_OF, help="the night the files are for; moves every date"
    )
    arguments = parser.parse_args()
    for kind, path in uci.convert(SOURCE, arguments.folder, as_of=arguments.as_of).items():
        print(f"{kind}: {path}")  # noqa: T201 - a script talks to its user


if __name__ == "__main__":
    main()
