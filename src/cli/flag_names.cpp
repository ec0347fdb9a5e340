#include "cli/flag_names.h"

#include <algorithm>

namespace sure {

namespace {

struct ShortName {
  std::string name;
  std::vector<std::string> meanings;  // the first one that the command has
};

const std::vector<ShortName> kShortNames = {
    {"o", {"output_dir", "output"}},
    {"m", {"model"}},
    {"model_name_or_path", {"model"}},
    {"resume_from_checkpoint", {"resume"}},
    {"eval_strategy", {"evaluation_strategy"}},
    {"lr", {"learning_rate"}},
    {"epochs", {"num_train_epochs"}},
    {"steps", {"max_steps"}},
    {"batch_size", {"per_device_train_batch_size", "per_device_eval_batch_size"}},
    {"train_batch_size", {"per_device_train_batch_size"}},
    {"eval_batch_size", {"per_device_eval_batch_size"}},
    {"rank", {"lora_rank"}},
    {"alpha", {"lora_alpha"}},
    {"target_modules", {"lora_targets"}},
    {"patience", {"early_stopping_patience"}},
    {"data", {"data_dir"}},
    {"overwrite", {"overwrite_output_dir"}},
};

bool is_one_of(const std::string& name, const std::vector<std::string>& known) {
  return std::find(known.begin(), known.end(), name) != known.end();
}

/// What a row leads to in a command with these flags; empty when it has none of them, or a flag of the short name.
std::string meaning(const ShortName& row, const std::vector<std::string>& known) {
  if (is_one_of(row.name, known)) return "";
  const auto found = std::find_if(row.meanings.begin(), row.meanings.end(),
                                  [&](const std::string& name) { return is_one_of(name, known); });
  return found == row.meanings.end() ? "" : *found;
}

}  // namespace

std::string canonical_flag(const std::string& spelled, const std::vector<std::string>& known) {
  if (is_one_of(spelled, known)) return spelled;
  std::string name = spelled;
  std::replace(name.begin(), name.end(), '-', '_');
  if (is_one_of(name, known)) return name;
  const auto row =
      std::find_if(kShortNames.begin(), kShortNames.end(), [&](const ShortName& r) { return r.name == name; });
  return row == kShortNames.end() ? "" : meaning(*row, known);
}

std::vector<std::string> short_names(const std::string& name, const std::vector<std::string>& known) {
  std::vector<std::string> names;
  for (const ShortName& row : kShortNames) {
    const bool is_shorter = row.name.size() < name.size();
    if (is_shorter && meaning(row, known) == name) names.push_back((row.name.size() == 1 ? "-" : "--") + row.name);
  }
  return names;
}

}  // namespace sure
