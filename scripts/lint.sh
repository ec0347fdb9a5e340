#!/usr/bin/env bash
# lint.sh format            rewrites the C++ sources with clang-format
# lint.sh check [COMMIT]    checks the format of all and runs clang-tidy, with COMMIT only on files changed since then
# clang-tidy takes 15 s a file, nearly all of it torch's headers: LINT_LIMIT=N checks N files at most.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.cpp' '*.h')

if [[ $1 == format ]]; then
  .venv/bin/clang-format -i "${sources[@]}"
  exit
fi

echo "lint: clang-format on ${#sources[@]} files"
.venv/bin/clang-format --dry-run --Werror "${sources[@]}"

mapfile -t units < <(git ls-files --cached --others --exclude-standard 'src/*.cpp')
if git rev-parse --quiet --verify "${2:-}" >/dev/null; then
  mapfile -t units < <(git diff --name-only --diff-filter=d "$2" -- 'src/*.cpp')
fi
if [[ ${#units[@]} -gt ${LINT_LIMIT:-${#units[@]}} ]]; then
  echo "lint: ${#units[@]} files for clang-tidy, of which it gets $LINT_LIMIT drawn by the commit; make lint checks all"
  mapfile -t units < <(printf '%s\n' "${units[@]}" | shuf -n "$LINT_LIMIT" --random-source=<(yes "$(git rev-parse HEAD)"))
fi
[[ ${#units[@]} -gt 0 ]] || { echo 'lint: clang-tidy has nothing to check'; exit; }

# Generated headers must be there; the rest of the build is not needed.
scripts/build.sh release sure_tensorboard
echo "lint: clang-tidy on ${#units[@]} files"
printf '%s\n' "${units[@]}" | xargs -P "$(nproc)" -n 4 \
  .venv/bin/clang-tidy -p build --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-gch \
  --extra-arg=-fno-openmp --extra-arg=-Wno-unused-command-line-argument --extra-arg=-Wno-deprecated-declarations
echo 'lint: clean'
