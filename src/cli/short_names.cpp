#include "cli/short_names.h"

#include <set>

#include "text/printable.h"
#include "text/utf8.h"

namespace sure {

namespace {

/// The end of printable text in at most `most` columns.
std::string end_in_columns(const std::string& text, size_t most) {
  const std::vector<std::string> all = characters(text);
  std::string end;
  for (auto character = all.rbegin(); character != all.rend(); ++character) {
    if (columns_of(*character + end) > most) break;
    end = *character + end;
  }
  return end;
}

std::string without_middle(const std::string& name, size_t columns) {
  if (columns_of(name) <= columns) return name;
  return cut_to_columns(name, columns - columns / 2) + end_in_columns(name, columns / 2);
}

bool all_differ(const std::vector<std::string>& names) {
  return std::set<std::string>(names.begin(), names.end()).size() == names.size();
}

}  // namespace

std::optional<std::vector<std::string>> short_names(const std::vector<std::string>& names, size_t columns) {
  std::vector<std::string> cut;
  for (const std::string& name : names) cut.push_back(cut_to_columns(printable(name), columns));
  if (all_differ(cut)) return cut;
  cut.clear();
  for (const std::string& name : names) cut.push_back(without_middle(printable(name), columns));
  if (all_differ(cut)) return cut;
  return std::nullopt;
}

}  // namespace sure
