// --help as text: flags in two columns, wrapped to the terminal.
#pragma once

#include <string>
#include <vector>

namespace sure {

/// A flag as --help shows it.
struct FlagHelp {
  std::vector<std::string> spellings;  // as written: "--learning_rate", "--lr"
  std::string help;                    // one sentence
  std::string kind;                    // of its value: "N", "X", "True|False", "DIR"
  std::string fallback;                // the default as text; empty = none worth showing
  std::string heading;
};

/// One paragraph for each flag: its spellings and value, then what it means and its default. `width`: in columns.
std::string format_flags(const std::vector<FlagHelp>& flags, size_t width);

/// The same under a line for each heading, in the order in which they first appear.
std::string format_flags_by_heading(const std::vector<FlagHelp>& flags, size_t width);

}  // namespace sure
