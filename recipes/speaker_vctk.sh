#!/usr/bin/env bash
# Speaker (SR) on VCTK, by all five tuning methods at the original's rates:
#   DATA_DIR=/data/VCTK-Corpus OUTPUT_DIR=output/speaker_vctk bash recipes/speaker_vctk.sh
data="--dataset vctk --task speaker --metric_for_best_model accuracy"
rates="
finetune     8e-6
bottleneck   8e-6
prefix       2e-3
lora         2e-4
conv_adapter 2e-3"
source "$(dirname "${BASH_SOURCE[0]}")/five_methods.sh"
