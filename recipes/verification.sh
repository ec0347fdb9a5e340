#!/usr/bin/env bash
# Speaker verification (SV) on VCTK, by all five tuning methods at the original's rates for speakers on VCTK (it names none for SV):
#   DATA_DIR=/data/VCTK-Corpus OUTPUT_DIR=output/verification bash recipes/verification.sh
data="--dataset vctk --task verification --metric_for_best_model eer"
rates="
finetune     8e-6
bottleneck   8e-6
prefix       2e-3
lora         2e-4
conv_adapter 2e-3"
source "$(dirname "${BASH_SOURCE[0]}")/five_methods.sh"
