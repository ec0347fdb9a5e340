#!/usr/bin/env bash
# demo.sh   adapts models/sure-tiny to spoken digits by ConvAdapter and by LoRA, tests both on a speaker never heard
# in training, labels a few of that speaker's recordings, and prints the comparison.
# Environment: SURE_DATA, a folder with recordings/{digit}_{speaker}_{index}.wav (FLAC and others too).
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh build
scripts/build.sh release sure

data=${SURE_DATA:-../shared/data/fsdd}
if [[ -n ${SURE_DATA:-} || -d $data ]]; then
  echo "demo: real recordings: $data"
else
  scripts/setup.sh speech
  data=.cache/digits
  echo "demo: no real recordings (SURE_DATA is not set, and there is no ../shared/data/fsdd): espeak-ng speaks them"
  scripts/speak_digits.sh "$data"
fi

recordings=$data/recordings
[[ -d $recordings ]] || recordings=$data
mapfile -t speakers < <(find "$recordings" -maxdepth 1 -name '[0-9]_*_*.*' -printf '%f\n' | cut -d _ -f 2 | sort -u)
if [[ ${#speakers[@]} -lt 2 ]]; then
  echo "demo: $recordings: expected {digit}_{speaker}_{index}.wav of 2 speakers or more, found ${#speakers[@]}" >&2
  exit 1
fi
test_speaker=${speakers[-1]}
echo "demo: trains and validates on $((${#speakers[@]} - 1)) speakers, tests on $test_speaker"
echo 'demo: the backbone is models/sure-tiny, a small pre-trained one'

output=output/demo
mkdir -p "$output"
show() { printf '\n$'; printf ' %s' "$@"; printf '\n'; }
compare=(build/sure compare --model models/sure-tiny --dataset fsdd --data_dir "$data" --task keyword
         --methods conv_adapter,lora --test_speakers "$test_speaker" --max_samples 16000 --padding exact
         --group_by_length True --per_device_train_batch_size 16 --warmup_ratio 0.1 --num_train_epochs 4
         --dropout 0 --cache memory --output_dir "$output" --overwrite_output_dir True)
show "${compare[@]}"
"${compare[@]}" >"$output/table.txt"

adapter=$(echo "$output"/conv_adapter-seed*/best_model)
mapfile -t clips < <(find "$recordings" -name "[0-9]_${test_speaker}_0.*" | sort)
show build/sure predict --adapter "$adapter" "$recordings/[0-9]_${test_speaker}_0.*"
build/sure predict --adapter "$adapter" "${clips[@]}"

printf '\nKeyword task, %s, tested on a speaker never heard in training (chance: 10 %%):\n\n' "$data"
cat "$output/table.txt"
printf '\nThe adapters are in %s/METHOD-seed1314/best_model.\n' "$output"
