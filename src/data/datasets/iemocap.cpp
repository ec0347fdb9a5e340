// IEMOCAP (Busso et al. 2008): Session<n>/dialog/EmoEvaluation/<dialog>.txt has, among the votes of its annotators, one
// line per turn, "[start - end]<tab>turn<tab>emotion<tab>[valence, activation, dominance]"; the turn's audio is
// Session<n>/sentences/wav/<dialog>/<turn>.wav. Sessions 1 to 3 train, 4 validates, 5 tests.
#include <algorithm>
#include <cctype>
#include <map>

#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/listings.h"
#include "data/splits.h"
#include "text/text_lines.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr SplitName kSessions[] = {{"Session1", Split::train},
                                   {"Session2", Split::train},
                                   {"Session3", Split::train},
                                   {"Session4", Split::valid},
                                   {"Session5", Split::test}};

/// The four classes that the literature and the SUPERB benchmark compare on: excitement counts as happiness.
const std::vector<std::string> kClasses = {"neu", "hap", "sad", "ang"};

/// All codes of the corpus; "xxx" is a turn on which its annotators disagree. No class = left out.
const std::map<std::string, std::string, std::less<>> kClassOfCode = {
    {"neu", "neu"}, {"hap", "hap"}, {"exc", "hap"}, {"sad", "sad"}, {"ang", "ang"}, {"fru", ""},
    {"fea", ""},    {"sur", ""},    {"dis", ""},    {"oth", ""},    {"xxx", ""}};

struct Turn {
  std::string name;     // Ses01F_impro01_M000
  std::string dialog;   // Ses01F_impro01; its letter is the actor who wears markers
  std::string speaker;  // Ses01M
  std::string emotion;  // one of kClasses, or empty
};

/// Without a dialog when `name` is not that of a turn.
Turn parse_name(std::string_view name) {
  const auto is_name_character = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  constexpr size_t kSession = 5;  // "Ses01"
  const size_t end = name.rfind('_');
  if (!name.starts_with("Ses") || !std::all_of(name.begin(), name.end(), is_name_character) ||
      end == std::string_view::npos || end < kSession || end + 1 == name.size()) {
    return {};
  }
  const char actor = name[end + 1];
  if (actor != 'F' && actor != 'M') return {};
  return {std::string(name), std::string(name.substr(0, end)), std::string(name.substr(0, kSession)) + actor, ""};
}

Turn parse_turn(std::string_view line, const std::string& where) {
  const std::vector<std::string_view> fields = split_fields(line, '\t');
  Turn turn = fields.size() == 4 ? parse_name(fields[1]) : Turn{};
  if (turn.dialog.empty()) {
    fail("{}: expected '[start - end]<tab>Ses01F_impro01_F000<tab>neu<tab>[v, a, d]', found {} fields: '{}'", where,
         fields.size(), fmt::join(fields, "', '"));
  }
  const auto emotion = kClassOfCode.find(fields[2]);
  if (emotion == kClassOfCode.end()) {
    std::vector<std::string> codes;
    for (const auto& [code, name] : kClassOfCode) codes.push_back(code);
    fail("{}: unknown emotion '{}', expected one of {}", where, fields[2], fmt::join(codes, ", "));
  }
  turn.emotion = emotion->second;
  return turn;
}

std::vector<Turn> read_turns(const fs::path& folder) {
  const std::vector<fs::path> files = files_in(folder, ".txt");
  if (files.empty()) {
    fail("{}: expected Ses*.txt, found {}", folder.string(),
         fs::exists(folder) ? describe_contents(folder) : "no such folder");
  }
  std::vector<Turn> turns;
  for (const fs::path& file : files) {
    TextLines lines(file, TextBytes::any);  // the annotators' remarks
    while (lines.next()) {
      if (lines.line().starts_with('[')) turns.push_back(parse_turn(lines.line(), lines.where()));
    }
  }
  return turns;
}

void check_layout(const fs::path& root) {
  for (const SplitName& session : kSessions) {
    if (fs::is_directory(root / session.name)) continue;
    fail("{}: expected the folders Session1 to Session5, found {}", root.string(), describe_contents(root));
  }
}

}  // namespace

Utterances read_iemocap(const DataOptions& options, const Wanted& /*wanted*/) {
  const fs::path root = options.data_dir;
  check_layout(root);
  Utterances data;
  data.classes = {Field::emotion, kClasses};
  size_t turns = 0;
  size_t other = 0;
  for (const SplitName& session : kSessions) {
    const fs::path labels = root / session.name / "dialog/EmoEvaluation";
    const fs::path audio = root / session.name / "sentences/wav";
    ListedClips clips(labels, Field::emotion);
    for (const Turn& turn : read_turns(labels)) {
      ++turns;
      if (turn.emotion.empty()) {
        ++other;
        continue;
      }
      clips.add(examples_of(data, session.split),
                {.path = audio / turn.dialog / (turn.name + ".wav"), .emotion = turn.emotion, .speaker = turn.speaker});
    }
    clips.report(options.allow_missing, data.notes);
  }
  if (other > 0) {
    data.notes.push_back(fmt::format("{} of {} turns have another emotion than {} and are left out", other, turns,
                                     fmt::join(kClasses, ", ")));
  }
  return data;
}

}  // namespace sure
