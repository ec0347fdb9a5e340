#include "cli/confusion_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/short_names.h"
#include "text/counted.h"
#include "text/printable.h"

namespace sure {

namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string>;

constexpr size_t kMostClassRows = 100;
constexpr size_t kWorstClassRows = 40;
constexpr size_t kClassNameColumns = 36;
constexpr size_t kRowNameColumns = 20;
constexpr size_t kNumberedRowColumns = 16;
constexpr size_t kMostCellColumns = 12;
constexpr size_t kLeastCellColumns = 3;
constexpr size_t kShownPairs = 10;

size_t widest(const Names& names) {
  size_t columns = 0;
  for (const std::string& name : names) columns = std::max(columns, columns_of(name));
  return columns;
}

/// "2 happy", in at most `columns` columns.
Names numbered_names(const Names& labels, size_t columns) {
  const size_t digits = fmt::format("{}", labels.size()).size();
  Names names;
  for (size_t i = 0; i < labels.size(); ++i) {
    names.push_back(
        fmt::format("{:>{}} {}", i + 1, digits, cut_to_columns(printable(labels[i]), columns - digits - 1)));
  }
  return names;
}

/// Names of rows, numbered where they could not be told apart.
Names row_names(const Names& labels, size_t columns) {
  return short_names(labels, columns).value_or(numbered_names(labels, columns));
}

/// A matrix as it is laid out: the names and the columns of a cell.
struct Layout {
  Names rows;
  Names heads;
  size_t cell = 0;

  size_t row_columns() const { return std::max(widest(rows), std::string_view("true").size()); }
  /// Cells beside a row's name.
  size_t room() const {
    const size_t taken = row_columns() + std::string_view(" |").size();
    return taken < kScreenColumns ? std::max<size_t>((kScreenColumns - taken) / (cell + 1), 1) : 1;
  }
  bool fits() const { return room() >= heads.size() && row_columns() < kScreenColumns; }
};

size_t widest_count(const Json& counts) {
  int64_t largest = 0;
  for (const Json& row : counts) {
    for (const Json& count : row) largest = std::max(largest, count.get<int64_t>());
  }
  return fmt::format("{}", largest).size();
}

/// Columns under names, as long as there is room for.
Layout named_layout(const Names& labels, size_t count_columns) {
  Layout layout{row_names(labels, kRowNameColumns), {}, 0};
  for (size_t columns = kMostCellColumns; columns >= kLeastCellColumns; --columns) {
    const auto heads = short_names(labels, columns);
    if (!heads) break;
    layout.heads = *heads;
    layout.cell = std::max({widest(*heads), count_columns, kLeastCellColumns});
    if (layout.fits()) return layout;
  }
  layout.heads.clear();
  return layout;
}

/// Columns under the numbers that the rows have.
Layout numbered_layout(const Names& labels, size_t count_columns) {
  Layout layout{{}, {}, std::max(fmt::format("{}", labels.size()).size(), count_columns)};
  const Names names = numbered_names(labels, kNumberedRowColumns);
  for (size_t i = 0; i < labels.size(); ++i) {
    layout.rows.push_back(pad_right(names[i], widest(names)));
    layout.heads.push_back(fmt::format("{}", i + 1));
  }
  return layout;
}

/// The columns [first, last).
std::string format_block(const Json& counts, const Layout& layout, size_t first, size_t last) {
  const size_t row_columns = layout.row_columns();
  std::string text = pad_left("true", row_columns) + " |";
  for (size_t column = first; column < last; ++column) text += " " + pad_left(layout.heads[column], layout.cell);
  text += '\n';
  for (size_t row = 0; row < layout.rows.size(); ++row) {
    text += pad_left(layout.rows[row], row_columns) + " |";
    for (size_t column = first; column < last; ++column) {
      text += fmt::format(" {:>{}}", counts.at(row).at(column).get<int64_t>(), layout.cell);
    }
    text += '\n';
  }
  return text;
}

std::string format_matrix(const Json& counts, const Layout& layout) {
  std::string text = "confusion (rows: true, columns: predicted)\n";
  const size_t classes = layout.heads.size();
  for (size_t first = 0; first < classes; first += layout.room()) {
    if (first > 0) text += '\n';
    text += format_block(counts, layout, first, std::min(first + layout.room(), classes));
  }
  return text;
}

struct ConfusedPair {
  size_t truth;
  size_t predicted;
  int64_t clips;
  int64_t of;  // clips of the true class
};

std::vector<ConfusedPair> most_confused(const Json& counts) {
  std::vector<ConfusedPair> pairs;
  for (size_t row = 0; row < counts.size(); ++row) {
    const auto of_row = counts[row].get<std::vector<int64_t>>();
    int64_t sum = 0;
    for (const int64_t count : of_row) sum += count;
    for (size_t column = 0; column < of_row.size(); ++column) {
      if (column != row && of_row[column] > 0) pairs.push_back({row, column, of_row[column], sum});
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const ConfusedPair& a, const ConfusedPair& b) { return a.clips > b.clips; });
  pairs.resize(std::min(pairs.size(), kShownPairs));
  return pairs;
}

std::string format_pairs(const Json& counts, const Names& labels) {
  const std::vector<ConfusedPair> pairs = most_confused(counts);
  if (pairs.empty()) return "no clip is taken for one of another class\n";
  const Names names = row_names(labels, kRowNameColumns + kMostCellColumns);
  Names arrows;
  for (const ConfusedPair& pair : pairs) {
    arrows.push_back(fmt::format("{} → {}", names[pair.truth], names[pair.predicted]));
  }
  std::string text = "confused most often (true → predicted):\n";
  for (size_t i = 0; i < pairs.size(); ++i) {
    text += fmt::format("  {}  {} of {}\n", pad_right(arrows[i], widest(arrows)), with_commas(pairs[i].clips),
                        with_commas(pairs[i].of));
  }
  return text + fmt::format("the matrix of all {} classes: sure evaluate --full_confusion True\n",
                            with_commas(std::ssize(labels)));
}

/// Classes in the order of their rows, or the worst of very many.
std::vector<size_t> shown_classes(const std::vector<Json>& scores, bool full) {
  std::vector<size_t> shown;
  for (size_t i = 0; i < scores.size(); ++i) shown.push_back(i);
  if (full || shown.size() <= kMostClassRows) return shown;
  std::erase_if(shown, [&](size_t i) { return scores[i].at("support") == 0; });
  std::stable_sort(shown.begin(), shown.end(), [&](size_t a, size_t b) {
    return scores[a].at("f1").get<double>() < scores[b].at("f1").get<double>();
  });
  shown.resize(std::min(shown.size(), kWorstClassRows));
  return shown;
}

}  // namespace

std::string format_class_scores(const Json& per_class, bool full) {
  Names labels;
  std::vector<Json> scores;
  for (const auto& [label, of_label] : per_class.items()) {
    labels.push_back(label);
    scores.push_back(of_label);
  }
  const std::vector<size_t> shown = shown_classes(scores, full);
  const Names names = row_names(labels, kClassNameColumns);
  const size_t columns = widest(names);
  std::string text =
      fmt::format("{}  {:>9} {:>9} {:>9} {:>9}\n", std::string(columns, ' '), "precision", "recall", "f1", "clips");
  for (const size_t i : shown) {
    text += fmt::format("{}  {:>9.4f} {:>9.4f} {:>9.4f} {:>9}\n", pad_right(names[i], columns),
                        scores[i].at("precision").get<double>(), scores[i].at("recall").get<double>(),
                        scores[i].at("f1").get<double>(), with_commas(scores[i].at("support").get<int64_t>()));
  }
  if (shown.size() == labels.size()) return text;
  return text + fmt::format("the lowest {} of {}; all: sure evaluate --full_confusion True\n", shown.size(),
                            counted(std::ssize(labels), "class"));
}

std::string format_confusion(const Json& counts, const Names& labels, bool full) {
  const size_t count_columns = widest_count(counts);
  const Layout named = named_layout(labels, count_columns);
  if (!named.heads.empty()) return format_matrix(counts, named);
  const Layout numbered = numbered_layout(labels, count_columns);
  return full || numbered.fits() ? format_matrix(counts, numbered) : format_pairs(counts, labels);
}

}  // namespace sure
