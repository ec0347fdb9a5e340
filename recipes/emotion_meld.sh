#!/usr/bin/env bash
# Emotion (SER) on MELD, by all five tuning methods at the original's rates:
#   DATA_DIR=/data/MELD OUTPUT_DIR=output/emotion_meld bash recipes/emotion_meld.sh
data="--dataset meld --task emotion --metric_for_best_model f1 --warmup_ratio 0.1"
rates="
finetune     2e-3
bottleneck   2e-3
prefix       2e-3
lora         2e-3
conv_adapter 2e-3"
source "$(dirname "${BASH_SOURCE[0]}")/five_methods.sh"
