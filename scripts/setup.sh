#!/usr/bin/env bash
# setup.sh GOAL…   installs what the goals (build, test, bench, lint, speech, corpus) need and is not there yet, and says so first.
# Environment: Torch_DIR (an existing libtorch: no torch wheel for `build`), SURE_TORCH_INDEX (package index to take the
# torch wheel from), PYTHON (default python3).
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()      # Debian packages
requirements=()  # requirements files for .venv
for goal in "$@"; do
  case $goal in
    build)
      packages+=(make g++ cmake ninja-build ccache pkg-config python3-venv
                 libsndfile1-dev libsoxr-dev libfmt-dev nlohmann-json3-dev libcli11-dev libxxhash-dev libutf8proc-dev libyaml-cpp-dev
                 libsentencepiece-dev zlib1g-dev protobuf-compiler libprotobuf-dev libgloo-dev libgtest-dev libgmock-dev)
      [[ -n ${Torch_DIR:-} ]] || requirements+=(requirements.txt) ;;
    test) packages+=(ffmpeg); requirements+=(requirements.txt requirements-test.txt) ;;
    bench) requirements+=(requirements.txt requirements-test.txt requirements-bench.txt) ;;
    lint) requirements+=(requirements-lint.txt) ;;
    speech) packages+=(espeak-ng) ;;
    corpus) packages+=(espeak-ng flite); requirements+=(requirements-test.txt requirements-corpus.txt) ;;
    *) echo "setup.sh: unknown goal '$goal': use build, test, bench, lint, speech or corpus" >&2; exit 2 ;;
  esac
done

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

install_packages() {
  [[ ${#packages[@]} -gt 0 ]] || return 0
  if ! command -v dpkg-query >/dev/null; then
    echo "setup: not a Debian system: these packages, or what matches them, must be there: ${packages[*]}"
    return
  fi
  local missing root=()
  mapfile -t missing < <(missing_packages)
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if [[ $EUID -ne 0 ]]; then
    if ! sudo -n true 2>/dev/null; then
      printf 'setup: these system packages are missing, and installing them needs root:\n' >&2
      printf '  %s\n' "${missing[@]}" >&2
      printf 'Run this, then try again:\n  sudo apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
      exit 1
    fi
    root=(sudo -n)
  fi
  echo "setup: installing system packages with apt-get: ${missing[*]}"
  mkdir -p .cache
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
  # An unreachable third-party source must not stop the rest: the installation decides.
  "${apt[@]}" update >.cache/apt.log 2>&1 || true
  if ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >>.cache/apt.log 2>&1; then
    tail -n 20 .cache/apt.log >&2
    echo "setup: apt-get failed; all it said is in .cache/apt.log" >&2
    exit 1
  fi
}

# The file's hash, kept in .venv after a successful installation.
up_to_date() { [[ -f .venv/.installed-$1 && $(<".venv/.installed-$1") == "$(sha256sum <"$1")" ]]; }

install_requirements() {
  local file index
  for file in "${requirements[@]}"; do
    up_to_date "$file" && continue
    echo "setup: installing into .venv ($file): $(grep -v '^#' "$file" | tr '\n' ' ')"
    [[ -x .venv/bin/pip ]] || "${PYTHON:-python3}" -m venv .venv
    index=()
    [[ $file == requirements.txt && -n ${SURE_TORCH_INDEX:-} ]] && index=(--index-url "$SURE_TORCH_INDEX")
    .venv/bin/pip install --quiet --disable-pip-version-check "${index[@]}" -r "$file" \
      2> >(grep -v 'is ignored: it is' >&2)
    sha256sum <"$file" >".venv/.installed-$file"
  done
}

# require NAME FOUND WANTED: a tool's version must not be lower.
require() {
  [[ $(printf '%s\n%s\n' "$3" "$2" | sort -V | head -n 1) == "$3" ]] && return
  echo "setup: $1 $2 is too old: $3 or newer is needed" >&2
  exit 1
}

check_tools() {
  require cmake "$(cmake --version | sed -n '1s/[^0-9]*//p')" 3.25
  if "${CXX:-g++}" --version | grep -q 'Free Software Foundation'; then
    require "${CXX:-g++}" "$("${CXX:-g++}" -dumpfullversion)" 12
  fi
  if [[ -n ${Torch_DIR:-} && ! -f $Torch_DIR/TorchConfig.cmake ]]; then
    echo "setup: Torch_DIR=$Torch_DIR has no TorchConfig.cmake: name libtorch's folder share/cmake/Torch" >&2
    exit 1
  fi
}

install_packages
install_requirements
[[ " $* " != *" build "* ]] || check_tools
