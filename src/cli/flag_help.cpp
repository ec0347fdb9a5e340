#include "cli/flag_help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "text/printable.h"

namespace sure {

namespace {

constexpr size_t kIndent = 2;
constexpr size_t kHelpColumn = 32;

std::string meaning(const FlagHelp& flag) {
  return flag.fallback.empty() ? flag.help : fmt::format("{} (default: {})", flag.help, flag.fallback);
}

std::string format_flag(const FlagHelp& flag, size_t width) {
  const std::string left = fmt::format("{:{}}{} {}", "", kIndent, fmt::join(flag.spellings, ", "), flag.kind);
  std::vector<std::string> lines = wrap(meaning(flag), width - kHelpColumn);
  std::string text;
  if (columns_of(left) + 1 >= kHelpColumn) {
    text = left + '\n';
  } else {
    text = left + std::string(kHelpColumn - columns_of(left), ' ') + lines.front() + '\n';
    lines.erase(lines.begin());
  }
  for (const std::string& line : lines) text += std::string(kHelpColumn, ' ') + line + '\n';
  return text;
}

}  // namespace

std::string format_flags(const std::vector<FlagHelp>& flags, size_t width) {
  std::string text;
  for (const FlagHelp& flag : flags) text += format_flag(flag, width);
  return text;
}

std::string format_flags_by_heading(const std::vector<FlagHelp>& flags, size_t width) {
  std::vector<std::string> headings;
  for (const FlagHelp& flag : flags) {
    if (std::find(headings.begin(), headings.end(), flag.heading) == headings.end()) headings.push_back(flag.heading);
  }
  std::string text;
  for (const std::string& heading : headings) {
    text += fmt::format("{}{}:\n", text.empty() ? "" : "\n", heading);
    std::vector<FlagHelp> below;
    std::copy_if(flags.begin(), flags.end(), std::back_inserter(below),
                 [&](const FlagHelp& flag) { return flag.heading == heading; });
    text += format_flags(below, width);
  }
  return text;
}

}  // namespace sure
