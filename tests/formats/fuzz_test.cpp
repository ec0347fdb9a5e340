// Damaged files for a bounded time: SURE_FUZZ_SECONDS a test, 2 by default. Whatever comes in, a reader returns tensors
// that can be read to the last byte, or throws Error; the sanitizers watch the rest.
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <random>

#include "core/atomic_file.h"
#include "core/error.h"
#include "formats/checkpoint_folder.h"
#include "formats/safetensors.h"
#include "formats/state_dict_pickle.h"
#include "tests/support/files.h"

/// Read by LeakSanitizer: torch's zip reader loses its directory when it refuses an archive.
extern "C" const char* __lsan_default_suppressions() { return "leak:mz_zip_reader_\n"; }

namespace sure::test {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(SURE_SOURCE_DIR) / "tests/formats/golden";

class Mutator {
 public:
  std::string operator()(std::string bytes) {
    for (size_t edits = 1 + below(4); edits > 0 && !bytes.empty(); --edits) edit(bytes);
    return bytes;
  }

 private:
  size_t below(size_t bound) { return random_() % bound; }

  void edit(std::string& bytes) {
    const size_t at = below(bytes.size());
    const size_t count = std::min(1 + below(16), bytes.size() - at);
    switch (below(7)) {
      case 0:
        bytes[at] = static_cast<char>(random_());
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.erase(at, count);
        break;
      case 4:
        bytes.insert(below(bytes.size()), bytes.substr(at, count));
        break;
      case 5:
        change_digit(bytes, at);
        break;
      default:
        overwrite_number(bytes, at);
        break;
    }
  }

  /// Numbers of a JSON header stay numbers, so that the checks behind the parser are reached.
  void change_digit(std::string& bytes, size_t from) {
    const size_t digit = bytes.find_first_of("0123456789", from);
    if (digit != std::string::npos) bytes[digit] = static_cast<char>('0' + below(10));
  }

  void overwrite_number(std::string& bytes, size_t at) {
    constexpr uint64_t kNumbers[] = {0,          1,          0x7F,       0xFF,      0xFFFF,
                                     0x7FFFFFFF, 0xFFFFFFFF, 1ULL << 62, INT64_MAX, UINT64_MAX};
    const uint64_t number = kNumbers[below(std::size(kNumbers))];
    std::memcpy(bytes.data() + at, &number, std::min(sizeof(number), bytes.size() - at));
  }

  std::mt19937_64 random_{1314};
};

/// Runs `read` on damaged copies of `good` until the time is over; some must fail, or nothing was tested.
template <class Read>
void fuzz(const std::string& good, Read&& read) {
  const char* named = std::getenv("SURE_FUZZ_SECONDS");
  const std::chrono::duration<double> budget(named ? std::stod(named) : 2.0);
  const auto start = std::chrono::steady_clock::now();
  Mutator mutate;
  size_t runs = 0;
  size_t refused = 0;
  for (; std::chrono::steady_clock::now() - start < budget; ++runs) {
    SCOPED_TRACE(runs);
    try {
      fingerprint(read(mutate(good)));
    } catch (const Error& error) {
      ++refused;
      ASSERT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
    }
  }
  EXPECT_GT(runs, 100U);
  EXPECT_GT(refused, runs / 10);
}

void overwrite(const fs::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

TEST(Fuzz, Safetensors) {
  const TemporaryFolder folder;
  write_safetensors(folder / "good",
                    {{"a", at::ones({2, 3})}, {"b", at::ones({5}, at::kHalf)}, {"c", at::ones({0}, at::kBool)}},
                    {{"format", "pt"}});
  fuzz(read_file(folder / "good"), [&](const std::string& bytes) {
    overwrite(folder / "w", bytes);
    return read_safetensors(folder / "w").tensors;
  });
}

TEST(Fuzz, PytorchBin) {
  const TemporaryFolder folder;
  fuzz(read_file(kGolden / "kinds.bin"), [&](const std::string& bytes) {
    overwrite(folder / "w.bin", bytes);
    return read_pytorch_bin(folder / "w.bin");
  });
}

TEST(Fuzz, StateDictPickle) {
  // The record lies uncompressed in the archive, from the protocol's opcode to the stop before the next header.
  const std::string archive = read_file(kGolden / "kinds.bin");
  const size_t begin = archive.find("\x80\x02");
  const std::string pickle = archive.substr(begin, archive.find("PK", begin) - begin);
  const auto storage = [](const std::string&, int64_t nbytes) {
    if (nbytes > 96) fail("w.bin: no such storage");
    return at::ones({nbytes}, at::kByte).storage();
  };
  fuzz(pickle, [&](const std::string& bytes) { return read_state_dict_pickle(bytes, "w.bin", storage); });
}

}  // namespace
}  // namespace sure::test
