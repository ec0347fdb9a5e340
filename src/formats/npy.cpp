#include "formats/npy.h"

#include <bit>
#include <string>

#include "core/atomic_file.h"
#include "core/error.h"

namespace sure {

namespace {

static_assert(std::endian::native == std::endian::little, "the files say little-endian");

constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);
constexpr size_t kAlignment = 64;

/// All that stands before the data.
std::string make_header(at::IntArrayRef shape) {
  std::string sizes;
  for (const int64_t size : shape) sizes += fmt::format("{}, ", size);  // "(3, )" is Python's tuple of one
  std::string dict = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", sizes);
  const size_t used = kMagic.size() + sizeof(uint16_t) + dict.size() + 1;
  dict.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  dict += '\n';
  const auto length = static_cast<uint16_t>(dict.size());
  std::string header(kMagic);
  header += static_cast<char>(length & 0xFF);
  header += static_cast<char>(length >> 8);
  return header + dict;
}

}  // namespace

void write_npy(const std::filesystem::path& path, const Tensor& values) {
  if (values.scalar_type() != at::kFloat) {
    fail("{}: cannot write {} values, expected float32", path.string(), c10::toString(values.scalar_type()));
  }
  const Tensor data = values.cpu().contiguous();
  write_file(path, [&](std::ostream& out) {
    out << make_header(data.sizes());
    out.write(static_cast<const char*>(data.const_data_ptr()), static_cast<std::streamsize>(data.nbytes()));
  });
}

}  // namespace sure
