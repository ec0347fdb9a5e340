#include "data/own_collections.h"

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "core/error.h"
#include "text/utf8.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

using Names = std::map<std::string, size_t>;  // how many clips have each

std::string without_blanks(const std::string& label) { return fmt::format("{}", fmt::join(split_words(label), " ")); }

/// The label as it is written in the end.
std::string tidy(const std::string& label) { return nfc(without_blanks(label)); }

/// The same for labels that are one.
std::string key_of(const std::string& label) { return lower_case(tidy(label)); }

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

/// The name that most clips have; never "", as blank labels are refused where they are read.
std::string usual_name(const Names& names) {
  Names tidied;
  for (const auto& [name, clips] : names) tidied[tidy(name)] += clips;
  return std::max_element(tidied.begin(), tidied.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

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

void unify_labels(Dataset& data) {
  std::map<std::string, Names> spellings;
  for (const auto* part : all_parts(data)) {
    for (const Example& example : *part) {
      if (!is_utf8(example.target)) {
        fail("{}: the label '{}' is not UTF-8; rename its folder, as convmv -f WINDOWS-1252 -t UTF-8 does",
             example.path.string(), example.target);
      }
      ++spellings[key_of(example.target)][example.target];
    }
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
