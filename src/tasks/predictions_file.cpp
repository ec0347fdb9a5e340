#include "tasks/predictions_file.h"

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_text.h"
#include "text/csv.h"
#include "text/printable.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

/// Which clips an answer is about.
Json clips_to_json(const std::vector<Example>& examples, const std::vector<size_t>& clips) {
  Json json;
  for (size_t i = 0; i < clips.size(); ++i) {
    const std::string number = clips.size() > 1 ? fmt::format("_{}", i + 1) : "";
    const Example& example = examples.at(clips[i]);
    json["path" + number] = example.path.string();
    json["speaker" + number] = example.speaker;
  }
  return json;
}

void write_jsonl(std::ostream& out, const Json& line, bool /*first*/) {
  // File names need not be UTF-8.
  out << printable_json(json_line(line)) << '\n';
}

std::string cell(const Json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? csv_field(value.get<std::string>()) : value.dump();
}

/// Calls `visit(column, value)`; every entry of an object gets a column of its own.
template <class Visit>
void for_each_cell(const Json& line, Visit&& visit) {
  for (const auto& [name, value] : line.items()) {
    if (!value.is_object()) {
      visit(name, value);
      continue;
    }
    for (const auto& [label, probability] : value.items()) visit("prob_" + label, probability);
  }
}

void write_csv(std::ostream& out, const Json& line, bool first) {
  std::vector<std::string> names, cells;
  for_each_cell(line, [&](const std::string& name, const Json& value) {
    names.push_back(csv_field(name));
    cells.push_back(cell(value));
  });
  if (first) out << fmt::format("{}\n", fmt::join(names, ","));
  out << fmt::format("{}\n", fmt::join(cells, ","));
}

struct Format {
  std::string extension;
  void (*write)(std::ostream& out, const Json& line, bool first);
};

const std::vector<Format> kFormats = {{".csv", write_csv}, {".jsonl", write_jsonl}};

const Format& format_of(const fs::path& file) {
  for (const Format& format : kFormats) {
    if (file.extension() == format.extension) return format;
  }
  fail_usage("--predictions {}: expected a name that ends in .csv or .jsonl", file.string());
}

}  // namespace

void check_predictions_file(const fs::path& file) {
  format_of(file);
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::error_code error;
  if (!fs::is_directory(folder, error)) fail("--predictions {}: no such folder {}", file.string(), folder.string());
  if (fs::is_directory(file, error)) fail("--predictions {}: this is a folder", file.string());
}

void for_each_line(const Objective& objective, const std::vector<Example>& examples,
                   const std::vector<Prediction>& predictions, const std::function<void(const Json& line)>& visit) {
  std::vector<std::string> targets;
  for (const Example& example : examples) targets.push_back(example.target);
  objective.for_each_answer(predictions, targets, [&](const std::vector<size_t>& clips, const Json& answer) {
    Json line = clips_to_json(examples, clips);
    line.update(answer);
    visit(line);
  });
}

void write_predictions(const fs::path& file, const Objective& objective, const std::vector<Example>& examples,
                       const std::vector<Prediction>& predictions) {
  const Format& format = format_of(file);
  remove_leftovers_of(file);
  write_file(file, [&](std::ostream& out) {
    bool first = true;
    for_each_line(objective, examples, predictions, [&](const Json& line) {
      format.write(out, line, first);
      first = false;
    });
  });
}

}  // namespace sure
