#!/usr/bin/env bash
# sanitize.sh   unit tests and bounded fuzzing of the folders that touch raw memory and foreign files, under ASan + UBSan.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf build-asan/ctest.xml build-asan/junit
scripts/setup.sh build
folders=(core audio text formats data fused nn decode metrics)
targets=("${folders[@]/%/_tests}")
scripts/build.sh asan-ubsan "${targets[@]}"

names=$(IFS='|'; echo "${folders[*]}")
ctest --preset asan-ubsan --parallel "$(nproc)" --tests-regex "^($names)\$" --output-junit ctest.xml || true
echo
python3 scripts/summary.py programs=build-asan/ctest.xml sanitizers=build-asan/junit
