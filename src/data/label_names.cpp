#include "data/label_names.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "text/utf8.h"

namespace sure {

namespace {

using Names = std::map<std::string, size_t>;  // how many clips have each

std::string without_blanks(const std::string& label) { return fmt::format("{}", fmt::join(split_words(label), " ")); }

/// The label as it is written in the end.
std::string tidy(const std::string& label) { return is_utf8(label) ? nfc(without_blanks(label)) : label; }

/// The same for labels that are one.
std::string key_of(const std::string& label) { return is_utf8(label) ? lower_case(tidy(label)) : label; }

template <class Change>
bool one_after(const Names& names, Change&& change) {
  std::set<std::string> changed;
  for (const auto& [name, clips] : names) changed.insert(change(name));
  return changed.size() == 1;
}

const char* difference(const Names& names) {
  if (one_after(names, without_blanks)) return "blanks";
  return one_after(names, tidy) ? "their Unicode form" : "letter case";
}

/// What most clips have; "" never, as blank labels are refused where they are read.
std::string usual_name(const Names& names) {
  Names tidied;
  for (const auto& [name, clips] : names) tidied[tidy(name)] += clips;
  return std::max_element(tidied.begin(), tidied.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

}  // namespace

void unify_labels(Dataset& data) {
  std::map<std::string, Names> spellings;
  for (const auto* part : all_parts(data)) {
    for (const Example& example : *part) ++spellings[key_of(example.target)][example.target];
  }
  std::map<std::string, std::string> renamed;
  for (const auto& [key, names] : spellings) {
    const std::string usual = usual_name(names);
    for (const auto& [name, clips] : names) renamed[name] = usual;
    if (names.size() < 2) continue;
    std::vector<std::string> all;
    for (const auto& [name, clips] : names) all.push_back(name);
    data.notes.push_back(fmt::format("labels '{}' differ only by {}: they are one, '{}'", fmt::join(all, "' and '"),
                                     difference(names), usual));
  }
  for (auto* part : all_parts(data)) {
    for (Example& example : *part) {
      const std::string& name = renamed.at(example.target);
      if (example.speaker == example.target) example.speaker = name;
      example.target = name;
    }
  }
}

}  // namespace sure
