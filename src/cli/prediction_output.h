// Where the predictions of `sure predict` go: one stream for all recordings, or a file for each.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <set>
#include <string>

#include "cli/prediction_format.h"

namespace sure {

class PredictionOutput {
 public:
  /// `output` is what --output says. Throws a usage Error where a format with a file for each recording has one place
  /// for several; makes the folder that it names.
  PredictionOutput(const PredictionFormat& format, std::string output, bool one_recording);

  /// Runs `work`, whose calls of write() go where they should. Throws Error where that cannot be written.
  void run(const PredictionStyle& style, const std::function<void()>& work);

  /// Throws a usage Error for a recording that its own predictions would replace.
  void refuse_to_replace(const std::filesystem::path& recording) const;

  void write(const PredictionStyle& style, const std::string& name, const RecordingResult& result);

  /// Not to the screen.
  bool is_file() const { return !output_.empty(); }

 private:
  std::filesystem::path file_for(const std::string& name);

  const PredictionFormat& format_;
  std::string output_;
  bool in_folder_ = false;
  std::ostream* stream_ = nullptr;
  std::set<std::filesystem::path> written_;
};

}  // namespace sure
