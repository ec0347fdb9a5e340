#!/usr/bin/env python3
"""summary.py NAME=RESULT…   counts test results; exit status 1 when anything failed or a suite did not run.

RESULT is a JUnit XML file, as ctest and pytest write them, a folder of such files, as GoogleTest writes them, or the exit
status of a check that has no tests.
"""
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def files_of(result: str) -> list[Path]:
    return sorted(Path(result).glob("*.xml")) if Path(result).is_dir() else [Path(result)] * Path(result).is_file()


def count(result: str) -> tuple[int, int, int]:
    """Passed, failed, skipped."""
    if result.isdigit():
        return (1, 0, 0) if result == "0" else (0, 1, 0)
    files = files_of(result)
    passed = failed = skipped = 0
    for case in (case for file in files for case in ElementTree.parse(file).iter("testcase")):
        if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
            failed += 1
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            skipped += 1
        else:
            passed += 1
    return (passed, failed or int(passed == 0), skipped)


def main() -> int:
    total = [0, 0, 0]
    for argument in sys.argv[1:]:
        name, result = argument.split("=", 1)
        counts = count(result)
        total = [a + b for a, b in zip(total, counts)]
        ran = result.isdigit() or bool(files_of(result))
        note = f", {counts[2]} skipped" if counts[2] else ""
        print(f"{name:<12}", f"{counts[0]} passed, {counts[1]} failed{note}" if ran else "did not run")
    print(f"{total[0]} passed, {total[1]} failed")
    return int(total[1] > 0)


if __name__ == "__main__":
    sys.exit(main())
