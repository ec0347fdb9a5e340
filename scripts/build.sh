#!/usr/bin/env bash
# build.sh PRESET [TARGET…]   configures and builds a preset of CMakePresets.json; no target = everything.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
mkdir -p .cache
if ! cmake --preset "$preset" ${Torch_DIR:+-DTorch_DIR="$Torch_DIR"} >.cache/cmake.log 2>&1; then
  cat .cache/cmake.log >&2
  exit 1
fi
echo "build: $preset ${*:-all}"
cmake --build --preset "$preset" --parallel "${JOBS:-$(nproc)}" ${1:+--target "$@"}
