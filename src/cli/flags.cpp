#include "cli/flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <set>

#include "cli/nearest_name.h"
#include "core/error.h"

namespace sure {

namespace {

/// Names that Hugging Face's own programs give to the same flags.
const std::map<std::string, std::string> kAliases = {
    {"model", "model_name_or_path"}, {"resume", "resume_from_checkpoint"}, {"evaluation_strategy", "eval_strategy"}};

constexpr size_t kHelpColumn = 46;

bool is_flag(const std::string& argument) { return argument.starts_with("--") && argument.size() > 2; }

}  // namespace

struct FlagSet::State {
  CLI::App app;
  std::string command;
  std::string heading = "Options";
  std::set<std::string> booleans;  // with their aliases
  std::vector<std::string> names;  // with their aliases
  std::set<std::string> given;

  std::vector<std::string> normalise(const std::vector<std::string>& arguments) const;
  [[noreturn]] void refuse(const std::vector<std::string>& unknown) const;
};

/// Splits "--name=value" in two and writes out the value of a boolean that stands alone.
std::vector<std::string> FlagSet::State::normalise(const std::vector<std::string>& arguments) const {
  std::vector<std::string> result;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const size_t equals = argument.find('=');
    if (is_flag(argument) && equals != std::string::npos) {
      result.push_back(argument.substr(0, equals));
      result.push_back(argument.substr(equals + 1));
      continue;
    }
    result.push_back(argument);
    if (!is_flag(argument) || !booleans.contains(argument.substr(2))) continue;
    const bool has_value = i + 1 < arguments.size() && is_boolean(arguments[i + 1]);
    result.push_back(has_value ? arguments[++i] : "True");
  }
  return result;
}

void FlagSet::State::refuse(const std::vector<std::string>& unknown) const {
  const auto flag =
      std::find_if(unknown.begin(), unknown.end(), [](const std::string& a) { return a.starts_with('-'); });
  if (flag == unknown.end()) fail_usage("{}: unexpected argument '{}' (see {} --help)", command, unknown[0], command);
  const std::string nearest = nearest_name(flag->substr(flag->find_first_not_of('-')), names);
  if (nearest.empty()) fail_usage("{}: unknown flag {} (see {} --help)", command, *flag, command);
  fail_usage("{}: unknown flag {}: did you mean --{}?", command, *flag, nearest);
}

FlagSet::FlagSet(const std::string& command, const std::string& description, const std::string& example)
    : state_(std::make_unique<State>()) {
  state_->command = command;
  state_->app.name(command);
  state_->app.description(description);
  state_->app.footer("Example:\n  " + example);
  state_->app.allow_extras();
  state_->app.get_formatter()->column_width(kHelpColumn);
  state_->app.set_help_flag("-h,--help", "print this and exit");
}

FlagSet::~FlagSet() = default;

void FlagSet::group(const std::string& heading) { state_->heading = heading; }

void FlagSet::add_flag(const Flag& flag, std::function<void(const std::string&)> apply) {
  std::vector<std::string> spellings = {flag.name};
  if (const auto alias = kAliases.find(flag.name); alias != kAliases.end()) spellings.push_back(alias->second);
  state_->names.insert(state_->names.end(), spellings.begin(), spellings.end());
  if (flag.is_boolean) state_->booleans.insert(spellings.begin(), spellings.end());
  const auto set = [state = state_.get(), name = flag.name, apply = std::move(apply)](const std::string& text) {
    if (is_flag(text)) fail_usage("--{}: expected a value, found the flag {}", name, text);
    state->given.insert(name);
    apply(text);
  };
  state_->app.add_option_function<std::string>(fmt::format("--{}", fmt::join(spellings, ",--")), set, flag.help)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->group(state_->heading)
      ->type_name(flag.kind)
      ->default_str(flag.fallback);
}

void FlagSet::add_text(const std::string& name, const std::string& help, const std::string& kind,
                       std::function<void(const std::string&)> apply) {
  add_flag({name, help, kind, "", false}, std::move(apply));
}

void FlagSet::add_positional(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  state_->app.add_option(name, values, help)->type_name("");
}

bool FlagSet::parse(const std::vector<std::string>& arguments) {
  std::vector<std::string> reversed = state_->normalise(arguments);
  std::reverse(reversed.begin(), reversed.end());  // as CLI11 takes them
  try {
    state_->app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", state_->app.help());
    return false;
  } catch (const CLI::ParseError& error) {
    fail_usage("{}: {}", state_->command, error.what());
  }
  if (!state_->app.remaining().empty()) state_->refuse(state_->app.remaining());
  return true;
}

bool FlagSet::given(const std::string& name) const { return state_->given.contains(name); }

void require_flag(const std::string& name, const std::string& value) {
  if (value.empty()) fail_usage("--{} is needed", name);
}

}  // namespace sure
