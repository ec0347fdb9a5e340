// The flags of a training run: every option of RunConfig, --config, and the original's switches.
#pragma once

#include <string>
#include <vector>

#include "cli/flags.h"
#include "cli/legacy_flags.h"
#include "train/speech_options.h"

namespace sure {

/// Flags that say what becomes of an earlier run's files; they are no part of the configuration.
struct RunFlags {
  SpeechRunConfig config;
  LegacyFlags legacy;
  bool overwrite_output_dir = false;
};

/// Adds them all to `flags`; `run` must outlive the parsing. --config is read before the other flags are set.
void add_run_flags(FlagSet& flags, RunFlags& run);

/// The flags that most runs set, in the order of use: what --help shows.
std::vector<std::string> common_run_flags();

/// After parsing: applies the original's switches and resolves the options (see resolve()).
SpeechRunConfig resolve_run(const RunFlags& run, const FlagSet& flags);

}  // namespace sure
