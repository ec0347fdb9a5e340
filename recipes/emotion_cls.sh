#!/usr/bin/env bash
# Emotion (SER) on ESD, by all five tuning methods at the original's rates; DATASET=meld or iemocap takes another corpus:
#   DATA_DIR=/data/ESD OUTPUT_DIR=output/emotion_cls bash recipes/emotion_cls.sh
data="--dataset ${DATASET:-esd} --task emotion --metric_for_best_model f1 --warmup_ratio 0.1"
rates="
finetune     2e-3
bottleneck   2e-3
prefix       2e-3
lora         2e-3
conv_adapter 2e-3"
source "$(dirname "${BASH_SOURCE[0]}")/five_methods.sh"
