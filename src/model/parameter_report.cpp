#include "model/parameter_report.h"

#include <algorithm>

#include "text/counted.h"

namespace sure {

namespace {

/// Trained tensors are named "backbone.…", "adapter.…", "head.…"; the backbone's own ones have no such prefix.
constexpr std::string_view kBackbone = "backbone.";

struct Part {
  std::string_view prefix;
  std::string_view title;
};

/// The first row whose prefix fits.
constexpr Part kParts[] = {{"backbone.feature_extractor.", "front-end convolutions"},
                           {"backbone.feature_projection.", "feature projection"},
                           {"backbone.encoder.layers.", "transformer layers"},
                           {"backbone.", "rest of the backbone"},
                           {"adapter.", "adapters"},
                           {"head.", "task head"}};

size_t part_of(const std::string& name) {
  const auto row = std::find_if(std::begin(kParts), std::end(kParts),
                                [&](const Part& part) { return name.starts_with(part.prefix); });
  return static_cast<size_t>(row - std::begin(kParts));
}

/// The part of that title, which is made where it is missing.
PartCount& part_called(ParameterReport& report, const std::string& title) {
  for (PartCount& part : report.parts) {
    if (part.part == title) return part;
  }
  return report.parts.emplace_back(PartCount{title});
}

void add_up(ParameterReport& report) {
  for (const PartCount& part : report.parts) {
    report.trained += part.trained;
    report.total += part.total;
  }
}

}  // namespace

double ParameterReport::share_percent() const {
  return total == 0 ? 0 : 100.0 * static_cast<double>(trained) / static_cast<double>(total);
}

ParameterReport report_parameters(const AdaptedModel& model) {
  ParameterReport report;
  for (const Part& part : kParts) report.parts.push_back({std::string(part.title)});
  for (const NamedTensor& tensor : model.backbone().parameters()) {
    if (tensor.is_buffer) continue;
    report.parts[part_of(std::string(kBackbone) + tensor.name)].total += tensor.value.numel();
  }
  for (const NamedTensor& tensor : model.trained()) {
    PartCount& part = report.parts[part_of(tensor.name)];
    part.trained += tensor.value.numel();
    if (!tensor.name.starts_with(kBackbone)) part.total += tensor.value.numel();
  }
  std::erase_if(report.parts, [](const PartCount& part) { return part.total == 0; });
  add_up(report);
  return report;
}

ParameterReport report_parameters(const AdaptedVoice& voice) {
  ParameterReport report;
  const auto beginning = [](const std::string& name) { return name.substr(0, name.find('.')); };
  for (const NamedTensor& tensor : voice.model()->parameters()) {
    if (!tensor.is_buffer) part_called(report, beginning(tensor.name)).total += tensor.value.numel();
  }
  for (const NamedTensor& tensor : voice.trained()) {
    const bool is_own = tensor.name.starts_with(kBackbone);
    PartCount& part = part_called(report, is_own ? beginning(tensor.name.substr(kBackbone.size())) : "adapters");
    part.trained += tensor.value.numel();
    if (!is_own) part.total += tensor.value.numel();
  }
  add_up(report);
  return report;
}

std::string describe_trained(const ParameterReport& report) {
  return fmt::format("{} of {} parameters train ({:.2f} %)", with_commas(report.trained), with_commas(report.total),
                     report.share_percent());
}

nlohmann::ordered_json parameters_to_json(const ParameterReport& report) {
  nlohmann::ordered_json json = {{"trained", report.trained},
                                 {"total", report.total},
                                 {"share_percent", report.share_percent()},
                                 {"parts", nlohmann::ordered_json::array()}};
  for (const PartCount& part : report.parts) {
    json["parts"].push_back({{"part", part.part}, {"trained", part.trained}, {"total", part.total}});
  }
  return json;
}

}  // namespace sure
