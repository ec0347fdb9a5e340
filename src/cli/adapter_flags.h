// The flags that name an adapted model: its adapter, its backbone, and how it computes.
#pragma once

#include <string>
#include <vector>

#include "cli/flags.h"
#include "model/adapted_model.h"

namespace sure {

struct AdapterFlags {
  std::string adapter;
  std::string labels;  // names with a comma between them, or a file with one a line
  ModelOptions model;
};

/// Adds them; `adapter` must outlive the parsing. Options that the user does not give are those of the training run.
void add_adapter_flags(FlagSet& flags, AdapterFlags& adapter);

/// The class names that --labels gives; empty without it.
std::vector<std::string> read_labels(const std::string& labels);

}  // namespace sure
