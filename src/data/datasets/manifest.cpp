// Any recordings listed in one file: CSV, TSV or JSON lines with path, label and optionally speaker and split. Paths
// are relative to the file.
#include <algorithm>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/registry.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/records.h"
#include "data/splits.h"

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

/// One row, with the file's name for messages.
class Row {
 public:
  Row(const Record& record, const std::string& source) : record_(record), source_(source) {}

  std::string optional(const std::string& column) const {
    const auto field = record_.fields.find(column);
    return field == record_.fields.end() ? "" : field->second;
  }

  std::string required(const std::string& column) const {
    std::string value = optional(column);
    if (value.empty()) {
      fail("{}:{}: no '{}', expected columns path, label and optionally speaker, split; found {}", source_,
           record_.line, column, fmt::join(names(), ", "));
    }
    if (value.find('\0') != std::string::npos) fail("{}:{}: '{}' holds a NUL byte", source_, record_.line, column);
    return value;
  }

  Split split() const {
    const std::string name = optional("split");
    const std::optional<Split> split = find_split(name);
    if (!split) {
      fail("{}:{}: unknown split '{}', expected train, valid (or dev, validation) or test in every row", source_,
           record_.line, name);
    }
    return *split;
  }

 private:
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : record_.fields) names.push_back(value.empty() ? name + " (empty)" : name);
    return names;
  }

  const Record& record_;
  const std::string& source_;
};

bool any_has(const std::vector<Record>& records, const std::string& column) {
  return std::any_of(records.begin(), records.end(), [&](const Record& r) { return r.fields.contains(column); });
}

Example to_example(const Row& row, const fs::path& folder, const std::string& label_column) {
  return {folder / row.required("path"), row.required(label_column), row.optional("speaker")};
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

}  // namespace

Dataset read_manifest(const DataOptions& options, const std::string& task) {
  const fs::path file = options.data_dir;
  const std::vector<Record> records = read_records(file);
  const bool has_splits = any_has(records, "split");
  const bool speaker_is_label = task == "speaker" && !any_has(records, "label");
  const std::string source = file.string();

  Dataset data;
  std::vector<Example> unsplit;
  std::vector<std::string> missing;
  for (const Record& record : records) {
    const Row row(record, source);
    Example example = to_example(row, file.parent_path(), speaker_is_label ? "speaker" : "label");
    std::vector<Example>& part = has_splits ? examples_of(data, row.split()) : unsplit;
    if (is_there(example.path)) {
      part.push_back(std::move(example));
    } else {
      missing.push_back(example.path.string());
    }
  }
  report_missing(missing, records.size(), file, options.allow_missing, data.notes);

  const auto label = [](const Example& e) { return e.target; };
  if (has_splits) {
    draw_valid_if_empty(data, label, options.split_seed);
  } else {
    draw_splits(data, std::move(unsplit), label, options.split_seed);
  }
  return data;
}

}  // namespace sure
