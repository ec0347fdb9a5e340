// TensorBoard event files: TFRecord frames (length, masked CRC-32C, payload, masked CRC-32C) of Event messages.
// Format: tensorflow/core/util/event.proto and the TFRecord description in TensorFlow's documentation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace sure {

using HyperParameter = std::variant<bool, double, std::string>;

/// Appends to `folder`/events.out.tfevents.<seconds>.<host>.<pid>. Throws Error when the folder cannot be made.
class EventWriter {
 public:
  explicit EventWriter(const std::filesystem::path& folder);

  void scalar(const std::string& tag, double value, int64_t step);

  /// A PNG file's bytes, of so many pixels.
  void image(const std::string& tag, const std::string& png, int64_t width, int64_t height, int64_t step);

  /// Markdown.
  void text(const std::string& tag, const std::string& markdown, int64_t step);

  /// The run's row of the HParams tab: its parameters, and the tags of the scalars that it is measured by.
  void hyper_parameters(const std::map<std::string, HyperParameter>& parameters,
                        const std::vector<std::string>& metric_tags);

  void flush();

 private:
  /// `plugin`: whose `content` the summary holds.
  void plugin_summary(const std::string& tag, const std::string& plugin, const std::string& content);
  void write_record(const std::string& payload);

  std::filesystem::path path_;
  std::ofstream file_;
};

}  // namespace sure
