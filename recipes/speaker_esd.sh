#!/usr/bin/env bash
# Speaker (SR) on ESD, by all five tuning methods at the original's rates:
#   DATA_DIR=/data/ESD OUTPUT_DIR=output/speaker_esd bash recipes/speaker_esd.sh
data="--dataset esd --task speaker --metric_for_best_model accuracy"
rates="
finetune     8e-6
bottleneck   8e-6
prefix       8e-6
lora         8e-6
conv_adapter 2e-3"
source "$(dirname "${BASH_SOURCE[0]}")/five_methods.sh"
