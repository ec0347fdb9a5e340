#!/usr/bin/env bash
# sanitize.sh   unit tests and bounded fuzzing of the folders that touch raw memory and foreign files, under ASan + UBSan.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -f build-asan/ctest.xml
scripts/setup.sh build
folders=(core audio formats data nn)
targets=("${folders[@]/%/_tests}")
scripts/build.sh asan-ubsan "${targets[@]}"

labels=$(IFS='|'; echo "${folders[*]}")
ctest --preset asan-ubsan --parallel "$(nproc)" --label-regex "^($labels)\$" --output-junit ctest.xml || true
echo
python3 scripts/summary.py sanitizers=build-asan/ctest.xml
