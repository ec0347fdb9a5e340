#include "cli/flag_names.h"

#include <algorithm>
#include <limits>

namespace sure {

namespace {

struct OtherName {
  std::string name;
  std::vector<std::string> flags;  // the first one that a command has
};

const std::vector<OtherName> kOtherNames = {
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

/// The flag that a row leads to in a command; empty when it has none of them, or a flag of that very name.
std::string meaning(const OtherName& row, const std::vector<std::string>& flags) {
  if (is_one_of(row.name, flags)) return "";
  const auto found =
      std::find_if(row.flags.begin(), row.flags.end(), [&](const std::string& name) { return is_one_of(name, flags); });
  return found == row.flags.end() ? "" : *found;
}

std::string written(const std::string& name) { return (name.size() == 1 ? "-" : "--") + name; }

}  // namespace

std::vector<std::string> spellings_of(const std::string& flag, const std::vector<std::string>& flags) {
  std::vector<std::string> names = {written(flag)};
  for (const OtherName& row : kOtherNames) {
    if (meaning(row, flags) == flag) names.push_back(written(row.name));
  }
  return names;
}

std::vector<std::string> short_spellings_of(const std::string& flag, const std::vector<std::string>& flags) {
  std::vector<std::string> names = {written(flag)};
  for (const OtherName& row : kOtherNames) {
    if (row.name.size() < flag.size() && meaning(row, flags) == flag) names.push_back(written(row.name));
  }
  return names;
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitution = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, substitution});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

std::string nearest_name(const std::string& name, const std::vector<std::string>& known) {
  std::string nearest;
  size_t least = std::numeric_limits<size_t>::max();
  for (const std::string& candidate : known) {
    const size_t distance = edit_distance(name, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return least <= 1 + name.size() / 3 ? nearest : "";
}

}  // namespace sure
