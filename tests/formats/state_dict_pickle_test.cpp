#include "formats/state_dict_pickle.h"

#include <gmock/gmock.h>

#include "tests/support/errors.h"

namespace sure::test {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using testing::StartsWith;

/// Storage "0" holds six floats; there is no other.
at::Storage six_floats(const std::string& key, int64_t nbytes) {
  if (key != "0" || nbytes != 24) fail("w.bin: no storage {} of {} bytes", key, nbytes);
  return at::arange(6, at::kFloat).storage();
}

ParameterList read(const std::string& program) { return read_state_dict_pickle(program, "w.bin", six_floats); }

std::string integer(int32_t value) {
  std::string bytes = "J0000";
  std::memcpy(bytes.data() + 1, &value, sizeof(value));
  return bytes;
}

std::string text(const std::string& value) { return "X"s + static_cast<char>(value.size()) + "\0\0\0"s + value; }

std::string storage(const std::string& key, int32_t items) {
  return "("s + text("storage") + "ctorch\nFloatStorage\n" + text(key) + text("cpu") + integer(items) + "tQ";
}

/// A call of _rebuild_tensor_v2; `shape` and `strides` are programs that leave a tuple.
std::string tensor(int32_t offset, const std::string& shape, const std::string& strides,
                   const std::string& over = storage("0", 6)) {
  return "ctorch._utils\n_rebuild_tensor_v2\n(" + over + integer(offset) + shape + strides + "\x89}tR";
}

std::string dict(const std::string& value) { return "\x80\x02}"s + text("w") + value + "s."; }

const std::string kSix = "K\x06\x85";
const std::string kOne = "K\x01\x85";
const std::string kZero = "K\0\x85"s;
const std::string kMinusOne = "J\xff\xff\xff\xff\x85";
const std::string kHuge = "\x8a\x08\0\0\0\0\0\0\0\x40"s;  // 2^62

TEST(StateDictPickle, ReadsTheHandMadePrograms) {
  const ParameterList tensors = read(dict(tensor(1, "K\x02K\x02\x86", "K\x01K\x02\x86")));
  ASSERT_EQ(tensors.size(), 1U);
  EXPECT_EQ(tensors[0].name, "w");
  EXPECT_TRUE(at::equal(tensors[0].value, at::tensor({1, 3, 2, 4}, at::kFloat).reshape({2, 2})));
  EXPECT_TRUE(read("\x80\x02}.").empty());
}

struct Hostile {
  const char* what;
  std::string program;
  const char* message;
};

void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.what; }

class HostilePickle : public testing::TestWithParam<Hostile> {};

TEST_P(HostilePickle, IsRefusedInOneLine) {
  const std::string message = message_of([&] { read(GetParam().program); });
  EXPECT_THAT(message, StartsWith("w.bin: "));
  EXPECT_THAT(message, HasSubstr(GetParam().message));
}

std::vector<Hostile> hostile_programs() {
  const std::string start = "\x80\x02";
  return {
      {"os_system", start + "cos\nsystem\n" + text("id") + "\x85R.", "refers to \"os.system\""},
      {"eval_as_value", dict("c__builtin__\neval\n" + text("1") + "\x85R"), "refers to \"__builtin__.eval\""},
      {"newer_protocol", "\x80\x04\x95\0\0\0\0\0\0\0\0."s, "opcode 0x95"},
      {"old_global", start + "(ios\nsystem\n.", "opcode 0x69"},
      {"list", dict("]"), "opcode 0x5d"},
      {"unset_memo", start + "h\x09.", "memo 9 was never set"},
      {"unset_long_memo", start + "j\xff\xff\xff\xff.", "memo 4294967295 was never set"},
      {"memo_of_nothing", start + "q\0."s, "stack is empty"},
      {"nothing", "", "cut short"},
      {"no_stop", start + "}", "cut short"},
      {"text_cut_short", start + "}X\xff\xff\xff\x7fw", "cut short"},
      {"global_cut_short", start + "ccollections", "cut short"},
      {"stop_without_value", start + ".", "stack is empty"},
      {"call_of_nothing", start + "R.", "stack is empty"},
      {"tuple_below_mark", start + "}(\x85.", "stack is empty"},
      {"pop_below_mark", start + "})(R.", "stack is empty"},
      {"mark_missing", start + "}u.", "mark is missing"},
      {"value_missing", start + "}(" + text("w") + "u.", "a key has no value"},
      {"deep_tuples", start + ")" + std::string(1'000'000, '\x85') + ".", "nested too deep"},
      {"two_values", start + "}}.", "values left over"},
      {"mark_left", start + "(}.", "values left over"},
      {"number_at_top", start + "K\x01.", "holds no dictionary"},
      {"number_as_key", start + "}K\x01K\x02s.", "expected a name"},
      {"items_of_a_number", start + "K\x01K\x01K\x02s.", "expected a dictionary"},
      {"state_of_a_number", start + "K\x01}b.", "expected a dictionary"},
      {"call_of_a_number", start + "K\x01)R.", "expected a function"},
      {"call_of_a_type", start + "ctorch\nFloatStorage\n)R.", "expected a function"},
      {"call_with_a_number", start + "ccollections\nOrderedDict\nK\x01R.", "expected arguments"},
      {"ordered_dict_of_something", start + "ccollections\nOrderedDict\nK\x01\x85R.", "has arguments"},
      {"tensor_of_nothing", dict("ctorch._utils\n_rebuild_tensor_v2\n)R"), "a tensor has not 4 parts"},
      {"parameter_of_nothing", dict("ctorch._utils\n_rebuild_parameter\n)R"), "a parameter has no tensor"},
      {"parameter_of_a_number", dict("ctorch._utils\n_rebuild_parameter\nK\x01\x85R"), "expected a tensor"},
      {"long_integer", start + "\x8a\x09" + std::string(9, '\1') + ".", "integer is too large"},
      {"number_as_value", dict("K\x01"), "the value of \"w\" is no tensor"},
      {"twice", start + "}(" + text("w") + tensor(0, kSix, kOne) + text("w") + tensor(0, kSix, kOne) + "u.",
       "\"w\" stands twice"},
      {"past_storage", dict(tensor(0, "K\x07\x85", kOne)), "past its storage"},
      {"offset_past_storage", dict(tensor(1, kSix, kOne)), "past its storage"},
      {"stride_past_storage", dict(tensor(0, "K\x02\x85", kSix)), "past its storage"},
      {"empty_past_storage", dict(tensor(7, kZero, kOne)), "past its storage"},
      {"negative_offset", dict(tensor(-1, kOne, kOne)), "past its storage"},
      {"negative_size", dict(tensor(0, kMinusOne, kOne)), "a size is negative"},
      {"negative_stride", dict(tensor(5, kSix, kMinusOne)), "a size is negative"},
      {"expanded", dict(tensor(0, kHuge + "\x85", kZero)), "past its storage"},
      {"product_wraps", dict(tensor(0, kHuge + kHuge + "\x86", kHuge + kHuge + "\x86")), "past its storage"},
      {"stride_missing", dict(tensor(0, kSix, ")")), "not as many strides"},
      {"storage_id_too_short", dict("ctorch._utils\n_rebuild_tensor_v2\n(" + text("storage") + "\x85Q"), "not 5 parts"},
      {"storage_of_no_type", dict("((NNNNNtQ"), "expected a storage's type"},
      {"storage_missing", dict(tensor(0, kSix, kOne, storage("../../etc/passwd", 6))), "no storage"},
      {"storage_too_large", dict(tensor(0, kSix, kOne, storage("0", 7))), "no storage"},
      {"storage_negative", dict(tensor(0, kSix, kOne, storage("0", -6))), "impossible size"},
      {"number_as_storage", dict(tensor(0, kSix, kOne, "K\x01")), "expected a storage"},
  };
}

INSTANTIATE_TEST_SUITE_P(StateDictPickle, HostilePickle, testing::ValuesIn(hostile_programs()),
                         [](const auto& test) { return test.param.what; });

TEST(StateDictPickle, NothingNestsOrLoopsInMemory) {
  EXPECT_THAT(message_of([] { read("\x80\x02}q\0"s + text("self") + "h\0s."s); }), HasSubstr("\"self\" is no tensor"));
  std::string chain = "\x80\x02}";
  for (int i = 0; i < 200'000; ++i) chain += text("x") + "}";
  chain += std::string(200'000, 's') + ".";
  EXPECT_THAT(message_of([&] { read(chain); }), HasSubstr("\"x\" is no tensor"));
}

}  // namespace
}  // namespace sure::test
