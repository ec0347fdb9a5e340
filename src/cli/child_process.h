// This program again, as a child: its memory is its own, so its peak is honest.
#pragma once

#include <string>
#include <vector>

namespace sure {

/// Runs this program with `arguments` and waits; the child's standard output goes to standard error. A signal that ends
/// this program (see end_child) ends the child too. Returns its exit code, 128 + N after signal N. Throws Error when it
/// cannot be started.
int run_itself(const std::vector<std::string>& arguments);

/// Sends `signal` to the child that runs now, if any, and waits for its end, so that the next command meets nobody at
/// work. May be called from a signal handler.
void end_child(int signal);

/// In a program that run_itself started: when that one ends, however that comes, SIGTERM ends this one too.
void end_with_parent();

}  // namespace sure
