"""Measure everything, print it beside others and beside the targets, and say what has changed."""

import argparse
import sys

from scripts.gas import page, tables
from scripts.gas.deployment import code_bytes
from scripts.gas.snapshot import COMMAND, FILE, changes, measure_all, read, write


def main() -> int:
    """Measure, and print or write."""
    parser = argparse.ArgumentParser(prog="python -m scripts.gas", description=__doc__)
    parser.add_argument("--snapshot", action="store_true", help=f"write {FILE.name} and its page")
    arguments = parser.parse_args()
    recorded = read() if FILE.exists() else {}
    measured = measure_all()
    changed = changes(recorded, measured)
    if not arguments.snapshot:
        for table in (tables.units(measured), tables.coupons(measured), tables.sources()):
            print(table.text(), end="\n\n")
        print("In brackets: ours as a multiple. Recorded figures are not measured again.\n")
        print(tables.targets(measured, code_bytes()).text(), end="\n\n")
    print(*changed, sep="\n", end="\n" if changed else "")
    if arguments.snapshot:
        write(measured)
        page.DOCUMENT.write_text(page.document(), encoding="utf-8")
        print(f"wrote {FILE} and {page.DOCUMENT}: {len(changed)} differ from before")
    else:
        print(
            f"{len(changed)} differ from what is checked in" + (f": {COMMAND}" if changed else "")
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
