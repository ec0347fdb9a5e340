// What is said when a signal ends the program.
#pragma once

#include <functional>
#include <string>

namespace sure {

/// From now on a read error of a mapped file, which is a signal and no error code, ends the program as other errors do:
/// one line that names the file, exit code 1.
void explain_bus_errors();

/// From now on SIGINT and SIGTERM print `message` on standard error; the program then dies of the signal as usual.
void explain_interrupt(const std::string& message);

/// From now on SIGTERM calls `end` on a thread of its own instead, with what explain_interrupt was given last, or with
/// `otherwise`; it has to end the program. To be called once.
void on_termination(std::function<void(const std::string& message)> end, const std::string& otherwise);

/// Ends the program by a signal.
[[noreturn]] void die_of(int signal);

}  // namespace sure
