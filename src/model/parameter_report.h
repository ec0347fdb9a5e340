// How many parameters a model has and trains, part by part.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/adapted_model.h"
#include "model/adapted_voice.h"

namespace sure {

struct PartCount {
  std::string part;
  int64_t trained = 0;
  int64_t total = 0;
};

struct ParameterReport {
  std::vector<PartCount> parts;
  int64_t trained = 0;
  int64_t total = 0;

  double share_percent() const;
};

/// Counts the model's parameters; its tensors need no storage.
ParameterReport report_parameters(const AdaptedModel& model);

/// The same, with a part for each beginning of a tensor's name ("encoder") and one for what stands beside the model.
ParameterReport report_parameters(const AdaptedVoice& voice);

/// "133,642 of 5,540,000 parameters train (2.41 %)".
std::string describe_trained(const ParameterReport& report);

/// {"trained", "total", "share_percent", "parts": [{"part", "trained", "total"}]}.
nlohmann::ordered_json parameters_to_json(const ParameterReport& report);

}  // namespace sure
