#include "data/audio_index_file.h"

#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/rng.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kMagic = 0x32'78'64'69'65'72'75'73;  // "sureidx2"

struct Header {
  uint64_t magic = kMagic;
  uint64_t count = 0;
};

struct Row {
  uint64_t key = 0;
  IndexedClip clip;
};

static_assert(sizeof(Header) == 16 && sizeof(Row) == 40, "no padding: these bytes are the file");

template <class T>
T value_at(const std::string& bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

template <class T>
void append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

uint64_t hash_of(std::string_view bytes) { return mix_seed(kMagic, bytes); }

bool is_whole(const std::string& bytes) {
  if (bytes.size() < sizeof(Header) + sizeof(uint64_t)) return false;
  const auto header = value_at<Header>(bytes, 0);
  const size_t body = bytes.size() - sizeof(uint64_t);
  if (header.magic != kMagic || (body - sizeof(Header)) % sizeof(Row) != 0) return false;
  if (header.count != (body - sizeof(Header)) / sizeof(Row)) return false;
  return value_at<uint64_t>(bytes, body) == hash_of({bytes.data(), body});
}

}  // namespace

bool read_index_file(const fs::path& path, IndexedClips& clips) {
  clips.clear();
  std::error_code error;
  if (!fs::exists(path, error)) return true;
  const std::string bytes = read_file(path);
  if (!is_whole(bytes)) return false;
  const auto count = static_cast<size_t>(value_at<Header>(bytes, 0).count);
  clips.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const auto row = value_at<Row>(bytes, sizeof(Header) + i * sizeof(Row));
    clips.emplace(row.key, row.clip);
  }
  return true;
}

void write_index_file(const fs::path& path, const IndexedClips& clips) {
  if (path.has_parent_path()) make_folder(path.parent_path());
  std::string bytes;
  bytes.reserve(sizeof(Header) + clips.size() * sizeof(Row) + sizeof(uint64_t));
  append(bytes, Header{.count = clips.size()});
  for (const auto& [key, clip] : clips) append(bytes, Row{key, clip});
  append(bytes, hash_of(bytes));
  remove_leftovers_of(path);
  write_file(path, bytes);
}

}  // namespace sure
