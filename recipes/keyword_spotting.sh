#!/usr/bin/env bash
# Keyword (KS) on Speech Commands, by all five tuning methods at the original's rates:
#   DATA_DIR=/data/speech_commands_v0.01 OUTPUT_DIR=output/keyword_spotting bash recipes/keyword_spotting.sh
data="--dataset speech_commands --task keyword --metric_for_best_model accuracy"
rates="
finetune     8e-6
bottleneck   8e-6
prefix       2e-4
lora         8e-6
conv_adapter 2e-4"
source "$(dirname "${BASH_SOURCE[0]}")/five_methods.sh"
