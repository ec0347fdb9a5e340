// The pages of an Ogg file (RFC 3533), without what they hold.
#pragma once

#include <cstdint>
#include <string>

#include "audio/byte_file.h"

namespace sure {

struct OggPages {
  int64_t streams = 0;  // beside or after one another
  std::string fault;    // what is missing; empty for a whole file
};

bool is_ogg(const ByteFile& file);

/// Every page's number follows the one before it, and every stream's last page is marked as such: only then is the file
/// whole.
OggPages scan_ogg(const ByteFile& file);

}  // namespace sure
