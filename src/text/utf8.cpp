#include "text/utf8.h"

#include <utf8proc.h>

namespace sure {

bool is_utf8(std::string_view text) {
  const auto* next = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t used = utf8proc_iterate(next, left, &code_point);
    if (used < 1) return false;
    next += used;
    left -= used;
  }
  return true;
}

}  // namespace sure
