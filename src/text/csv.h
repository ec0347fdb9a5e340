// Fields of a CSV file (RFC 4180).
#pragma once

#include <string>
#include <string_view>

namespace sure {

/// `text` made printable (text/printable.h), in quotes where a comma or a quote demands them.
std::string csv_field(std::string_view text);

}  // namespace sure
