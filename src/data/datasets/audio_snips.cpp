// Audio SNIPS (Lai et al. 2020), sentences of SNIPS (Coucke et al. 2018) in 16 synthetic voices, as prepared for the
// SUPERB benchmark: {train,valid,test}/<voice>-snips-<split>-<n>.wav, slots.txt, and all.iob.snips.txt with lines
//   Ivy-snips-train-0 BOS PLAY KENT JAMES EOS<tab>O O artist artist PlayMusic
// where BOS has the first tag, each word the next, and the intent stands in the place of EOS.
#include <algorithm>
#include <set>

#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/listings.h"
#include "data/splits.h"
#include "text/text_lines.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string_view>;

constexpr const char* kList = "all.iob.snips.txt";
constexpr const char* kSlots = "slots.txt";
constexpr const char* kSplits[] = {"train", "valid", "test"};

struct Line {
  std::string_view clip;  // Ivy-snips-train-0
  std::string_view voice;
  std::string_view split;
  Words words;
  Words tags;  // one per word: O, or a slot with or without B- and I-
};

/// Splits at runs of spaces; other white space may be part of a word.
Words split_tokens(std::string_view text) {
  Words tokens = split_fields(text, ' ');
  std::erase(tokens, "");
  return tokens;
}

Line parse_line(std::string_view text, const std::string& where) {
  const Words halves = split_fields(text, '\t');
  if (halves.size() != 2) {
    fail("{}: expected '<clip> BOS <words> EOS<tab>O <tags> <intent>', found {} tabs", where, halves.size() - 1);
  }
  const Words left = split_tokens(halves[0]);
  const Words right = split_tokens(halves[1]);
  if (left.size() < 3 || left[1] != "BOS" || left.back() != "EOS") {
    fail("{}: expected '<clip> BOS <words> EOS' before the tab, found '{}'", where, halves[0]);
  }
  if (right.size() + 1 != left.size()) {
    fail("{}: expected O, a tag for each of {} words and the intent behind the tab, found {} items", where,
         left.size() - 3, right.size());
  }
  const Words id = split_fields(left[0], '-');
  if (id.size() != 4 || std::find(std::begin(kSplits), std::end(kSplits), id[2]) == std::end(kSplits)) {
    fail("{}: expected a clip like Ivy-snips-train-0, found '{}'", where, left[0]);
  }
  return {left[0], id[0], id[2], Words(left.begin() + 2, left.end() - 1), Words(right.begin() + 1, right.end() - 1)};
}

bool begins(std::string_view tag) { return tag.starts_with("B-"); }

/// Empty outside of slots.
std::string_view slot_of(std::string_view tag) {
  if (tag == "O") return "";
  return begins(tag) || tag.starts_with("I-") ? tag.substr(2) : tag;
}

/// "PLAY B-artist KENT JAMES E-artist". Without B- and I-, neighbours of one slot are one value.
std::string mark_slots(const Line& line) {
  const Words& tags = line.tags;
  const auto is_border = [&](size_t i) {
    return i == 0 || i == tags.size() || begins(tags[i]) || slot_of(tags[i]) != slot_of(tags[i - 1]);
  };
  std::vector<std::string> parts;
  for (size_t i = 0; i < tags.size(); ++i) {
    const std::string_view slot = slot_of(tags[i]);
    if (!slot.empty() && is_border(i)) parts.push_back(fmt::format("B-{}", slot));
    parts.emplace_back(line.words[i]);
    if (!slot.empty() && is_border(i + 1)) parts.push_back(fmt::format("E-{}", slot));
  }
  return fmt::format("{}", fmt::join(parts, " "));
}

void check_slots(const Line& line, const std::set<std::string, std::less<>>& known, const std::string& where) {
  for (const std::string_view tag : line.tags) {
    if (tag != "O" && !known.contains(slot_of(tag))) {
      fail("{}: unknown slot '{}', expected O or one of {}", where, tag, kSlots);
    }
  }
}

/// In the file's order, which is by frequency; O is not a slot.
std::vector<std::string> read_slots(const fs::path& file) {
  TextLines lines(file);
  std::vector<std::string> slots;
  while (lines.next()) {
    if (lines.line() != "O") slots.emplace_back(lines.line());
  }
  return slots;
}

/// "train/Ivy" for the voices of each split that are on disk: SUPERB uses 8, 4 and 4 of the 16 that the list has in
/// each.
std::set<std::string> find_voices(const fs::path& root) {
  std::set<std::string> voices;
  for (const char* part : kSplits) {
    const std::vector<fs::path> clips = audio_files_in(root / part);
    if (clips.empty()) fail("{}: expected audio files, found none", (root / part).string());
    for (const fs::path& clip : clips) {
      const std::string stem = clip.stem().string();
      voices.insert(fmt::format("{}/{}", part, stem.substr(0, stem.find('-'))));
    }
  }
  return voices;
}

void check_layout(const fs::path& root) {
  for (const char* name : {kList, kSlots, "train", "valid", "test"}) {
    if (fs::exists(root / name)) continue;
    fail("{}: expected {}, {} and the folders train, valid and test, found {}", root.string(), kList, kSlots,
         describe_contents(root));
  }
}

}  // namespace

Utterances read_audio_snips(const DataOptions& options, const Wanted& wanted) {
  const fs::path root = options.data_dir;
  check_layout(root);
  const std::vector<std::string> slots = read_slots(root / kSlots);
  const std::set<std::string, std::less<>> known(slots.begin(), slots.end());
  const fs::path list = root / kList;

  Utterances data;
  data.classes = {Field::slots, slots};
  const std::set<std::string> voices = find_voices(root);
  std::set<std::string> absent;
  ListedClips clips(list, wanted.field);
  TextLines rows(list);
  while (rows.next()) {
    const std::string where = rows.where();
    const Line line = parse_line(rows.line(), where);
    check_slots(line, known, where);
    const std::string voice = fmt::format("{}/{}", line.split, line.voice);
    if (!voices.contains(voice)) {
      absent.insert(voice);
      continue;
    }
    clips.add(examples_of(data, *find_split(line.split)), {.path = root / line.split / fmt::format("{}.wav", line.clip),
                                                           .text = fmt::format("{}", fmt::join(line.words, " ")),
                                                           .slots = mark_slots(line),
                                                           .speaker = std::string(line.voice)});
  }
  if (!absent.empty()) {
    data.notes.push_back(fmt::format("{}: {} voices without any clip here are left out, e.g. {}", list.string(),
                                     absent.size(), *absent.begin()));
  }
  clips.report(options.allow_missing, data.notes);
  return data;
}

}  // namespace sure
