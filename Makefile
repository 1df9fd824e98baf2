# Everything a newcomer needs, over the CMake presets. `make help` lists it.

PRESET  ?= release
JOBS    ?= $(shell nproc)
PREFIX  ?= /usr/local
DESTDIR ?=
LABELS  ?= .

BUILD     = build/$(PRESET)
LAUNCHER  = $(if $(shell command -v ccache),-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)

.DEFAULT_GOAL := build
.PHONY: help setup setup-build setup-test setup-lint build build-all demo demo-bench test bench install deb check format clean

help:  ## Show this list
	@echo 'make TARGET [PRESET=release|dev|asan|tsan|coverage] [JOBS=n] [PREFIX=/usr/local] [DESTDIR=]'
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

setup: setup-build setup-test setup-lint  ## Install the Debian packages that are missing (apt only when some are)

setup-build:
	@tools/setup build
setup-test:
	@tools/setup build test
setup-lint:
	@tools/setup lint

# Ninja runs CMake again by itself when a build file changes.
$(BUILD)/build.ninja: | setup-build
	cmake --preset $(PRESET) $(LAUNCHER)

build: setup-build $(BUILD)/build.ninja  ## Compile the programs (the default)
	cmake --build $(BUILD) --parallel $(JOBS) --target programs

# Configured anew, because packages that came since may have more to build (MPI).
build-all: setup-test
	@cmake --preset $(PRESET) $(LAUNCHER) >/dev/null
	cmake --build $(BUILD) --parallel $(JOBS)

demo: build  ## Replay an hour of a real trace with three policies, simulate the same, show the page (2 minutes)
	@tools/demo $(BUILD)

demo-bench: build  ## Measure two real programs, compare them, show where the records are
	@tools/demo_bench $(BUILD)

test: build-all  ## Build and run every test; what this machine cannot run is skipped with its reason
	tools/run_tests $(BUILD) '$(LABELS)' $(JOBS)

bench: build-all  ## Run the speed programs of bench/ (see docs/performance.md)
	@tools/run_benchmarks $(BUILD)

install: build  ## Install below $(DESTDIR)$(PREFIX)
	DESTDIR='$(DESTDIR)' cmake --install $(BUILD) --prefix '$(PREFIX)'

deb: build  ## Make a Debian package in the build folder
	cd $(BUILD) && cpack -G DEB

check: setup-lint $(BUILD)/build.ninja  ## Formatter, layer check, shell scripts, manual page, clang-tidy on a subset
	tools/check_format
	tools/check_layers
	tools/check_scripts
	tools/check_tidy $(BUILD)

format: setup-lint  ## Rewrite the C++ files in the house format
	tools/check_format --fix

clean:  ## Remove the build folders (records in runs/ stay)
	rm -rf build
