#include "formats/png.h"

#include <gtest/gtest.h>

namespace sure {
namespace {

/// As Pillow 13 writes a picture of one red and one blue pixel, but for how it is packed: tests/parity reads ours back.
TEST(Png, HasAHeaderOfItsSizeAndEnds) {
  const std::string png = to_png({{255, 0, 0}, {0, 0, 255}}, 2, 1);
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  const std::string header("\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x01\x08\x02\0\0\0", 21);
  EXPECT_EQ(png.substr(8, header.size()), header);
  EXPECT_EQ(png.substr(png.size() - 12), std::string("\0\0\0\0IEND\xae\x42\x60\x82", 12));
}

}  // namespace
}  // namespace sure
