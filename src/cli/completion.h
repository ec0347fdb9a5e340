// Shell completion: `sure completion bash` prints a script that knows every command's flags.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace sure {

/// A command of the program: one row of the table.
struct Command {
  std::string name;
  std::string help;
  int (*run)(const Arguments& arguments);
  bool shares = false;  // several processes can run it together
};

/// Prints the script for bash, zsh or fish. Throws a usage Error for another shell, or none.
int run_completion(const Arguments& arguments, const std::vector<Command>& commands);

}  // namespace sure
