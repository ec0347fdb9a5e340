#include "data/speaker_pattern.h"

#include <regex>

#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

std::regex compile(const std::string& pattern) {
  std::regex expression;
  try {
    expression = std::regex(pattern);
  } catch (const std::regex_error& error) {
    fail_usage("--speaker_pattern '{}': not a regular expression ({})", pattern, error.what());
  }
  if (expression.mark_count() == 0) {
    fail_usage("--speaker_pattern '{}': no group, expected the speaker in parentheses, as in '([^_/]+)_'", pattern);
  }
  return expression;
}

std::string path_below(const fs::path& root, const fs::path& clip) {
  const fs::path relative = clip.lexically_relative(root);
  return (relative.empty() || *relative.begin() == "..") ? clip.string() : relative.string();
}

std::string find_speaker(const std::regex& expression, const std::string& path) {
  std::smatch groups;
  try {
    return std::regex_search(path, groups, expression) ? groups[1].str() : "";
  } catch (const std::regex_error&) {
    fail_usage("--speaker_pattern: too hard to search in {}; expected a simpler expression", path);
  }
}

}  // namespace

void apply_speaker_pattern(Dataset& data, const std::string& pattern, const fs::path& root, bool speaker_is_target) {
  const std::regex expression = compile(pattern);
  size_t without = 0, clips = 0;
  std::string first;
  for (auto* part : all_parts(data)) {
    for (Example& example : *part) {
      const std::string path = path_below(root, example.path);
      example.speaker = find_speaker(expression, path);
      if (speaker_is_target) example.target = example.speaker;
      ++clips;
      if (!example.speaker.empty()) continue;
      if (without++ == 0) first = path;
    }
  }
  if (without > 0) {
    fail("--speaker_pattern '{}': finds no speaker in {} of {} paths, e.g. {}", pattern, without, clips, first);
  }
}

}  // namespace sure
