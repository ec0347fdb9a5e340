#!/usr/bin/env bash
# Phonemes (PR) on LibriSpeech train-clean-100, by all five tuning methods at the original's rates:
#   DATA_DIR=/data/LibriSpeech LEXICON=/data/cmudict.dict OUTPUT_DIR=output/phoneme bash recipes/phoneme.sh
lexicon=${LEXICON:?name a lexicon in CMU dictionary format, as in DATA_DIR=DIR LEXICON=FILE OUTPUT_DIR=DIR bash recipes/phoneme.sh}
data="--dataset librispeech --task phoneme --lexicon $lexicon --metric_for_best_model per --weight_decay 0.005 --warmup_steps 1000 --fp16 True --group_by_length True"
batches="--per_device_train_batch_size 16 --gradient_accumulation_steps 4 --per_device_eval_batch_size 16"
schedule="--num_train_epochs 30 --evaluation_strategy steps --eval_steps 100 --save_strategy steps --save_steps 500"
rates="
finetune     2e-2
bottleneck   2e-3 --num_train_epochs 100
prefix       2e-2
lora         2e-2
conv_adapter 2e-2"
source "$(dirname "${BASH_SOURCE[0]}")/five_methods.sh"
