"""Measure everything; with --snapshot check it in, else say what differs from what is checked in."""

import argparse
import sys

from scripts.gas.snapshot import COMMAND, FILE, differences, measure_all, read, write


def main() -> int:
    """Measure, and compare or write."""
    parser = argparse.ArgumentParser(prog="python -m scripts.gas", description=__doc__)
    parser.add_argument("--snapshot", action="store_true", help=f"write {FILE.name}")
    arguments = parser.parse_args()
    recorded = read() if FILE.exists() else {}
    measured = measure_all()
    changes = [
        line
        for scene in {**recorded, **measured}
        for line in differences(recorded.get(scene, {}), measured.get(scene, {}))
    ]
    for line in changes:
        print(line)
    if arguments.snapshot:
        write(measured)
        print(f"wrote {FILE}: {len(changes)} differ from before")
        return 0
    print(f"{len(changes)} differ" + (f"; to check them in: {COMMAND}" if changes else ""))
    return 1 if changes else 0


if __name__ == "__main__":
    sys.exit(main())
