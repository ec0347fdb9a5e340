// Any recordings listed in one file: CSV, TSV or JSON lines with path, what the task asks for (a label, a text …) and
// optionally speaker and split. Paths are relative to the file.
#include <algorithm>
#include <map>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/registry.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/records.h"
#include "data/splits.h"
#include "data/transcripts.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

struct Format {
  std::string name;  // the file's extension
  RecordParser parse;
};

const std::vector<Format> kFormats = {{".csv", &parse_csv},
                                      {".tsv", &parse_tsv},
                                      {".jsonl", &parse_json_lines},
                                      {".ndjson", &parse_json_lines},
                                      {".json", &parse_json_lines}};

using Columns = std::vector<std::string>;

/// Where a task's target stands: in the first of these sets of columns that the file has; values of a set are joined
/// by '|'.
struct TargetColumns {
  std::string task;
  std::vector<Columns> choices;
};

const std::vector<TargetColumns> kTargetColumns = {
    {"asr", {{"text"}}},
    {"phoneme", {{"phonemes"}, {"text"}}},
    {"slot", {{"text"}}},
    {"intent", {{"action", "object", "location"}}},
    {"speaker", {{"speaker"}, {"label"}}},
    {"verification", {{"speaker"}, {"label"}}},
};
const std::vector<Columns> kLabelColumn = {{"label"}};

const std::vector<Columns>& choices_for(const std::string& task) {
  for (const TargetColumns& row : kTargetColumns) {
    if (row.task == task) return row.choices;
  }
  return kLabelColumn;
}

/// "path, speaker or label and optionally speaker, split".
std::string describe_columns(const std::string& task) {
  std::vector<std::string> sets;
  for (const Columns& set : choices_for(task)) sets.push_back(fmt::format("{}", fmt::join(set, ", ")));
  return fmt::format("path, {} and optionally speaker, split", fmt::join(sets, " or "));
}

/// One row, with the file's name and the expected columns for messages.
class Row {
 public:
  Row(const Record& record, const std::string& source, const std::string& expected)
      : record_(record), source_(source), expected_(expected) {}

  std::string optional(const std::string& column) const {
    const auto field = record_.fields.find(column);
    return field == record_.fields.end() ? "" : field->second;
  }

  /// May be blank, but must be there.
  std::string present(const std::string& column) const {
    if (!record_.fields.contains(column)) refuse(column);
    return optional(column);
  }

  std::string required(const std::string& column) const {
    std::string value = optional(column);
    if (value.empty()) refuse(column);
    if (value.find('\0') != std::string::npos) fail("{}: '{}' holds a NUL byte", where(), column);
    return value;
  }

  /// None where the row names none.
  std::optional<Split> split() const {
    const std::string name = trim(optional("split"));
    const std::optional<Split> split = find_split(name);
    if (!split && !name.empty()) {
      fail("{}: unknown split '{}', expected train, valid (or dev, validation) or test", where(), name);
    }
    return split;
  }

  std::string where() const { return fmt::format("{}:{}", source_, record_.line); }

 private:
  [[noreturn]] void refuse(const std::string& column) const {
    std::vector<std::string> names;
    for (const auto& [name, value] : record_.fields) names.push_back(value.empty() ? name + " (empty)" : name);
    fail("{}: no '{}', expected columns {}; found {}", where(), column, expected_, fmt::join(names, ", "));
  }

  const Record& record_;
  const std::string& source_;
  const std::string& expected_;
};

bool any_has(const std::vector<Record>& records, const std::string& column) {
  return std::any_of(records.begin(), records.end(), [&](const Record& r) { return r.fields.contains(column); });
}

/// The set of columns to use: the last is the one that messages ask for when the file has none.
const Columns& choose_columns(const std::vector<Record>& records, const std::string& task) {
  const std::vector<Columns>& choices = choices_for(task);
  const auto is_there = [&](const Columns& set) { return any_has(records, set.front()); };
  const auto found = std::find_if(choices.begin(), choices.end(), is_there);
  return found == choices.end() ? choices.back() : *found;
}

std::string joined(const Row& row, const Columns& columns) {
  std::vector<std::string> values;
  for (const std::string& column : columns) {
    values.push_back(row.required(column));
    if (columns.size() > 1 && values.back().find('|') != std::string::npos) {
      fail("{}: '|' in '{}', expected a value without it", row.where(), column);
    }
  }
  return fmt::format("{}", fmt::join(values, "|"));
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

std::vector<Record> read_records(const fs::path& file) {
  const Format& format = find_row(kFormats, file.extension().string(), "extension of the manifest");
  std::vector<Record> records = format.parse(read_file(file), file.string());
  if (records.empty()) fail("{}: lists no clips, expected one row per clip", file.string());
  return records;
}

/// Rows of a manifest -> examples; counts what is left out.
class Reader {
 public:
  Reader(const fs::path& file, const std::string& task, const std::vector<Record>& records)
      : file_(file), task_(task), records_(records), columns_(choose_columns(records, task)) {}

  /// Rows go into the split they name.
  void read(Dataset& data) {
    const std::string source = file_.string(), expected = describe_columns(task_);
    for (const Record& record : records_) {
      const Row row(record, source, expected);
      const std::optional<Split> split = row.split();
      Example example = to_example(row);
      if (is_wanted(example, row)) (split ? examples_of(data, *split) : data.unsplit).push_back(std::move(example));
    }
  }

  void report(bool allow_missing, std::vector<std::string>& notes) const {
    report_missing(missing_, records_.size(), file_, allow_missing, notes);
    if (blank_ > 0) notes.push_back(fmt::format("{}: {} rows with an empty text are left out", file_.string(), blank_));
    if (repeated_ > 0) notes.push_back(fmt::format("{}: {} rows repeat a clip", file_.string(), repeated_));
  }

 private:
  Example to_example(const Row& row) const {
    Example example = {file_.parent_path() / row.required("path"), "", row.optional("speaker")};
    example.target = has_transcripts(task_) ? trim(row.present(columns_.front())) : joined(row, columns_);
    const bool speaker_is_target = task_ == "speaker" || task_ == "verification";
    if (speaker_is_target) example.speaker = example.target;
    return example;
  }

  bool is_wanted(const Example& example, const Row& row) {
    if (!is_there(example.path)) {
      missing_.push_back(example.path.string());
      return false;
    }
    if (!has_transcripts(task_)) return true;
    const auto [other, is_new] = texts_.emplace(example.path, example.target);
    if (!is_new && other->second != example.target) {
      fail("{}: '{}' is there twice, with different texts; remove one", row.where(), example.path.string());
    }
    if (!is_new) ++repeated_;
    if (is_new && example.target.empty()) ++blank_;
    return is_new && !example.target.empty();
  }

  const fs::path& file_;
  const std::string& task_;
  const std::vector<Record>& records_;
  const Columns& columns_;
  std::map<fs::path, std::string> texts_;  // of transcribed clips
  std::vector<std::string> missing_;
  size_t blank_ = 0;
  size_t repeated_ = 0;
};

}  // namespace

Dataset read_manifest(const DataOptions& options, const std::string& task) {
  const fs::path file = options.data_dir;
  const std::vector<Record> records = read_records(file);
  Dataset data;
  Reader reader(file, task, records);
  reader.read(data);
  reader.report(options.allow_missing, data.notes);
  data.targets_are_phonemes = task == "phoneme" && any_has(records, "phonemes");

  data.spread_by = spread_for(task, target_of);
  return data;
}

}  // namespace sure
