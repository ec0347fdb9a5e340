#!/usr/bin/env bash
# Speaks the digits zero to nine by many espeak-ng voices, laid out as the Free Spoken Digit Dataset:
#   scripts/speak_digits.sh OUT_DIR  ->  OUT_DIR/recordings/{digit}_{speaker}_{index}.wav
# A speaker is a voice with a variant; its takes differ in rate and pitch. The same files come out every time.
set -euo pipefail

readonly WORDS=(zero one two three four five six seven eight nine)
readonly VOICES=(en-us+f1 en-us+f2 en-us+m1 en-us+m3 en+f3 en+f4 en+m2 en+m5 en-gb-scotland+f5
                 en-gb-scotland+m4 en-gb-x-rp+f2 en-gb-x-rp+m7 en-029+m6 en-029+f4 en-gb-x-gbclan+m1 en-gb-x-gbcwmd+f1)
readonly RATES=(110 130 150 170 190 210)  # words a minute
readonly PITCHES=(38 62)                  # added to by the take, so that no two takes share one

speak_take() {  # OUT VOICE INDEX: one take of all digits
  local out=$1 voice=$2 index=$3 speaker rate pitch digit file
  speaker=${voice//[+_]/-}
  rate=${RATES[$((index % ${#RATES[@]}))]}
  pitch=$((PITCHES[index / ${#RATES[@]}] + index))
  for digit in "${!WORDS[@]}"; do
    file=$out/recordings/${digit}_${speaker}_${index}.wav
    [ -s "$file" ] && continue
    espeak-ng -v "$voice" -s "$rate" -p "$pitch" -w "$file.part" "${WORDS[$digit]}"
    mv "$file.part" "$file"
  done
}

if [ "${1:-}" = --take ]; then
  shift
  speak_take "$@"
  exit
fi

[ $# = 1 ] || { echo "usage: $0 OUT_DIR" >&2; exit 2; }
readonly OUT=$1
readonly TAKES=$((${#RATES[@]} * ${#PITCHES[@]}))
readonly TOTAL=$((${#VOICES[@]} * TAKES * ${#WORDS[@]}))

count_files() { find "$OUT/recordings" -name '*.wav' -size +0 | wc -l; }

mkdir -p "$OUT/recordings"
if [ "$(count_files)" -ge "$TOTAL" ]; then
  echo "$OUT/recordings: all $TOTAL spoken digits are there"
  exit
fi
command -v espeak-ng > /dev/null || { echo "espeak-ng is missing: apt-get install espeak-ng" >&2; exit 1; }

echo "speaking $TOTAL digits by ${#VOICES[@]} voices into $OUT/recordings"
done_voices=0
for voice in "${VOICES[@]}"; do
  seq 0 $((TAKES - 1)) | xargs -P 2 -I {} "$0" --take "$OUT" "$voice" {}
  done_voices=$((done_voices + 1))
  echo "  $done_voices/${#VOICES[@]} $voice"
done
