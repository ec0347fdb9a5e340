#include "cli/legacy_flags.h"

#include <optional>
#include <vector>

#include "core/error.h"
#include "core/registry.h"

namespace sure {

namespace {

/// A name of the original and the method that it stands for.
struct AdapterName {
  std::string name;
  std::string method;
};

const std::vector<AdapterName> kTransformerAdapters = {
    {"bottleneck", "bottleneck"}, {"adapterblock", "conv_adapter"}, {"conv_adapter", "conv_adapter"}};
const std::vector<AdapterName> kFrontEndAdapters = {{"conv_adapter", "conv_adapter"}};

/// A flag as the user wrote it and the method that it chooses.
struct Choice {
  std::string flag;
  std::string method;
};

struct Switch {
  const char* flag;
  bool LegacyFlags::* value;
  const char* method;
};

const std::vector<Switch> kSwitches = {{"fine_tune", &LegacyFlags::fine_tune, "finetune"},
                                       {"lora_adapter", &LegacyFlags::lora_adapter, "lora"},
                                       {"prefix_tuning", &LegacyFlags::prefix_tuning, "prefix"}};

struct Place {
  const char* flag;
  bool TuningOptions::* value;
};

const std::vector<Place> kPlaces = {{"output_adapter", &TuningOptions::output_adapter},
                                    {"mh_adapter", &TuningOptions::mh_adapter}};

bool has_places(const std::string& method) { return method == "bottleneck" || method == "conv_adapter"; }

/// The first place for an adapter that the user switched on.
std::optional<std::string> place_given(const FlagSet& flags, const TuningOptions& tuning) {
  for (const Place& place : kPlaces) {
    if (flags.given(place.flag) && tuning.*place.value) return fmt::format("--{} True", place.flag);
  }
  return std::nullopt;
}

/// What the user's flags choose, adapters with a place aside.
std::vector<Choice> plain_choices(const LegacyFlags& legacy, const FlagSet& flags, const TuningOptions& tuning) {
  std::vector<Choice> choices;
  if (flags.given("method")) choices.push_back({"--method " + tuning.method, tuning.method});
  for (const Switch& item : kSwitches) {
    if (legacy.*item.value) choices.push_back({fmt::format("--{} True", item.flag), item.method});
  }
  return choices;
}

/// Adds what --trans_adapter_name and the places choose: a name without a place is a choice only where nothing else is.
void add_adapter_choice(const LegacyFlags& legacy, const FlagSet& flags, const TuningOptions& tuning,
                        std::vector<Choice>& choices) {
  const std::optional<std::string> place = place_given(flags, tuning);
  const std::string& name = legacy.trans_adapter_name;
  if (!name.empty()) {
    const std::string& method = find_row(kTransformerAdapters, name, "--trans_adapter_name").method;
    const bool no_place_named = !flags.given("output_adapter") && !flags.given("mh_adapter");
    const std::string flag = "--trans_adapter_name " + name;
    if (place) choices.push_back({flag + " with " + *place, method});
    if (!place && no_place_named && choices.empty()) choices.push_back({flag, method});
    if (choices.empty()) {
      fail_usage("{} has no place and no other tuning method is chosen: set --output_adapter or --mh_adapter True",
                 flag);
    }
    return;
  }
  const std::string& method = choices.empty() ? tuning.method : choices.front().method;
  if (!place || has_places(method)) return;
  if (choices.empty()) fail_usage("{} needs --trans_adapter_name: bottleneck or adapterblock", *place);
  fail_usage("{} and {} contradict each other: {} has no such place", choices.front().flag, *place, method);
}

/// Nothing was chosen: the default must not be what the user switched off.
void check_not_switched_off(const FlagSet& flags, const std::string& method) {
  for (const Switch& item : kSwitches) {
    if (item.method == method && flags.given(item.flag)) {
      fail_usage(
          "no tuning method is chosen and --{} is False: set one of --fine_tune, --lora_adapter or "
          "--prefix_tuning True, or name one by --method",
          item.flag);
    }
  }
}

}  // namespace

void apply_legacy_flags(const LegacyFlags& legacy, const FlagSet& flags, TuningOptions& tuning) {
  if (!legacy.feat_adapter_name.empty()) find_row(kFrontEndAdapters, legacy.feat_adapter_name, "--feat_adapter_name");
  std::vector<Choice> choices = plain_choices(legacy, flags, tuning);
  add_adapter_choice(legacy, flags, tuning, choices);
  for (const Choice& choice : choices) {
    if (choice.method == choices.front().method) continue;
    fail_usage("{} and {} contradict each other: choose one tuning method", choices.front().flag, choice.flag);
  }
  if (choices.empty()) return check_not_switched_off(flags, tuning.method);
  tuning.method = choices.front().method;
  const bool only_attention = !legacy.trans_adapter_name.empty() && flags.given("mh_adapter") && tuning.mh_adapter;
  if (only_attention && !flags.given("output_adapter")) tuning.output_adapter = false;
}

}  // namespace sure
