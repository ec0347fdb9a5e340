#include "formats/safetensors.h"

#include <c10/util/accumulate.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/strict_json.h"
#include "formats/mapped_file.h"

namespace sure {

namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr size_t kLengthBytes = 8;
constexpr uint64_t kMaxHeader = 100'000'000;  // as the reference implementation
constexpr const char* kMetadataKey = "__metadata__";

struct DtypeRow {
  std::string_view name;
  at::ScalarType dtype;
};

constexpr DtypeRow kDtypes[] = {
    {"F64", at::kDouble}, {"F32", at::kFloat}, {"F16", at::kHalf}, {"BF16", at::kBFloat16}, {"I64", at::kLong},
    {"I32", at::kInt},    {"I16", at::kShort}, {"I8", at::kChar},  {"U8", at::kByte},       {"BOOL", at::kBool},
};

/// One tensor as the header describes it; begin and end count bytes from the end of the header.
struct Entry {
  std::string name;
  at::ScalarType dtype = at::kFloat;
  std::vector<int64_t> shape = {};
  uint64_t begin = 0;
  uint64_t end = 0;
};

const nlohmann::json& field(const nlohmann::json& entry, const char* key, const std::string& where) {
  if (!entry.is_object() || !entry.contains(key)) fail("{}: the header gives no {}", where, key);
  return entry[key];
}

at::ScalarType parse_dtype(const nlohmann::json& value, const std::string& where) {
  const std::string name = value.is_string() ? value.get<std::string>() : value.dump();
  const auto* row = std::find_if(std::begin(kDtypes), std::end(kDtypes), [&](const auto& r) { return r.name == name; });
  if (row != std::end(kDtypes)) return row->dtype;
  fail("{}: dtype {} is not supported; convert it to F32, F16 or BF16", where, quote(name));
}

/// Dimensions whose product, zeros aside, fits into 63 bits of bytes.
std::vector<int64_t> parse_shape(const nlohmann::json& value, int64_t item_bytes, const std::string& where) {
  if (!value.is_array()) fail("{}: shape is no list", where);
  std::vector<int64_t> shape;
  int64_t bytes = item_bytes;
  for (const auto& dimension : value) {
    const uint64_t size = dimension.is_number_unsigned() ? dimension.get<uint64_t>() : UINT64_MAX;
    if (size > INT64_MAX) fail("{}: shape has a dimension that is no size", where);
    if (__builtin_mul_overflow(bytes, std::max<int64_t>(1, static_cast<int64_t>(size)), &bytes)) {
      fail("{}: shape is too large", where);
    }
    shape.push_back(static_cast<int64_t>(size));
  }
  return shape;
}

Entry parse_entry(const std::string& name, const nlohmann::json& json, const std::string& where) {
  Entry entry{.name = name, .dtype = parse_dtype(field(json, "dtype", where), where)};
  const auto item_bytes = static_cast<int64_t>(c10::elementSize(entry.dtype));
  entry.shape = parse_shape(field(json, "shape", where), item_bytes, where);
  const nlohmann::json& offsets = field(json, "data_offsets", where);
  const bool pair = offsets.is_array() && offsets.size() == 2 && offsets[0].is_number_unsigned() &&
                    offsets[1].is_number_unsigned() && offsets[0] <= offsets[1];
  if (!pair) fail("{}: data_offsets is not [begin, end]", where);
  entry.begin = offsets[0].get<uint64_t>();
  entry.end = offsets[1].get<uint64_t>();
  const auto expected = static_cast<uint64_t>(c10::multiply_integers(entry.shape) * item_bytes);
  if (entry.end - entry.begin != expected) {
    fail("{}: data_offsets hold {} bytes, its shape and dtype need {}", where, entry.end - entry.begin, expected);
  }
  return entry;
}

/// Sorts by position and checks that the tensors fill the data part exactly.
void check_layout(std::vector<Entry>& entries, uint64_t data_bytes, const std::string& file) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  uint64_t position = 0;
  for (const Entry& entry : entries) {
    const std::string where = fmt::format("{}: tensor {}", file, quote(entry.name));
    if (entry.begin < position) fail("{}: overlaps the tensor before it", where);
    if (entry.begin > position) fail("{}: {} unused bytes before it", where, entry.begin - position);
    if (entry.end > data_bytes) {
      fail("{}: ends at byte {} of {}; the file is cut short, get it again", where, entry.end, data_bytes);
    }
    position = entry.end;
  }
  if (position != data_bytes) fail("{}: {} bytes after the last tensor", file, data_bytes - position);
}

std::string_view header_of(std::string_view bytes, const std::string& file) {
  if (bytes.size() < kLengthBytes) fail("{}: {} bytes are too few for safetensors; get it again", file, bytes.size());
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kMaxHeader) fail("{}: no safetensors file (its header would have {} bytes)", file, length);
  if (length > bytes.size() - kLengthBytes) {
    fail("{}: its header has {} bytes, the file only {}; it is cut short, get it again", file, length, bytes.size());
  }
  return bytes.substr(kLengthBytes, length);
}

std::map<std::string, std::string> parse_metadata(const nlohmann::json& json, const std::string& file) {
  try {
    return json.get<std::map<std::string, std::string>>();
  } catch (const nlohmann::json::exception&) {
    fail("{}: {} must map strings to strings", file, kMetadataKey);
  }
}

std::string_view dtype_name(const NamedTensor& tensor, const std::string& file) {
  for (const DtypeRow& row : kDtypes) {
    if (row.dtype == tensor.value.scalar_type()) return row.name;
  }
  fail("{}: tensor {} has dtype {}, which safetensors cannot hold", file, quote(tensor.name),
       c10::toString(tensor.value.scalar_type()));
}

/// Padded with spaces so that the data starts at a multiple of 8 bytes.
std::string make_header(const ParameterList& tensors, const std::map<std::string, std::string>& metadata,
                        const std::string& file) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  uint64_t begin = 0;
  for (const NamedTensor& tensor : tensors) {
    if (header.contains(tensor.name) || tensor.name == kMetadataKey) {
      fail("{}: cannot hold two tensors named {}", file, quote(tensor.name));
    }
    const uint64_t end = begin + tensor.value.nbytes();
    header[tensor.name] = {
        {"dtype", dtype_name(tensor, file)}, {"shape", tensor.value.sizes().vec()}, {"data_offsets", {begin, end}}};
    begin = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    fail("{}: names and metadata must be UTF-8", file);
  }
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
  return text;
}

}  // namespace

TensorFile read_safetensors(const std::filesystem::path& path) {
  const std::string file = path.string();
  const auto mapping = MappedFile::open(path);
  const std::string_view header = header_of(mapping->bytes(), file);
  const size_t data = kLengthBytes + header.size();
  const nlohmann::json json = parse_json(header, file + ": header");
  if (!json.is_object()) fail("{}: header is no JSON object", file);

  TensorFile result;
  std::vector<Entry> entries;
  for (const auto& [name, value] : json.items()) {
    if (name == kMetadataKey) {
      result.metadata = parse_metadata(value, file);
    } else {
      entries.push_back(parse_entry(name, value, fmt::format("{}: tensor {}", file, quote(name))));
    }
  }
  check_layout(entries, mapping->bytes().size() - data, file);
  for (const Entry& entry : entries) {
    const at::Storage storage =
        mapping->storage(data + entry.begin, entry.end - entry.begin, c10::elementSize(entry.dtype));
    result.tensors.push_back({entry.name, tensor_over(storage, entry.dtype, 0, entry.shape)});
  }
  return result;
}

void write_safetensors(const std::filesystem::path& path, const ParameterList& tensors,
                       const std::map<std::string, std::string>& metadata) {
  // Wide items first, as the reference implementation does, so that every tensor is aligned.
  ParameterList sorted = tensors;
  std::stable_sort(sorted.begin(), sorted.end(), [](const NamedTensor& a, const NamedTensor& b) {
    return a.value.element_size() > b.value.element_size();
  });
  const std::string header = make_header(sorted, metadata, path.string());
  write_file(path, [&](std::ostream& out) {
    const uint64_t length = header.size();
    out.write(reinterpret_cast<const char*>(&length), kLengthBytes);
    out << header;
    for (const NamedTensor& tensor : sorted) {
      const Tensor dense = tensor.value.detach().to(at::kCPU).contiguous();
      out.write(static_cast<const char*>(dense.data_ptr()), static_cast<std::streamsize>(dense.nbytes()));
    }
  });
}

}  // namespace sure
