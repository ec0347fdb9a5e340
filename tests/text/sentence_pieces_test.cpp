// What a model cuts is compared with SentencePiece's Python in tests/parity.
#include "text/sentence_pieces.h"

#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure {
namespace {

TEST(SentencePieces, RefuseWhatIsNoModel) {
  const test::TemporaryFolder folder;
  const auto path = folder / "spm_char.model";
  for (const char* bytes : {"", "hello", "\n\xff\xff\xff\xff"}) {
    write_file(path, bytes);
    const std::string message = test::message_of([&] { SentencePieces{path}; });
    EXPECT_NE(message.find("spm_char.model"), std::string::npos) << message;
  }
  EXPECT_NE(test::message_of([&] { SentencePieces{folder / "none"}; }).find("none"), std::string::npos);
}

}  // namespace
}  // namespace sure
