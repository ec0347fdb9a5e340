#include "formats/safetensors.h"

#include <gmock/gmock.h>

#include <cstring>
#include <fstream>

#include "core/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure::test {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

/// Header and data as they are, with the right length in front.
void write_raw(const fs::path& path, const std::string& header, size_t data_bytes) {
  const uint64_t length = header.size();
  std::string text(sizeof(length), '\0');
  std::memcpy(text.data(), &length, sizeof(length));
  write_file(path, text + header + std::string(data_bytes, '\1'));
}

void expect_equal(const Tensor& read, const Tensor& written) {
  EXPECT_EQ(read.scalar_type(), written.scalar_type());
  EXPECT_EQ(read.sizes(), written.sizes());
  EXPECT_TRUE(at::equal(read, written));
}

TEST(Safetensors, ReturnsEveryDtypeAndShapeAsWritten) {
  const TemporaryFolder folder;
  ParameterList written;
  for (const auto dtype : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort,
                           at::kChar, at::kByte, at::kBool}) {
    written.push_back({c10::toString(dtype), at::arange(3, at::kFloat).to(dtype)});
  }
  written.push_back({"scalar", at::scalar_tensor(7.5)});
  written.push_back({"empty", at::empty({0, 3})});
  written.push_back({"transposed", at::arange(6, at::kFloat).reshape({2, 3}).t()});
  written.push_back({"name with \"quotes\" and ü", at::ones({2, 2})});
  write_safetensors(folder / "w", written, {{"format", "pt"}, {"labels", "ja\nnein"}});

  const TensorFile file = read_safetensors(folder / "w");
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{{"format", "pt"}, {"labels", "ja\nnein"}}));
  ASSERT_EQ(file.tensors.size(), written.size());
  for (const NamedTensor& tensor : written) {
    SCOPED_TRACE(tensor.name);
    const auto same = [&](const NamedTensor& t) { return t.name == tensor.name; };
    const auto found = std::find_if(file.tensors.begin(), file.tensors.end(), same);
    ASSERT_NE(found, file.tensors.end());
    expect_equal(found->value, tensor.value);
  }
}

TEST(Safetensors, DataStartsAtEightBytesAndKeepsTheGivenOrder) {
  const TemporaryFolder folder;
  write_safetensors(folder / "w", {{"z", at::ones({1})}, {"a", at::ones({1})}, {"m", at::ones({1})}});
  uint64_t length = 0;
  std::memcpy(&length, read_file(folder / "w").data(), sizeof(length));
  EXPECT_EQ(length % 8, 0U);
  std::vector<std::string> names;
  for (const NamedTensor& tensor : read_safetensors(folder / "w").tensors) names.push_back(tensor.name);
  EXPECT_EQ(names, (std::vector<std::string>{"z", "a", "m"}));
}

TEST(Safetensors, SharesTheMappingAndOutlivesTheFile) {
  const TemporaryFolder folder;
  write_safetensors(folder / "w", {{"a", at::ones({4})}, {"b", at::full({4}, 2.0)}});
  const ParameterList tensors = read_safetensors(folder / "w").tensors;
  const auto* a = static_cast<const float*>(tensors[0].value.data_ptr());
  EXPECT_EQ(a + 4, tensors[1].value.data_ptr()) << "the tensors do not lie side by side as in the file";
  write_safetensors(folder / "w", {{"a", at::zeros({4})}});
  fs::remove(folder / "w");
  EXPECT_EQ(tensors[1].value.sum().item<float>(), 8);
}

TEST(Safetensors, ReadsUnalignedData) {
  const TemporaryFolder folder;
  write_raw(folder / "w",
            R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
            R"("b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})",
            5);
  const Tensor b = read_safetensors(folder / "w").tensors[1].value;
  EXPECT_EQ(reinterpret_cast<uintptr_t>(b.data_ptr()) % alignof(float), 0U);
  EXPECT_EQ(b.view(at::kInt).item<int>(), 0x01010101);
}

struct Forged {
  const char* what;
  const char* header;
  size_t data_bytes;
  const char* message;
};

void PrintTo(const Forged& forged, std::ostream* out) { *out << forged.what; }

class ForgedHeader : public testing::TestWithParam<Forged> {};

TEST_P(ForgedHeader, IsRefusedNamingFileAndKey) {
  const TemporaryFolder folder;
  write_raw(folder / "w", GetParam().header, GetParam().data_bytes);
  const std::string message = message_of([&] { read_safetensors(folder / "w"); });
  EXPECT_THAT(message, HasSubstr((folder / "w").string()));
  EXPECT_THAT(message, HasSubstr(GetParam().message));
}

constexpr Forged kForged[] = {
    {"no_json", "{\"a\":", 0, "not valid JSON"},
    {"a_list", "[]", 0, "no JSON object"},
    {"trailing_text", "{} {}", 0, "not valid JSON"},
    {"invalid_utf8", "{\"\xff\":1}", 0, "not valid JSON"},
    {"huge_number", R"({"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}})", 4, "not valid JSON"},
    {"deep", "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 0, "nested deeper"},
    {"twice",
     R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2,
     "\"a\" stands twice"},
    {"no_entry", R"({"a":3})", 0, "tensor \"a\": the header gives no dtype"},
    {"no_shape", R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4, "tensor \"a\": the header gives no shape"},
    {"no_offsets", R"({"a":{"dtype":"F32","shape":[1]}})", 4, "tensor \"a\": the header gives no data_offsets"},
    {"unknown_dtype", R"({"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}})", 4, "dtype \"F8_E4M3\""},
    {"number_as_dtype", R"({"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}})", 4, "dtype \"32\""},
    {"negative_size", R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "tensor \"a\": shape"},
    {"real_size", R"({"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", 4, "tensor \"a\": shape"},
    {"too_large", R"({"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}})", 4,
     "tensor \"a\": shape"},
    {"product_wraps", R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0,
     "shape is too large"},
    {"wraps_beside_zero", R"({"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}})", 0,
     "shape is too large"},
    {"dtype_too_wide", R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,4]}})", 4, "hold 4 bytes"},
    {"backwards", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4, "not [begin, end]"},
    {"negative_offset", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}})", 4, "not [begin, end]"},
    {"three_offsets", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}})", 4, "not [begin, end]"},
    {"overlap",
     R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
     6, "tensor \"b\": overlaps"},
    {"same_place",
     R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
     4, "tensor \"b\": overlaps"},
    {"hole", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "tensor \"a\": 4 unused bytes"},
    {"past_the_end", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7,
     "tensor \"a\": ends at byte 8 of 7"},
    {"far_past_the_end", R"({"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}})",
     7, "cut short"},
    {"rest", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 5, "1 bytes after the last tensor"},
    {"metadata", R"({"__metadata__":{"a":1}})", 0, "must map strings to strings"},
    {"newline_in_name", R"({"a\nb":{"dtype":"F32"}})", 0, R"(tensor "a\nb")"},
};

INSTANTIATE_TEST_SUITE_P(Safetensors, ForgedHeader, testing::ValuesIn(kForged),
                         [](const auto& test) { return test.param.what; });

TEST(Safetensors, RefusesFilesThatAreNone) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& name) { return message_of([&] { read_safetensors(folder / name); }); };
  EXPECT_THAT(message("absent"), HasSubstr("no such file"));
  EXPECT_THAT(message(""), HasSubstr("this is no file"));
  write_file(folder / "empty", "");
  EXPECT_THAT(message("empty"), HasSubstr("empty"));
  write_file(folder / "short", "1234567");
  EXPECT_THAT(message("short"), HasSubstr("7 bytes are too few"));
  write_file(folder / "huge", std::string(16, '\xff'));
  EXPECT_THAT(message("huge"), HasSubstr("no safetensors file"));
  write_file(folder / "header", std::string("\x10\0\0\0\0\0\0\0{}", 10));
  EXPECT_THAT(message("header"), HasSubstr("cut short"));
  write_file(folder / "lfs", "version https://git-lfs.github.com/spec/v1\n");
  EXPECT_THAT(message("lfs"), HasSubstr("git lfs pull"));
}

TEST(Safetensors, EveryCutIsNoticed) {
  const TemporaryFolder folder;
  write_safetensors(folder / "w", {{"first", at::ones({8})}, {"last", at::ones({8})}});
  const auto message = [&] { return message_of([&] { read_safetensors(folder / "w"); }); };
  uintmax_t size = fs::file_size(folder / "w") - 1;
  fs::resize_file(folder / "w", size);
  EXPECT_THAT(message(), HasSubstr("tensor \"last\""));
  while (--size >= 8) {
    fs::resize_file(folder / "w", size);
    EXPECT_THAT(message(), HasSubstr("cut short")) << size;
  }
}

TEST(Safetensors, RefusesToWriteWhatItCouldNotRead) {
  const TemporaryFolder folder;
  const auto message = [&](const ParameterList& tensors, const std::map<std::string, std::string>& metadata = {}) {
    return message_of([&] { write_safetensors(folder / "w", tensors, metadata); });
  };
  EXPECT_THAT(message({{"a", at::ones({1})}, {"a", at::ones({1})}}), HasSubstr("two tensors named \"a\""));
  EXPECT_THAT(message({{"__metadata__", at::ones({1})}}), HasSubstr("__metadata__"));
  EXPECT_THAT(message({{"c", at::ones({1}, at::kComplexFloat)}}), HasSubstr("tensor \"c\" has dtype"));
  EXPECT_THAT(message({}, {{"label", "\xff"}}), HasSubstr("UTF-8"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace sure::test
