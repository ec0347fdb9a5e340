// A file of weights mapped into memory: tensors share the mapping, and pages are read when they are used.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

namespace sure {

/// Read-only bytes of a regular file; unmapped when the last owner goes.
class MappedFile : public std::enable_shared_from_this<MappedFile> {
 public:
  /// Throws Error naming the file: not there, no regular file, empty, or a Git LFS pointer in place of the weights.
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);

  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return bytes_; }

  /// `nbytes` from `offset`, which must lie inside the file, as a storage that keeps the mapping alive. It must not be
  /// written to. A copy where the bytes do not stand at a multiple of `alignment`.
  at::Storage storage(size_t offset, size_t nbytes, size_t alignment) const;

 private:
  explicit MappedFile(std::string_view bytes) : bytes_(bytes) {}

  std::string_view bytes_;
};

/// The name of the file that is mapped at an address; null where none is known. Fit for a signal handler.
const char* mapped_file_at(const void* address);

/// A tensor over a storage, whose bounds it must respect; `offset` counts items. No strides: contiguous.
at::Tensor tensor_over(const at::Storage& storage, at::ScalarType dtype, int64_t offset, at::IntArrayRef shape,
                       at::IntArrayRef strides = {});

}  // namespace sure
