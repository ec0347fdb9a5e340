// Files of formats that libsndfile cannot write, made by ffmpeg where that is installed.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "audio/audio_formats.h"

namespace sure::test {

#define SURE_NEEDS_FFMPEG() \
  if (!ffmpeg_is_there()) GTEST_SKIP() << "ffmpeg is not installed"

/// Converts a sound file; `options` are ffmpeg's for the output. Names must be plain.
inline void convert(const std::filesystem::path& from, const std::filesystem::path& to,
                    const std::string& options = "") {
  const std::string command = "ffmpeg -nostdin -v error -y -i '" + from.string() + "' " + options + " '" + to.string() +
                              "' 2>/dev/null >/dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

}  // namespace sure::test
