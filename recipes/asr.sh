#!/usr/bin/env bash
# Speech recognition (ASR) on FLEURS, US English, by all five tuning methods at the original's rates; DATASET=esd,
# librispeech, voxpopuli or meld takes another corpus:
#   DATA_DIR=/data/fleurs/en_us OUTPUT_DIR=output/asr bash recipes/asr.sh
data="--dataset ${DATASET:-fleurs} --task asr --metric_for_best_model wer --weight_decay 0.005 --warmup_steps 1000 --fp16 True --group_by_length True"
batches="--per_device_train_batch_size 32 --gradient_accumulation_steps 4 --per_device_eval_batch_size 32"
schedule="--num_train_epochs 50 --evaluation_strategy steps --eval_steps 100 --save_strategy steps --save_steps 500"
rates="
finetune     2e-3
bottleneck   2e-3
prefix       2e-3
lora         2e-3
conv_adapter 2e-3"
source "$(dirname "${BASH_SOURCE[0]}")/five_methods.sh"
