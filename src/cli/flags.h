// The flags of one command, bound to fields of options structs. Every flag is `--name VALUE` or `--name=VALUE`, with
// underscores or dashes; a boolean alone means True; `--` ends the flags. CLI11 parses.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/options.h"

namespace sure {

class FlagSet {
 public:
  /// `command` as in "sure train"; `example` is a whole command line, shown at the end of --help.
  FlagSet(const std::string& command, const std::string& description, const std::string& example);
  ~FlagSet();

  /// Heading of --help under which the next flags stand.
  void group(const std::string& heading);

  /// A flag that sets `field`, which must outlive the parsing.
  template <class T>
  void add(const std::string& name, T& field, const Declaration& declaration) {
    const FlagText text = {kind_of(field).placeholder, text_of(field, declaration), allowed_names(field, declaration)};
    add_flag(name, declaration, text, std::is_same_v<T, bool> || std::is_same_v<T, std::optional<bool>>,
             [name, &field, declaration](const std::string& value) { set_from_text(name, value, field, declaration); });
  }

  /// A flag for every field that `visit_options` lists.
  template <class Options>
  void add_all(const std::string& heading, Options& options) {
    group(heading);
    visit_options(
        options, [&](const char* name, auto& field, const Declaration& declaration) { add(name, field, declaration); });
  }

  /// A flag that hands its text to `apply`.
  void add_text(const std::string& name, const std::string& help, const std::string& kind,
                std::function<void(const std::string&)> apply);

  /// The flags that --help shows, in this order; --help-all shows the rest too. Without a call, --help shows all.
  void common(const std::vector<std::string>& names);

  /// What stands on the command line without a flag.
  void add_positional(const std::string& name, std::vector<std::string>& values, const std::string& help);

  /// Sets the fields, in the order in which the flags were added. False after --help, --help-all and --list-flags (for
  /// shell completion), which it prints. Throws a usage Error for an unknown flag (with the nearest known one), a
  /// missing value and a value that the flag does not take.
  bool parse(const std::vector<std::string>& arguments);

  /// Whether the flag stood on the command line.
  bool given(const std::string& name) const;

 private:
  struct State;
  struct FlagText {
    std::string kind;
    std::string value;
    std::vector<std::string> choices;
  };

  void add_flag(const std::string& name, const Declaration& declaration, const FlagText& text, bool is_boolean,
                std::function<void(const std::string&)> apply);

  std::unique_ptr<State> state_;
};

/// Throws a usage Error when a flag that the command cannot do without is empty.
void require_flag(const std::string& name, const std::string& value);

}  // namespace sure
