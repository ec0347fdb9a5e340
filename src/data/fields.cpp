#include "data/fields.h"

namespace sure {

std::vector<std::string_view> split_fields(std::string_view line, char delimiter) {
  std::vector<std::string_view> fields;
  for (size_t end = line.find(delimiter); end != std::string_view::npos; end = line.find(delimiter)) {
    fields.push_back(line.substr(0, end));
    line.remove_prefix(end + 1);
  }
  fields.push_back(line);
  return fields;
}

}  // namespace sure
