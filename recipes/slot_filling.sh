#!/usr/bin/env bash
# Slot filling (SF) on Audio-SNIPS, by all five tuning methods at the original's rates:
#   DATA_DIR=/data/audio_snips OUTPUT_DIR=output/slot_filling bash recipes/slot_filling.sh
data="--dataset audio_snips --task slot --metric_for_best_model slot_type_f1"
batches="--per_device_train_batch_size 8 --gradient_accumulation_steps 1 --per_device_eval_batch_size 8"
schedule="--max_steps 50000 --evaluation_strategy steps --eval_steps 2000 --save_strategy steps --save_steps 2000"
rates="
finetune     2e-4
bottleneck   2e-4
prefix       2e-3
lora         2e-4
conv_adapter 2e-5"
source "$(dirname "${BASH_SOURCE[0]}")/five_methods.sh"
