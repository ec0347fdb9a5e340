#!/usr/bin/env bash
# test.sh   all tests: the C++ ones through ctest, then parity and command line through pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf build/ctest.xml build/junit build/pytest.xml
scripts/setup.sh build test corpus
scripts/build.sh release

ctest --preset release --parallel "$(nproc)" --output-junit ctest.xml || true
.venv/bin/python -m pytest tests -q --numprocesses "$(nproc)" --dist loadfile --junitxml build/pytest.xml || true

echo
.venv/bin/python scripts/summary.py programs=build/ctest.xml C++=build/junit Python=build/pytest.xml
