#include "text/utf8.h"

#include <gtest/gtest.h>

namespace sure {
namespace {

TEST(Utf8, KnowsBrokenSequences) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("naïve 日本 😀"));
  EXPECT_FALSE(is_utf8("\xC3"));          // cut short
  EXPECT_FALSE(is_utf8("\xE9t\xE9"));     // Latin-1
  EXPECT_FALSE(is_utf8("\xC0\xAF"));      // over-long
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));  // a surrogate
}

}  // namespace
}  // namespace sure
