#include "formats/mapped_file.h"

#include <ATen/ops/empty.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/tensor.h"

namespace sure {

namespace {

constexpr std::string_view kLfsPointer = "version https://git-lfs";

/// Closes a descriptor when the scope ends.
class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path) : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (value_ < 0) fail("{}: cannot open ({})", path.string(), std::strerror(errno));
  }
  ~Descriptor() { ::close(value_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int value() const { return value_; }

 private:
  int value_;
};

void release(void* owner) { delete static_cast<std::shared_ptr<const MappedFile>*>(owner); }

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) fail("{}: no such file", path.string());
  if (!std::filesystem::is_regular_file(status)) fail("{}: expected a file of weights, this is no file", path.string());
  const Descriptor descriptor(path);
  struct stat info = {};
  if (::fstat(descriptor.value(), &info) != 0) fail("{}: cannot read ({})", path.string(), std::strerror(errno));
  const auto size = static_cast<size_t>(info.st_size);
  if (size == 0) fail("{}: the file is empty; get it again", path.string());
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.value(), 0);
  if (data == MAP_FAILED) fail("{}: cannot map into memory ({})", path.string(), std::strerror(errno));
  const std::shared_ptr<const MappedFile> file(new MappedFile({static_cast<const char*>(data), size}));
  if (file->bytes().starts_with(kLfsPointer)) {
    fail("{}: a Git LFS pointer stands in place of the weights; run 'git lfs pull' in its folder", path.string());
  }
  return file;
}

MappedFile::~MappedFile() { ::munmap(const_cast<char*>(bytes_.data()), bytes_.size()); }

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
