#include "cli/flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "cli/flag_help.h"
#include "cli/flag_names.h"
#include "cli/print.h"
#include "core/error.h"
#include "text/printable.h"

namespace sure {

namespace {

constexpr const char* kEndOfFlags = "--";
constexpr size_t kLeastWidth = 72;
constexpr size_t kUsualWidth = 100;
constexpr size_t kMostWidth = 120;
constexpr size_t kChoicesWidth = 28;  // more names than fit stand in the help line

size_t help_width() { return std::clamp(terminal_columns(stdout, kUsualWidth), kLeastWidth, kMostWidth); }

bool is_flag(const std::string& argument) { return argument.starts_with("--") && argument.size() > 2; }

bool is_boolean(const std::string& text) {
  bool ignored = false;
  return read_text(text, ignored);
}

/// A flag of the command; `value` is what stood on the command line.
struct Flag {
  std::string name;
  FlagHelp help;
  std::string choices;  // "a|b|c", for shell completion
  bool is_boolean = false;
  std::function<void(const std::string&)> apply;
  std::string value;
  bool given = false;
};

/// "--max-steps=2" -> "--max_steps" and "2"; the value is null without "=".
std::pair<std::string, std::optional<std::string>> split_flag(const std::string& argument) {
  const size_t equals = argument.find('=');
  std::string name = argument.substr(0, equals);
  if (is_flag(name)) std::replace(name.begin() + 2, name.end(), '-', '_');
  if (equals == std::string::npos) return {name, std::nullopt};
  return {name, argument.substr(equals + 1)};
}

/// Arguments as CLI11 takes them: a boolean with its value behind it becomes one word, any other flag's value one of
/// its own, since CLI11 would skip an empty one. What begins with a dash and is no flag goes to `unknown`: CLI11 would
/// read -output as -o utput.
std::vector<std::string> for_cli11(const CLI::App& app, const std::vector<std::string>& arguments,
                                   std::vector<std::string>& unknown) {
  std::vector<std::string> result;
  for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
    if (*argument == kEndOfFlags) {
      result.insert(result.end(), argument, arguments.end());
      break;
    }
    const bool has_dash = argument->size() > 1 && argument->front() == '-';
    const auto [name, value] = split_flag(*argument);
    const CLI::Option* option = has_dash ? app.get_option_no_throw(name) : nullptr;
    if (option == nullptr) {
      (has_dash ? unknown : result).push_back(*argument);
      continue;
    }
    const auto next = argument + 1;
    const bool is_boolean_flag = option->get_items_expected_max() == 0;
    result.push_back(name);
    if (is_boolean_flag) {
      const bool value_follows = !value && next != arguments.end() && is_boolean(*next);
      if (value || value_follows) result.back() += "=" + (value ? *value : *++argument);
    } else if (value || next != arguments.end()) {
      result.push_back(value ? *value : *++argument);
    }
  }
  return result;
}

}  // namespace

struct FlagSet::State {
  std::string command, description, example;
  std::string heading = "Options";
  std::vector<Flag> flags;
  std::vector<std::string> common;
  std::string positional, positional_help;
  std::vector<std::string>* positional_values = nullptr;

  std::vector<std::string> names() const;
  const Flag& find(const std::string& name) const;
  std::string help(bool all) const;
  bool answer(const std::vector<std::string>& arguments) const;
  void read(const std::vector<std::string>& arguments);
  [[noreturn]] void refuse(const std::vector<std::string>& unknown) const;
};

std::vector<std::string> FlagSet::State::names() const {
  std::vector<std::string> result;
  for (const Flag& flag : flags) result.push_back(flag.name);
  return result;
}

const Flag& FlagSet::State::find(const std::string& name) const {
  const auto found = std::find_if(flags.begin(), flags.end(), [&](const Flag& flag) { return flag.name == name; });
  if (found == flags.end()) fail("{}: --help names a flag --{} that is none", command, name);
  return *found;
}

void FlagSet::State::refuse(const std::vector<std::string>& unknown) const {
  const auto flag = std::find_if(unknown.begin(), unknown.end(),
                                 [](const std::string& a) { return a.size() > 1 && a.starts_with('-'); });
  if (flag == unknown.end()) fail_usage("{}: unexpected argument '{}' (see {} --help)", command, unknown[0], command);
  const size_t begin = flag->find_first_not_of('-');
  const std::string nearest = begin == std::string::npos ? "" : nearest_name(flag->substr(begin), names());
  if (nearest.empty()) fail_usage("{}: unknown flag {} (see {} --help-all)", command, *flag, command);
  fail_usage("{}: unknown flag {}: did you mean --{}?", command, *flag, nearest);
}

/// With all flags, or the common ones in their order.
std::string FlagSet::State::help(bool all) const {
  const size_t width = help_width();
  std::string text = fmt::format("{}\n\nUsage: {} [FLAGS]{}\n", fmt::join(wrap(description, width), "\n"), command,
                                 positional.empty() ? "" : fmt::format(" [{}…]", positional));
  if (!positional.empty()) {
    text += fmt::format("\n{}: {}\n", positional, fmt::join(wrap(positional_help, width - 8), "\n  "));
  }
  const bool in_order_of_use = !all && !common.empty();
  const std::vector<std::string> known = names();
  std::vector<FlagHelp> chosen;
  for (const std::string& name : in_order_of_use ? common : known) {
    chosen.push_back(find(name).help);
    chosen.back().spellings = short_spellings_of(name, known);
  }
  text += in_order_of_use ? "\nThe flags used most, in the order of use:\n" + format_flags(chosen, width)
                          : "\n" + format_flags_by_heading(chosen, width);
  if (in_order_of_use) text += fmt::format("\n{} --help-all lists all {} flags.\n", command, flags.size());
  return text + "\nExample:\n  " + example + "\n";
}

/// Whether the arguments ask for a list of flags, which it prints.
bool FlagSet::State::answer(const std::vector<std::string>& arguments) const {
  for (const std::string& argument : arguments) {
    if (argument == kEndOfFlags) return false;
    const bool all = argument == "--help-all" || argument == "--help_all";
    if (all || argument == "--help" || argument == "-h") {
      fmt::print("{}", help(all));
      return true;
    }
    if (argument == "--list-flags") {
      for (const Flag& flag : flags) {
        fmt::print("--{} {}\n", flag.name, flag.choices.empty() ? flag.help.kind : flag.choices);
      }
      return true;
    }
  }
  return false;
}

/// Fills in each flag's value.
void FlagSet::State::read(const std::vector<std::string>& arguments) {
  CLI::App app(description, command);
  app.allow_extras();
  app.set_help_flag();
  const std::vector<std::string> known = names();
  std::vector<const CLI::Option*> options;
  for (Flag& flag : flags) {
    const std::string spellings = fmt::format("{}", fmt::join(spellings_of(flag.name, known), ","));
    CLI::Option* option = flag.is_boolean ? app.add_flag(spellings, flag.value) : app.add_option(spellings, flag.value);
    options.push_back(option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast));
  }
  if (positional_values != nullptr) app.add_option(positional, *positional_values);
  std::vector<std::string> unknown;
  std::vector<std::string> words = for_cli11(app, arguments, unknown);
  if (!unknown.empty()) refuse(unknown);
  std::reverse(words.begin(), words.end());  // as CLI11 takes them
  try {
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    fail_usage("{}: {}", command, error.what());
  }
  for (size_t i = 0; i < flags.size(); ++i) {
    flags[i].given = options[i]->count() > 0;
    if (is_flag(flags[i].value)) {
      fail_usage("--{}: expected a value, found the flag {}", flags[i].name, flags[i].value);
    }
  }
  unknown = app.remaining();
  std::erase(unknown, kEndOfFlags);
  if (!unknown.empty()) refuse(unknown);
}

FlagSet::FlagSet(const std::string& command, const std::string& description, const std::string& example)
    : state_(std::make_unique<State>()) {
  state_->command = command;
  state_->description = description;
  std::replace(state_->description.begin(), state_->description.end(), '\n', ' ');  // --help wraps it
  state_->example = example;
}

FlagSet::~FlagSet() = default;

void FlagSet::group(const std::string& heading) { state_->heading = heading; }

void FlagSet::common(const std::vector<std::string>& names) {
  for (const std::string& name : names) state_->find(name);
  state_->common = names;
}

void FlagSet::add_flag(const std::string& name, const Declaration& declaration, const FlagText& text, bool is_boolean,
                       std::function<void(const std::string&)> apply) {
  const std::string choices = fmt::format("{}", fmt::join(text.choices, "|"));
  const bool listed = choices.size() > kChoicesWidth;
  Flag flag{
      name, {{}, declaration.help, text.kind, text.value, state_->heading}, choices, is_boolean, std::move(apply), "",
      false};
  if (!choices.empty()) flag.help.kind = listed ? "NAME" : choices;
  const auto is_told = [&](const std::string& choice) { return declaration.help.find(choice) != std::string::npos; };
  if (listed && !std::all_of(text.choices.begin(), text.choices.end(), is_told)) {
    flag.help.help += fmt::format(": {}", fmt::join(text.choices, ", "));
  }
  if (!declaration.source.empty() && text.value == declaration.unset) flag.help.fallback = declaration.source;
  state_->flags.push_back(std::move(flag));
}

void FlagSet::add_text(const std::string& name, const std::string& help, const std::string& kind,
                       std::function<void(const std::string&)> apply) {
  add_flag(name, help, {kind, "", {}}, /*is_boolean=*/false, std::move(apply));
}

void FlagSet::add_positional(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  state_->positional = name;
  state_->positional_help = help;
  state_->positional_values = &values;
}

bool FlagSet::parse(const std::vector<std::string>& arguments) {
  if (state_->answer(arguments)) return false;
  state_->read(arguments);
  for (const Flag& flag : state_->flags) {
    if (flag.given) flag.apply(flag.value);
  }
  return true;
}

bool FlagSet::given(const std::string& name) const {
  return std::any_of(state_->flags.begin(), state_->flags.end(),
                     [&](const Flag& flag) { return flag.name == name && flag.given; });
}

void require_flag(const std::string& name, const std::string& value) {
  if (value.empty()) fail_usage("--{} is needed", name);
}

}  // namespace sure
