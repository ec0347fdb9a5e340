# Trains one task by the five tuning methods with the switches of the original SURE program; sourced by the recipes,
# which set `data` (flags that name data set, task and metric), `rates` (lines of method, learning rate and perhaps flags
# of that method's own), and where they differ from the defaults below `batches` and `schedule`.
#
# From the environment: DATA_DIR and OUTPUT_DIR (needed); MODEL (a Hugging Face folder; without it, a small backbone
# with random weights); METHODS (some of the five); SURE (the program); EXTRA (further flags, as are the recipe's
# arguments).
set -euo pipefail

: "${DATA_DIR:?name the folder of the data set, as in DATA_DIR=DIR OUTPUT_DIR=DIR bash recipes/...}"
: "${OUTPUT_DIR:?name a folder for the results, as in DATA_DIR=DIR OUTPUT_DIR=DIR bash recipes/...}"
sure=${SURE:-$(dirname "${BASH_SOURCE[0]}")/../build/sure}

declare -A switches=(
  [finetune]="--fine_tune True"
  [bottleneck]="--trans_adapter_name bottleneck --output_adapter True"
  [prefix]="--prefix_tuning True"
  [lora]="--lora_adapter True"
  [conv_adapter]="--trans_adapter_name adapterblock --output_adapter True"
)
: "${batches:=--per_device_train_batch_size 64 --gradient_accumulation_steps 4 --per_device_eval_batch_size 64}"
: "${schedule:=--num_train_epochs 100 --evaluation_strategy steps --eval_steps 25 --save_strategy steps --save_steps 500}"

while read -r method rate own; do
  [[ -z $method || " ${METHODS:-$method} " != *" $method "* ]] && continue
  echo "== $method"
  # Unquoted on purpose: these are lists of flags.
  "$sure" train $data --data_dir "$DATA_DIR" --output_dir "$OUTPUT_DIR/$method" ${MODEL:+--model "$MODEL"} \
    ${switches[$method]} --learning_rate "$rate" $batches $schedule $own \
    --logging_steps 20 --logging_dir "$OUTPUT_DIR/$method/log" --load_best_model_at_end True ${EXTRA:-} "$@" < /dev/null
done <<< "$rates"
