// What Ctrl-C says before it ends the program. Checkpoints appear whole or not at all, so nothing has to be tidied.
#pragma once

#include <string>

namespace sure {

/// From now on SIGINT and SIGTERM print `message` on standard error; the program then dies of the signal as usual.
void explain_interrupt(const std::string& message);

}  // namespace sure
