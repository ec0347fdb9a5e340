// Any recordings listed in one file: CSV, TSV or JSON lines with path, what is asked for (a label, a text …) and
// optionally speaker and split. Paths are relative to the file.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/listings.h"
#include "data/manifest_columns.h"
#include "data/manifest_file.h"
#include "data/splits.h"
#include "text/counted.h"
#include "text/text_lines.h"
#include "text/utf8.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

using Columns = std::vector<std::string>;

/// Columns and the field that they make up together; their values are joined by '|'.
struct ColumnSet {
  Columns columns;
  std::string Utterance::* member;
};

/// Where a field stands: in the first of these sets that the file has.
struct FieldColumns {
  Field field;
  std::vector<ColumnSet> choices;
};

const ColumnSet kLabel = {{"label"}, &Utterance::label};
const ColumnSet kText = {{"text"}, &Utterance::text};
const ColumnSet kPhonemes = {{"phonemes"}, &Utterance::phonemes};
const ColumnSet kIntent = {{"action", "object", "location"}, &Utterance::intent};
const ColumnSet kSpeaker = {{"speaker"}, &Utterance::speaker};

const std::vector<FieldColumns> kFieldColumns = {
    {Field::text, {kText}},     {Field::phonemes, {kPhonemes, kText}}, {Field::slots, {kText}},
    {Field::intent, {kIntent}}, {Field::speaker, {kSpeaker, kLabel}},  {Field::voice, {kSpeaker, kLabel}},
};
const std::vector<ColumnSet> kClass = {kLabel};

/// Fields by the columns that call for them, the first that are there; else a label.
const std::vector<std::pair<Field, ColumnSet>> kUsualFields = {{Field::label, kLabel},
                                                               {Field::text, kText},
                                                               {Field::phonemes, kPhonemes},
                                                               {Field::intent, kIntent},
                                                               {Field::speaker, kSpeaker}};

const std::vector<ColumnSet>& choices_for(Field field) {
  for (const FieldColumns& row : kFieldColumns) {
    if (row.field == field) return row.choices;
  }
  return kClass;
}

/// "path (or file_name, …), speaker or label and optionally speaker, split".
std::string describe_columns(Field field) {
  std::vector<std::string> sets;
  for (const ColumnSet& set : choices_for(field)) sets.push_back(fmt::format("{}", fmt::join(set.columns, ", ")));
  return fmt::format("path, {} and optionally speaker, split", fmt::join(sets, " or "));
}

bool has_all(const ManifestColumns& columns, const Columns& set) {
  return std::all_of(set.begin(), set.end(), [&](const std::string& name) { return columns.has(name); });
}

/// The names of columns with text in them.
std::vector<std::string> columns_of(const std::vector<Record>& records) {
  std::set<std::string> names;
  for (const Record& record : records) {
    for (const auto& [name, value] : record.fields) names.insert(name);
  }
  return {names.begin(), names.end()};
}

/// One row under our names of columns, with the file's name and the expected ones for messages.
class Row {
 public:
  Row(const Record& record, const ManifestColumns& columns, const std::string& source, const std::string& expected)
      : record_(record), columns_(columns), source_(source), expected_(expected) {}

  std::string optional(const std::string& column) const {
    const auto field = record_.fields.find(columns_.theirs(column));
    return field == record_.fields.end() ? "" : field->second;
  }

  /// May be blank, but must be there.
  std::string present(const std::string& column) const {
    if (!record_.fields.contains(columns_.theirs(column))) refuse(column);
    return without_nul(optional(column), column);
  }

  std::string required(const std::string& column) const {
    std::string value = optional(column);
    if (trim(value).empty()) refuse(column);
    return without_nul(std::move(value), column);
  }

  std::string where() const { return fmt::format("{}:{}", source_, record_.line); }

 private:
  std::string without_nul(std::string value, const std::string& column) const {
    if (value.find('\0') != std::string::npos) fail("{}: '{}' holds a NUL byte", where(), column);
    return value;
  }

  [[noreturn]] void refuse(const std::string& column) const {
    const auto other = record_.other_kinds.find(columns_.theirs(column));
    if (other != record_.other_kinds.end()) {
      fail("{}: '{}' is a JSON {}, expected text", where(), other->first, other->second);
    }
    std::vector<std::string> names;
    for (const auto& [name, value] : record_.fields) names.push_back(value.empty() ? name + " (empty)" : name);
    for (const auto& [name, kind] : record_.other_kinds) names.push_back(fmt::format("{} (a JSON {})", name, kind));
    fail("{}: no '{}', expected columns {}; found {}{}", where(), column, expected_, fmt::join(names, ", "),
         columns_.has(column) ? "" : fmt::format(" (--column {}=… names another)", column));
  }

  const Record& record_;
  const ManifestColumns& columns_;
  const std::string& source_;
  const std::string& expected_;
};

/// The set of columns to use: the last is the one that messages ask for when the file has none.
const ColumnSet& choose_columns(const ManifestColumns& columns, Field field) {
  const std::vector<ColumnSet>& choices = choices_for(field);
  const auto found = std::find_if(choices.begin(), choices.end(),
                                  [&](const ColumnSet& set) { return columns.has(set.columns.front()); });
  return found == choices.end() ? choices.back() : *found;
}

std::string joined(const Row& row, const Columns& columns) {
  if (columns.size() == 1) return row.required(columns.front());
  std::vector<std::string> values;
  for (const std::string& column : columns) {
    values.push_back(trim(row.required(column)));
    if (values.back().find('|') != std::string::npos) {
      fail("{}: '|' in '{}', expected a value without it", row.where(), column);
    }
  }
  return fmt::format("{}", fmt::join(values, "|"));
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// Relative to the manifest, also as Windows writes it, or in its clips/ as in Common Voice.
fs::path find_clip(const fs::path& manifest, const std::string& name) {
  const fs::path folder = manifest.parent_path();
  std::string tidy = trim(name);
  std::replace(tidy.begin(), tidy.end(), '\\', '/');
  for (const fs::path& path : {folder / name, folder / tidy, folder / "clips" / tidy}) {
    if (is_there(path)) return path;
  }
  return folder / name;
}

/// Rows of a manifest -> clips; counts the rows that it leaves out.
class Reader {
 public:
  Reader(const ManifestFile& file, const DataOptions& options, const Wanted& wanted)
      : file_(file),
        wanted_(wanted),
        source_(file.path.string()),
        expected_(describe_columns(wanted.field)),
        records_(read_manifest_file(file.path)),
        columns_(columns_of(records_), options.column, source_),
        target_(choose_columns(columns_, wanted.field)),
        split_values_(split_values()),
        splits_(split_values_) {}

  /// Rows go into the split they name.
  void read(Utterances& data) {
    for (const Record& record : records_) {
      const Row row = row_of(record);
      const std::optional<Split> split = split_of(row);
      Utterance clip = to_utterance(row);
      if (is_wanted(clip, split, row)) (split ? examples_of(data, *split) : data.unsplit).push_back(std::move(clip));
    }
    for (const auto& [name, split] : splits_.all()) data.own_names[name] = split;
    data.notes.insert(data.notes.end(), splits_.notes().begin(), splits_.notes().end());
    data.targets_are_phonemes = wanted_.field == Field::phonemes && columns_.has("phonemes");
  }

  void report(bool allow_missing, std::vector<std::string>& notes) const {
    report_missing(missing_, records_.size(), file_.path, allow_missing, notes);
    if (blank_ > 0) notes.push_back(fmt::format("{}: {} with an empty text left out", source_, counted(blank_, "row")));
    if (repeated_ > 0) {
      notes.push_back(
          fmt::format("{}: {} left out whose clip and text are there already", source_, counted(repeated_, "row")));
    }
    if (!contradicted_.empty()) {
      notes.push_back(fmt::format("{}: {} there with different labels, e.g. {}", source_,
                                  counted(std::ssize(contradicted_), "clip is", "clips are"),
                                  contradicted_.begin()->string()));
    }
    if (const std::string name = column_of_starts(); !name.empty()) {
      notes.push_back(
          fmt::format("{}: recordings are taken whole: '{}' is not used; cut them beforehand, as ffmpeg "
                      "-ss START -t SECONDS does",
                      source_, name));
    }
    if (!wanted_.task_of_texts.empty() && columns_.has("text")) {
      notes.push_back(fmt::format("{}: the labels in '{}' are taken; --task {} takes the texts in '{}'", source_,
                                  columns_.theirs("label"), wanted_.task_of_texts, columns_.theirs("text")));
    }
  }

  bool has_speakers() const { return columns_.has("speaker"); }

  /// A column that asks for a part of its recordings, which are taken whole; "" for none.
  std::string column_of_starts() const {
    for (const char* name : {"offset", "start", "start_time", "onset"}) {
      const bool is_used = std::any_of(records_.begin(), records_.end(), [&](const Record& record) {
        const auto found = record.fields.find(name);
        return found != record.fields.end() && std::strtod(found->second.c_str(), nullptr) > 0;
      });
      if (is_used) return name;
    }
    return "";
  }

 private:
  Row row_of(const Record& record) const { return {record, columns_, source_, expected_}; }

  /// The values of the split column; nothing where it is one of another name ("set") in which no split is named.
  std::set<std::string> split_values() const {
    std::set<std::string> values;
    if (!columns_.has("split") || file_.split) return values;
    for (const Record& record : records_) values.insert(trim(row_of(record).optional("split")));
    const bool any =
        std::any_of(values.begin(), values.end(), [](const auto& name) { return find_split(name).has_value(); });
    return any || columns_.theirs("split") == "split" ? values : std::set<std::string>();
  }

  /// None where the row names none.
  std::optional<Split> split_of(const Row& row) const {
    if (file_.split || split_values_.empty()) return file_.split;
    const std::string name = trim(row.optional("split"));
    const std::optional<Split> split = splits_.find(name);
    if (!split && !name.empty()) {
      fail("{}: unknown split '{}', expected train, valid (or dev, validation) or test", row.where(), name);
    }
    return split;
  }

  Utterance to_utterance(const Row& row) const {
    Utterance clip = {.path = find_clip(file_.path, row.required("path"))};
    clip.speaker = trim(row.optional("speaker"));
    clip.*target_.member =
        is_transcript(wanted_.field) ? trim(row.present(target_.columns.front())) : joined(row, target_.columns);
    return clip;
  }

  /// A clip in two splits stays in both: whoever reads the data is told of it.
  bool is_wanted(const Utterance& clip, const std::optional<Split>& split, const Row& row) {
    if (!is_there(clip.path)) {
      missing_.push_back(clip.path.string());
      return false;
    }
    const std::string& text = clip.*target_.member;
    const bool is_same = targets_.emplace(clip.path, text).first->second == text;
    if (!is_transcript(wanted_.field)) {
      if (!is_same) contradicted_.insert(clip.path);
      return true;
    }
    if (!is_same) {
      fail("{}: '{}' is there twice, with different texts; remove one", row.where(), clip.path.string());
    }
    const bool is_new = seen_.emplace(clip.path, split).second;
    if (!is_new) ++repeated_;
    if (is_new && text.empty()) ++blank_;
    return is_new && !text.empty();
  }

  const ManifestFile& file_;
  const Wanted& wanted_;
  std::string source_;
  std::string expected_;
  std::vector<Record> records_;
  ManifestColumns columns_;
  const ColumnSet& target_;
  std::set<std::string> split_values_;
  SplitNames splits_;
  std::map<fs::path, std::string> targets_;
  std::set<fs::path> contradicted_;  // clips of several labels
  std::set<std::pair<fs::path, std::optional<Split>>> seen_;
  std::vector<std::string> missing_;
  int64_t blank_ = 0;
  int64_t repeated_ = 0;
};

}  // namespace

Field usual_manifest_field(const DataOptions& options) {
  const fs::path file = find_manifest_files(options.data_dir).front().path;
  const ManifestColumns columns(columns_of(read_manifest_file(file)), options.column, file.string());
  for (const auto& [field, set] : kUsualFields) {
    if (has_all(columns, set.columns)) return field;
  }
  return kUsualFields.front().first;
}

Utterances read_manifest(const DataOptions& options, const Wanted& wanted) {
  Utterances data;
  for (const ManifestFile& file : find_manifest_files(options.data_dir)) {
    Reader reader(file, options, wanted);
    if (reader.has_speakers() && !options.speaker_pattern.empty()) {
      fail_usage("--speaker_pattern: {} has a column of speakers; leave the flag out", file.path.string());
    }
    reader.read(data);
    reader.report(options.allow_missing, data.notes);
  }
  return data;
}

}  // namespace sure
