// TensorBoard event files: TFRecord frames (length, masked CRC-32C, payload, masked CRC-32C) of Event messages.
// Format: tensorflow/core/util/event.proto and the TFRecord description in TensorFlow's documentation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace sure {

/// Appends scalars to `folder`/events.out.tfevents.<seconds>.<host>.<pid>. Throws Error when the folder cannot be made.
class EventWriter {
 public:
  explicit EventWriter(const std::filesystem::path& folder);

  void scalar(const std::string& tag, double value, int64_t step);
  void flush();

 private:
  void write_record(const std::string& payload);

  std::filesystem::path path_;
  std::ofstream file_;
};

}  // namespace sure
