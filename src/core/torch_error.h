// Errors of libtorch in the program's own words.
#pragma once

#include <c10/util/Exception.h>

#include <string>

namespace sure {

/// One line: how much memory was asked for in vain, or else what libtorch says.
std::string describe(const c10::Error& error);

}  // namespace sure
