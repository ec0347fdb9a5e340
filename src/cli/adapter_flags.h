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
  std::string task;
  std::string language;
  ModelOptions model;
};

/// Adds them; `adapter` must outlive the parsing. Options that the user does not give are those of the training run.
/// --model alone names a whole model, which is then its own "adapter".
void add_adapter_flags(FlagSet& flags, AdapterFlags& adapter);

/// Throws a usage Error where neither --adapter nor --model was given.
void require_adapter(const AdapterFlags& adapter);

/// The model that the flags name.
AdaptedModel load_model(const AdapterFlags& adapter);

}  // namespace sure
