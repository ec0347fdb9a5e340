#include "core/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/errors.h"

namespace sure {
namespace {

struct Row {
  std::string name;
  int value;
};

const std::vector<Row> kTable = {{"lora", 1}, {"prefix", 2}};

TEST(FindRow, GivesTheRowItself) { EXPECT_EQ(&find_row(kTable, "prefix", "method"), &kTable[1]); }

TEST(FindRow, UnknownNameListsTheKnownOnes) {
  EXPECT_EQ(test::message_of([] { find_row(kTable, "Lora", "method"); }),
            "unknown method 'Lora': use one of lora, prefix");
}

TEST(FindRow, UnknownNameIsAUsageError) {
  try {
    find_row(kTable, "", "method");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
  }
}

}  // namespace
}  // namespace sure
