// Look-up in the tables that list the members of a family (methods, backbones, data sets, tasks), or the names of an
// enum.
#pragma once

#include <algorithm>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace sure {

/// "lora (low-rank updates), head (only the head)": every row's name with its help, for a help line.
template <class Row>
std::string list_rows(const std::vector<Row>& table) {
  std::vector<std::string> rows;
  for (const Row& row : table) rows.push_back(fmt::format("{} ({})", row.name, row.help));
  return fmt::format("{}", fmt::join(rows, ", "));
}

/// The names alone.
template <class Row>
std::vector<std::string> names_of(const std::vector<Row>& table) {
  std::vector<std::string> names;
  for (const Row& row : table) names.emplace_back(row.name);
  return names;
}

/// "lora, head".
template <class Row>
std::string list_names(const std::vector<Row>& table) {
  return fmt::format("{}", fmt::join(names_of(table), ", "));
}

/// The row of `table` whose `name` is `name`. Throws a usage Error that lists the valid names; `what` says what is
/// looked for, as in "method".
template <class Row>
const Row& find_row(const std::vector<Row>& table, std::string_view name, std::string_view what) {
  const auto row = std::find_if(table.begin(), table.end(), [&](const Row& r) { return r.name == name; });
  if (row != table.end()) return *row;
  fail_usage("unknown {} '{}': use one of {}", what, name, list_names(table));
}

/// A value of an enum and a name of it.
template <class Enum>
struct NamedValue {
  Enum value;
  const char* name;
};

/// An enum whose names stand in a table, which `choices_of` beside it returns. A value's first name is its usual one.
template <class Enum>
concept Named = requires(Enum value) {
  { choices_of(value) } -> std::same_as<const std::vector<NamedValue<Enum>>&>;
};

template <Named Enum>
std::string name_of(Enum value) {
  const auto& table = choices_of(value);
  return std::find_if(table.begin(), table.end(), [&](const NamedValue<Enum>& row) { return row.value == value; })
      ->name;
}

template <Named Enum>
std::optional<Enum> find_choice(std::string_view name) {
  const auto& table = choices_of(Enum{});
  const auto row = std::find_if(table.begin(), table.end(), [&](const NamedValue<Enum>& r) { return r.name == name; });
  return row == table.end() ? std::nullopt : std::optional(row->value);
}

}  // namespace sure
