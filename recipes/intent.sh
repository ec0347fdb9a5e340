#!/usr/bin/env bash
# Intent (IC) on Fluent Speech Commands, by all five tuning methods at the original's rates:
#   DATA_DIR=/data/fluent_speech_commands_dataset OUTPUT_DIR=output/intent bash recipes/intent.sh
data="--dataset fluent_speech_commands --task intent --metric_for_best_model accuracy"
batches="--per_device_train_batch_size 8 --gradient_accumulation_steps 4 --per_device_eval_batch_size 8"
rates="
finetune     2e-4
bottleneck   2e-4
prefix       2e-3
lora         2e-4
conv_adapter 2e-4"
source "$(dirname "${BASH_SOURCE[0]}")/five_methods.sh"
