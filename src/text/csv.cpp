#include "text/csv.h"

#include "text/printable.h"

namespace sure {

std::string csv_field(std::string_view text) {
  const std::string field = printable(text);
  if (field.find_first_of(",\"") == field.npos) return field;
  std::string quoted = "\"";
  for (const char c : field) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace sure
