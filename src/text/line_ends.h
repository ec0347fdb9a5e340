// How the lines of a text end, wherever it was written.
#pragma once

#include <string_view>

namespace sure {

/// What ends the lines: NUL where there is any (find -print0), else a line feed, else a carriage return (old Macs).
char end_of_line(std::string_view text);

}  // namespace sure
