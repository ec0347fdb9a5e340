#include "train/run_log.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/options.h"
#include "formats/png.h"
#include "formats/tensorboard.h"

namespace sure {

namespace {

using Json = nlohmann::ordered_json;
using Counts = std::vector<std::vector<int64_t>>;  // [true class][predicted class]

constexpr int64_t kPictureSize = 640;  // pixels
constexpr size_t kMostPictured = 200;  // classes; of more nobody sees the cells
constexpr Colour kGrid = {200, 200, 200};

/// Those in which runs differ that one compares.
const std::set<std::string>& logged_options() {
  static const std::set<std::string> names = {"task",
                                              "dataset",
                                              "model",
                                              "fold",
                                              "clips_per_class",
                                              "bf16",
                                              "int8",
                                              "dropout",
                                              "layerdrop",
                                              "mask_time_prob",
                                              "max_samples",
                                              "learning_rate",
                                              "lr_scheduler_type",
                                              "warmup_ratio",
                                              "warmup_steps",
                                              "num_train_epochs",
                                              "max_steps",
                                              "per_device_train_batch_size",
                                              "gradient_accumulation_steps",
                                              "batch_seconds",
                                              "speed_perturbation",
                                              "weight_decay",
                                              "max_grad_norm",
                                              "use_weighted_layer_sum",
                                              "seed"};
  return names;
}

HyperParameter to_parameter(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>();
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::map<std::string, HyperParameter> parameters_of(const RunConfig& config) {
  std::map<std::string, HyperParameter> parameters;
  const Json all = options_to_json(config);
  const Json tuning = options_to_json(config.tuning);
  for (const auto& item : all.items()) {
    const bool logged = logged_options().contains(item.key()) || tuning.contains(item.key());
    if (logged) parameters[item.key()] = to_parameter(item.value());
  }
  return parameters;
}

/// White for none of a true class' clips, dark blue for all of them.
Colour shade(double share) {
  const auto fade = [&](double full) { return static_cast<uint8_t>(std::lround(255 - share * (255 - full))); };
  return {fade(8), fade(48), fade(107)};
}

/// Squares with a line between them, true classes from the top, predicted ones from the left.
std::vector<Colour> draw(const Counts& counts, int64_t cell) {
  const int64_t size = std::ssize(counts) * cell;
  std::vector<Colour> pixels;
  for (int64_t y = 0; y < size; ++y) {
    const std::vector<int64_t>& row = counts.at(static_cast<size_t>(y / cell));
    const auto clips = std::max<int64_t>(1, std::accumulate(row.begin(), row.end(), int64_t{0}));
    for (int64_t x = 0; x < size; ++x) {
      const bool on_line = cell > 3 && (x % cell == 0 || y % cell == 0);
      const double share = static_cast<double>(row.at(static_cast<size_t>(x / cell))) / static_cast<double>(clips);
      pixels.push_back(on_line ? kGrid : shade(share));
    }
  }
  return pixels;
}

/// With what would end a cell or a row of the table taken out.
std::string table_cell(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '|' || c == '\n' || c == '\r'; }, '/');
  return text;
}

std::string to_markdown(const Counts& counts, const std::vector<std::string>& labels) {
  std::string text = "| true \\ predicted |";
  std::string line = "|---|";
  for (const std::string& label : labels) {
    text += fmt::format(" {} |", table_cell(label));
    line += "---|";
  }
  text += "\n" + line + "\n";
  for (size_t i = 0; i < counts.size(); ++i) {
    text += fmt::format("| {} | {} |\n", table_cell(labels.at(i)), fmt::join(counts[i], " | "));
  }
  return text;
}

/// As a picture, and with its labels as a table.
void log_confusion(EventWriter& events, const std::string& tag, const Json& of_labels, int64_t step) {
  const auto counts = of_labels.at("confusion").get<Counts>();
  if (counts.size() > kMostPictured) return;
  const int64_t cell = kPictureSize / std::max<int64_t>(1, std::ssize(counts));
  const int64_t size = std::ssize(counts) * cell;
  events.image(tag, to_png(draw(counts, cell), size, size), size, size, step);
  events.text(tag + "_table", to_markdown(counts, of_labels.at("labels")), step);
}

}  // namespace

std::filesystem::path log_folder(const TrainOptions& options) {
  if (!options.logging_dir.empty()) return options.logging_dir;
  return std::filesystem::path(options.output_dir) / "log";
}

void log_test(const RunConfig& config, int64_t step, const Metrics& metrics, const Json& details) {
  EventWriter events(log_folder(config.train));
  std::vector<std::string> tags;
  for (const auto& [name, value] : metrics) {
    tags.push_back("test/" + name);
    events.scalar(tags.back(), value, step);
  }
  events.hyper_parameters(parameters_of(config), tags);
  if (details.contains("confusion")) log_confusion(events, "test/confusion", details, step);
  const Json groups = details.value("confusions", Json::object());
  for (const auto& [group, of_group] : groups.items()) {
    log_confusion(events, "test/confusion_" + group, of_group, step);
  }
  events.flush();
}

}  // namespace sure
