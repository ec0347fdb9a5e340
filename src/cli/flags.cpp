#include "cli/flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <set>

#include "cli/flag_names.h"
#include "cli/nearest_name.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "text/printable.h"

namespace sure {

namespace {

constexpr const char* kEndOfFlags = "--";
constexpr size_t kLeastWidth = 72;
constexpr size_t kUsualWidth = 100;
constexpr size_t kMostWidth = 120;

bool is_flag(const std::string& argument) { return argument.starts_with("--") && argument.size() > 2; }

bool is_short_flag(const std::string& argument) {
  return argument.size() == 2 && argument[0] == '-' && argument[1] != '-';
}

size_t help_width() { return std::clamp(terminal_columns(stdout, kUsualWidth), kLeastWidth, kMostWidth); }

}  // namespace

struct FlagSet::State {
  CLI::App app;
  std::string command, description, example;
  std::string heading = "Options";
  std::vector<FlagHelp> flags;
  std::vector<std::string> names;  // of the flags
  std::vector<std::string> common;
  std::set<std::string> booleans;
  std::set<std::string> given;
  std::string positional, positional_help;

  std::vector<std::string> normalise(const std::vector<std::string>& arguments) const;
  void append_flag(const std::string& argument, std::vector<std::string>& result) const;
  std::vector<FlagHelp> shown(bool all) const;
  std::string help(bool all) const;
  void list_flags() const;
  bool answer(const std::vector<std::string>& arguments) const;
  [[noreturn]] void refuse(const std::vector<std::string>& unknown) const;
};

/// "--name=value" in two, by the name that the command knows.
void FlagSet::State::append_flag(const std::string& argument, std::vector<std::string>& result) const {
  const size_t equals = argument.find('=');
  const std::string spelled = argument.substr(0, equals);
  const size_t begin = std::min(spelled.find_first_not_of('-'), spelled.size());  // "---" has no name
  const std::string name = canonical_flag(spelled.substr(begin), names);
  result.push_back(name.empty() ? spelled : "--" + name);
  if (equals != std::string::npos) result.push_back(argument.substr(equals + 1));
}

/// Flags by their own names, each with its value behind it; a boolean that stands alone gets "True".
std::vector<std::string> FlagSet::State::normalise(const std::vector<std::string>& arguments) const {
  std::vector<std::string> result;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == kEndOfFlags) {
      result.insert(result.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
      break;
    }
    if (!is_flag(argument) && !is_short_flag(argument)) {
      result.push_back(argument);
      continue;
    }
    const size_t before = result.size();
    append_flag(argument, result);
    const bool has_value = result.size() == before + 2;
    if (has_value || !booleans.contains(result.back().substr(std::min<size_t>(2, result.back().size())))) continue;
    const bool value_follows = i + 1 < arguments.size() && is_boolean(arguments[i + 1]);
    result.push_back(value_follows ? arguments[++i] : "True");
  }
  return result;
}

void FlagSet::State::refuse(const std::vector<std::string>& unknown) const {
  const auto flag = std::find_if(unknown.begin(), unknown.end(),
                                 [](const std::string& a) { return a.size() > 1 && a.starts_with('-'); });
  if (flag == unknown.end()) fail_usage("{}: unexpected argument '{}' (see {} --help)", command, unknown[0], command);
  const size_t begin = flag->find_first_not_of('-');
  const std::string nearest = begin == std::string::npos ? "" : nearest_name(flag->substr(begin), names);
  if (nearest.empty()) fail_usage("{}: unknown flag {} (see {} --help-all)", command, *flag, command);
  fail_usage("{}: unknown flag {}: did you mean --{}?", command, *flag, nearest);
}

/// All flags, or the common ones in their order.
std::vector<FlagHelp> FlagSet::State::shown(bool all) const {
  std::vector<FlagHelp> result;
  if (all || common.empty()) {
    result = flags;
  } else {
    for (const std::string& name : common) {
      result.push_back(*std::find_if(flags.begin(), flags.end(), [&](const FlagHelp& f) { return f.name == name; }));
    }
  }
  for (FlagHelp& flag : result) flag.short_names = short_names(flag.name, names);
  return result;
}

std::string FlagSet::State::help(bool all) const {
  const size_t width = help_width();
  std::string text = fmt::format("{}\n\nUsage: {} [FLAGS]{}\n", fmt::join(wrap(description, width), "\n"), command,
                                 positional.empty() ? "" : fmt::format(" [{}…]", positional));
  if (!positional.empty()) {
    text += fmt::format("\n{}: {}\n", positional, fmt::join(wrap(positional_help, width - 8), "\n  "));
  }
  const std::vector<FlagHelp> chosen = shown(all);
  const bool in_order_of_use = !all && !common.empty();
  text += in_order_of_use ? "\nThe flags used most, in the order of use:\n" + format_flags(chosen, width)
                          : "\n" + format_flags_by_heading(chosen, width);
  if (in_order_of_use) text += fmt::format("\n{} --help-all lists all {} flags.\n", command, flags.size());
  return text + "\nExample:\n  " + example + "\n";
}

/// "--name KIND" in each line.
void FlagSet::State::list_flags() const {
  for (const FlagHelp& flag : flags) fmt::print("--{} {}\n", flag.name, flag.kind);
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
      list_flags();
      return true;
    }
  }
  return false;
}

FlagSet::FlagSet(const std::string& command, const std::string& description, const std::string& example)
    : state_(std::make_unique<State>()) {
  state_->command = command;
  state_->description = description;
  std::replace(state_->description.begin(), state_->description.end(), '\n', ' ');  // --help wraps it
  state_->example = example;
  state_->app.name(command);
  state_->app.allow_extras();
  state_->app.set_help_flag();
}

FlagSet::~FlagSet() = default;

void FlagSet::group(const std::string& heading) { state_->heading = heading; }

void FlagSet::common(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (canonical_flag(name, state_->names) != name)
      fail("{}: --help names a flag --{} that is none", state_->command, name);
  }
  state_->common = names;
}

void FlagSet::add_flag(const FlagHelp& flag, bool is_boolean, std::function<void(const std::string&)> apply) {
  state_->flags.push_back(flag);
  state_->flags.back().heading = state_->heading;
  state_->names.push_back(flag.name);
  if (is_boolean) state_->booleans.insert(flag.name);
  const auto set = [state = state_.get(), name = flag.name, apply = std::move(apply)](const std::string& text) {
    if (is_flag(text)) fail_usage("--{}: expected a value, found the flag {}", name, text);
    state->given.insert(name);
    apply(text);
  };
  state_->app.add_option_function<std::string>("--" + flag.name, set)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void FlagSet::add_text(const std::string& name, const std::string& help, const std::string& kind,
                       std::function<void(const std::string&)> apply) {
  add_flag({name, help, kind, "", "", {}}, /*is_boolean=*/false, std::move(apply));
}

void FlagSet::add_positional(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  state_->positional = name;
  state_->positional_help = help;
  state_->app.add_option(name, values);
}

bool FlagSet::parse(const std::vector<std::string>& arguments) {
  if (state_->answer(arguments)) return false;
  std::vector<std::string> reversed = state_->normalise(arguments);
  std::reverse(reversed.begin(), reversed.end());  // as CLI11 takes them
  try {
    state_->app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    fail_usage("{}: {}", state_->command, error.what());
  }
  std::vector<std::string> unknown = state_->app.remaining();
  std::erase(unknown, kEndOfFlags);
  if (!unknown.empty()) state_->refuse(unknown);
  return true;
}

bool FlagSet::given(const std::string& name) const { return state_->given.contains(name); }

void require_flag(const std::string& name, const std::string& value) {
  if (value.empty()) fail_usage("--{} is needed", name);
}

}  // namespace sure
