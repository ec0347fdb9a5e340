// What is said when a mapped file cannot be read.
#pragma once

namespace sure {

/// From now on a read error of a mapped file, which is a signal and no error code, ends the program as other errors do:
/// one line that names the file, exit code 1.
void explain_bus_errors();

}  // namespace sure
