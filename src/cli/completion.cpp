#include "cli/completion.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/registry.h"

namespace sure {

namespace {

// Flags with their kinds of value: what a FlagSet prints, one a line.
constexpr const char* kListFlags = "--list-flags";

/// A bash function with the flags in it; files complete whatever is no flag.
void print_bash(const std::vector<Command>& commands) {
  fmt::print("_sure() {{\n  local word=${{COMP_WORDS[COMP_CWORD]}} flags=\n");
  fmt::print("  if ((COMP_CWORD == 1)); then\n    COMPREPLY=($(compgen -W '");
  for (const Command& command : commands) fmt::print("{} ", command.name);
  fmt::print("completion' -- \"$word\"))\n    return\n  fi\n  case ${{COMP_WORDS[1]}} in\n");
  for (const Command& command : commands) {
    fmt::print("  {}) flags='", command.name);
    command.run({kListFlags});
    fmt::print("' ;;\n");
  }
  fmt::print(
      "  esac\n"
      "  local previous=${{COMP_WORDS[COMP_CWORD-1]}} kind\n"
      "  kind=$(awk -v flag=\"$previous\" '$1 == flag {{print $2}}' <<<\"$flags\")\n"
      "  if [[ $word == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$(awk '{{print $1}}' <<<\"$flags\")\" -- \"$word\"))\n"
      "  elif [[ $kind == *'|'* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"${{kind//|/ }}\" -- \"$word\"))\n"
      "  else\n"
      "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
      "  fi\n"
      "}}\n"
      "complete -o filenames -F _sure sure\n");
}

void print_zsh(const std::vector<Command>& commands) {
  fmt::print("autoload -U +X bashcompinit && bashcompinit\n");
  print_bash(commands);
}

/// fish reads the flags through a helper function, so that each stands in the script once.
void print_fish(const std::vector<Command>& commands) {
  for (const Command& command : commands) {
    fmt::print("complete -c sure -n __fish_use_subcommand -a {} -d '{}'\n", command.name, command.help);
    fmt::print("for flag in (echo '");
    command.run({kListFlags});
    fmt::print("' | string match -r '^--[^ ]+' | string sub -s 3)\n");
    fmt::print("  complete -c sure -n '__fish_seen_subcommand_from {}' -l $flag -r\nend\n", command.name);
  }
}

struct Shell {
  std::string name;
  void (*print)(const std::vector<Command>& commands);
};

const std::vector<Shell> kShells = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

}  // namespace

int run_completion(const Arguments& arguments, const std::vector<Command>& commands) {
  if (arguments.size() != 1 || arguments.front().starts_with('-')) {
    fail_usage("sure completion: name a shell: bash, zsh or fish, as in source <(sure completion bash)");
  }
  find_row(kShells, arguments.front(), "shell").print(commands);
  return 0;
}

}  // namespace sure
