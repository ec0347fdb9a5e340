# Every goal sets up what it needs (scripts/setup.sh), says so first, and then works on CMakePresets.json's builds.
.PHONY: help build demo test bench format lint sanitize clean

help:
	@echo 'make build     the program, at build/sure'
	@echo 'make demo      adapt a speech model to spoken digits, evaluate it, predict (SURE_DATA=DIR: your recordings)'
	@echo 'make test      all tests: C++ units and contracts, parity with transformers and PEFT, command line'
	@echo 'make bench     time training and predicting against transformers + PEFT, OpenVINO, ONNX Runtime (a quarter of an hour)'
	@echo 'make sanitize  unit tests and fuzzing under the address and undefined-behaviour sanitizers'
	@echo 'make format    rewrite the C++ sources with clang-format'
	@echo 'make lint      check the format and run clang-tidy (SINCE=COMMIT: only on files changed since then)'
	@echo 'make clean     remove builds; .venv and .cache stay'

build:
	@scripts/setup.sh build
	@scripts/build.sh release sure

demo:
	@scripts/demo.sh

test:
	@scripts/test.sh

bench:
	@scripts/bench.sh $(ARGS)

sanitize:
	@scripts/sanitize.sh

format:
	@scripts/setup.sh lint
	@scripts/lint.sh format

lint:
	@scripts/setup.sh build lint
	@scripts/lint.sh check $(SINCE)

clean:
	rm -rf build build-dev build-asan build-cuda
