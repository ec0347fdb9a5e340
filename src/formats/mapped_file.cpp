#include "formats/mapped_file.h"

#include <ATen/ops/empty.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/tensor.h"

namespace sure {

namespace {

constexpr std::string_view kLfsPointer = "version https://git-lfs";

/// One mapping, for whoever has no more than an address. A place is taken by setting `begin` and free again without.
struct Mapping {
  std::atomic<const char*> begin = nullptr;
  std::atomic<const char*> end = nullptr;
  std::array<char, 512> name = {};
};

// The files of one model are few; beyond that, one stays without a name.
constexpr size_t kMappings = 256;

std::array<Mapping, kMappings>& mappings() {
  static std::array<Mapping, kMappings> table;
  return table;
}

void remember(std::string_view bytes, const std::string& name) {
  for (Mapping& mapping : mappings()) {
    const char* free = nullptr;
    if (!mapping.begin.compare_exchange_strong(free, bytes.data())) continue;
    mapping.name[name.copy(mapping.name.data(), mapping.name.size() - 1)] = '\0';
    mapping.end = bytes.data() + bytes.size();
    return;
  }
}

void forget(std::string_view bytes) {
  for (Mapping& mapping : mappings()) {
    if (mapping.begin != bytes.data()) continue;
    mapping.end = nullptr;
    mapping.begin = nullptr;
    return;
  }
}

void release(void* owner) { delete static_cast<std::shared_ptr<const MappedFile>*>(owner); }

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) fail("{}: no such file", path.string());
  if (!std::filesystem::is_regular_file(status)) fail("{}: expected a file of weights, this is no file", path.string());
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor) fail("{}: cannot open ({})", path.string(), std::strerror(errno));
  struct stat info = {};
  if (::fstat(descriptor.value(), &info) != 0) fail("{}: cannot read ({})", path.string(), std::strerror(errno));
  const auto size = static_cast<size_t>(info.st_size);
  if (size == 0) fail("{}: the file is empty; get it again", path.string());
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.value(), 0);
  if (data == MAP_FAILED) fail("{}: cannot map into memory ({})", path.string(), std::strerror(errno));
  const std::shared_ptr<const MappedFile> file(new MappedFile({static_cast<const char*>(data), size}));
  remember(file->bytes(), path.string());
  if (file->bytes().starts_with(kLfsPointer)) {
    fail("{}: a Git LFS pointer stands in place of the weights; run 'git lfs pull' in its folder", path.string());
  }
  return file;
}

MappedFile::~MappedFile() {
  forget(bytes_);
  ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

const char* mapped_file_at(const void* address) {
  const std::less_equal<> is_not_after;
  for (const Mapping& mapping : mappings()) {
    const char* begin = mapping.begin;
    const char* end = mapping.end;
    if (begin != nullptr && end != nullptr && is_not_after(begin, address) && !is_not_after(end, address)) {
      return mapping.name.data();
    }
  }
  return nullptr;
}

at::Storage MappedFile::storage(size_t offset, size_t nbytes, size_t alignment) const {
  char* data = const_cast<char*>(bytes_.data()) + offset;
  if (offset % alignment != 0) {
    const Tensor copy = at::empty({static_cast<int64_t>(nbytes)}, at::kByte);
    std::memcpy(copy.data_ptr(), data, nbytes);
    return copy.storage();
  }
  auto* owner = new std::shared_ptr<const MappedFile>(shared_from_this());
  return {at::Storage::use_byte_size_t(), nbytes, at::DataPtr(data, owner, release, at::kCPU), nullptr, false};
}

at::Tensor tensor_over(const at::Storage& storage, at::ScalarType dtype, int64_t offset, at::IntArrayRef shape,
                       at::IntArrayRef strides) {
  return at::empty({0}, dtype).set_(storage, offset, shape, strides);
}

}  // namespace sure
