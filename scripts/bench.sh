#!/usr/bin/env bash
# bench.sh [FLAG…]   times training and predicting side by side with transformers + PEFT, OpenVINO and ONNX Runtime; flags go to bench/run.py.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh build bench
scripts/build.sh release bench_train_step sure
.venv/bin/python bench/run.py "$@"
