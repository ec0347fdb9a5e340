#include "formats/npy.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/strict_json.h"

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

/// What stands behind 'key': in the header's dict, up to `end`; empty where it is missing.
std::string_view value_in(std::string_view dict, std::string_view key, std::string_view end) {
  const size_t place = dict.find(fmt::format("'{}':", key));
  if (place == std::string_view::npos) return {};
  const std::string_view rest = dict.substr(place + key.size() + 3);
  const size_t begin = rest.find_first_not_of(' '), stop = rest.find(end);
  return begin == std::string_view::npos || stop == std::string_view::npos || begin > stop
             ? std::string_view()
             : rest.substr(begin, stop - begin);
}

/// Of "(1, 512".
std::vector<int64_t> parse_shape(std::string_view text, const std::filesystem::path& path) {
  std::vector<int64_t> shape;
  text.remove_prefix(text.empty() ? 0 : 1);
  while (!text.empty()) {
    int64_t size = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc() || size < 0) fail("{}: has a damaged header, expected NumPy's", path.string());
    shape.push_back(size);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    text.remove_prefix(std::min(text.find_first_not_of(", "), text.size()));
  }
  return shape;
}

struct NumberType {
  std::string_view name;
  at::ScalarType type;
};
constexpr NumberType kTypes[] = {{"'<f4'", at::kFloat}, {"'<f8'", at::kDouble}, {"'<f2'", at::kHalf}};

at::ScalarType type_of(std::string_view name, const std::filesystem::path& path) {
  for (const NumberType& row : kTypes) {
    if (row.name == name) return row.type;
  }
  fail("{}: holds numbers of type {}, expected '<f4' or '<f8'; save it with astype(\"float32\")", path.string(),
       quote(name));
}

/// The header's dict and where the data begins.
std::pair<std::string_view, size_t> header_of(std::string_view bytes, const std::filesystem::path& path) {
  constexpr size_t kFixed = 12;
  if (bytes.size() < kFixed || bytes.substr(0, 6) != kMagic.substr(0, 6) || bytes[6] < 1 || bytes[6] > 3)
    fail("{}: is no .npy file; save it with numpy.save", path.string());
  const bool is_long = bytes[6] > 1;
  uint32_t size = 0;
  std::memcpy(&size, bytes.data() + kMagic.size(), is_long ? sizeof(uint32_t) : sizeof(uint16_t));
  const size_t begin = kMagic.size() + (is_long ? sizeof(uint32_t) : sizeof(uint16_t));
  if (size > bytes.size() - begin) fail("{}: is cut short; get it again", path.string());
  return {bytes.substr(begin, size), begin + size};
}

}  // namespace

Tensor read_npy(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  const auto [dict, begin] = header_of(bytes, path);
  const at::ScalarType type = type_of(value_in(dict, "descr", ","), path);
  if (value_in(dict, "fortran_order", ",") != "False") fail("{}: is in Fortran's order, expected C's", path.string());
  const std::vector<int64_t> shape = parse_shape(value_in(dict, "shape", ")"), path);
  size_t expected = c10::elementSize(type);
  for (const int64_t size : shape) {
    if (__builtin_mul_overflow(expected, static_cast<size_t>(size), &expected)) expected = SIZE_MAX;
  }
  if (expected != bytes.size() - begin) {
    fail("{}: has {} bytes of numbers, its header says {}; get it again", path.string(), bytes.size() - begin,
         expected);
  }
  std::string data = bytes.substr(begin);  // aligned
  return at::from_blob(data.data(), shape, type).to(at::kFloat).clone();
}

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
