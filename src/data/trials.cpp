#include "data/trials.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/error.h"
#include "text/text_lines.h"

namespace sure {

namespace {

using Fields = std::vector<std::string_view>;

constexpr const char* kExpected = "expected \"1 A B\" or \"0 A B\", \"A B target\" or \"A B nontarget\", or \"A B\"";

struct LabelName {
  std::string_view name;
  bool same_speaker;
};

constexpr std::array<LabelName, 4> kLabels = {{{"1", true}, {"0", false}, {"target", true}, {"nontarget", false}}};

std::optional<bool> find_label(std::string_view name) {
  const auto* row = std::find_if(kLabels.begin(), kLabels.end(), [&](const LabelName& l) { return l.name == name; });
  return row == kLabels.end() ? std::nullopt : std::optional(row->same_speaker);
}

/// Takes the label out of three fields.
std::optional<bool> take_label(Fields& fields, const std::string& where) {
  if (fields.size() != 3) return std::nullopt;
  for (const auto place : {fields.begin(), fields.end() - 1}) {
    const std::optional<bool> label = find_label(*place);
    if (!label) continue;
    fields.erase(place);
    return label;
  }
  fail("{}: neither '{}' nor '{}' is a label; {}", where, fields.front(), fields.back(), kExpected);
}

Trial parse_trial(const TextLines& line, const std::string& where) {
  const bool tabs = line.line().find('\t') != std::string_view::npos;
  Fields fields = tabs ? split_fields(line.line(), '\t') : line.fields();
  const size_t found = fields.size();
  Trial trial;
  trial.same_speaker = take_label(fields, where);
  if (fields.size() != 2) fail("{}: found {} fields, {}", where, found, kExpected);
  trial.first = fields[0];
  trial.second = fields[1];
  return trial;
}

}  // namespace

std::vector<Trial> read_trials(const std::filesystem::path& list) {
  TextLines lines(list);
  std::vector<Trial> trials;
  while (lines.next()) {
    const std::string where = lines.where();
    trials.push_back(parse_trial(lines, where));
    trials.back().line = lines.number();
    if (trials.back().same_speaker.has_value() != trials.front().same_speaker.has_value()) {
      fail("{}: this line has {} label, the first one has {}; expected labels in all lines or in none", where,
           trials.back().same_speaker ? "a" : "no", trials.front().same_speaker ? "one" : "none");
    }
  }
  if (trials.empty()) fail("{}: the list is empty; {}", list.string(), kExpected);
  return trials;
}

}  // namespace sure
