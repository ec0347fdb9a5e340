// Pictures as PNG files (ISO/IEC 15948), RGB of 8 bits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sure {

struct Colour {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;
};

/// The bytes of a PNG file. `pixels`: row by row from the top, width x height of them.
std::string to_png(const std::vector<Colour>& pixels, int64_t width, int64_t height);

}  // namespace sure
