#include "cli/prediction_output.h"

#include <iostream>
#include <system_error>

#include "core/atomic_file.h"
#include "core/destination.h"
#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

PredictionOutput::PredictionOutput(const PredictionFormat& format, std::string output, bool one_recording)
    : format_(format), output_(std::move(output)) {
  std::error_code error;
  const bool names_folder = output_.ends_with('/') || fs::is_directory(output_, error);
  if (format.suffix.empty()) {
    if (names_folder) fail_usage("--output {}: this is a folder, --format {} wants a file", output_, format.name);
    return;
  }
  if (one_recording && !names_folder) return;
  const bool names_file = !names_folder && fs::path(output_).extension() == format.suffix;
  if (output_.empty() || names_file) {
    fail_usage("--format {} writes a file for each recording: name a folder for them with --output", format.name);
  }
  if (!names_folder && fs::exists(output_, error)) {
    fail_usage("--output {}: not a folder, and --format {} writes a file for each recording", output_, format.name);
  }
  in_folder_ = true;
  make_folder(output_, "--output");
}

void PredictionOutput::run(const PredictionStyle& style, const std::function<void()>& work) {
  if (in_folder_) return work();
  const auto write_to = [&](std::ostream& out) {
    stream_ = &out;
    format_.begin(out, style);
    work();
  };
  if (output_.empty()) return write_to(std::cout);
  remove_leftovers_of(output_);
  write_file(output_, write_to);
}

/// The recording's name with the format's suffix in place of its own, or behind it where another has that name.
fs::path PredictionOutput::file_for(const std::string& name) {
  const fs::path recording = name == "-" ? fs::path("stdin") : fs::path(name).filename();
  fs::path file = fs::path(output_) / (recording.stem().string() + format_.suffix);
  if (written_.contains(file)) file = fs::path(output_) / (recording.string() + format_.suffix);
  for (int number = 2; written_.contains(file); ++number) {
    file = fs::path(output_) / fmt::format("{}.{}{}", recording.string(), number, format_.suffix);
  }
  written_.insert(file);
  return file;
}

void PredictionOutput::refuse_to_replace(const fs::path& recording) const {
  if (!in_folder_ && !output_.empty()) refuse_as_output("--output", output_, recording);
}

void PredictionOutput::write(const PredictionStyle& style, const std::string& name, const RecordingResult& result) {
  if (in_folder_) {
    write_file(file_for(name), [&](std::ostream& out) {
      format_.begin(out, style);
      format_.write(out, style, name, result);
    });
    return;
  }
  format_.write(*stream_, style, name, result);
  stream_->flush();
  if (!*stream_) fail("cannot write the predictions: is the disk full?");
}

}  // namespace sure
