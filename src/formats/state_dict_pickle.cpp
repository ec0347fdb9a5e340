#include "formats/state_dict_pickle.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "core/error.h"
#include "core/strict_json.h"
#include "formats/mapped_file.h"

namespace sure {

namespace {

constexpr int kMaxDepth = 8;

struct None {};
enum class Function { ordered_dict, rebuild_tensor, rebuild_parameter };
struct StorageType {
  at::ScalarType dtype;
};
struct TypedStorage {
  at::Storage storage;
  at::ScalarType dtype;
};
struct Tuple;

/// Tensors by name. Other values (torch.save's _metadata) leave an undefined tensor: nothing nests, nothing can loop.
using Dict = ParameterList;
using Text = std::shared_ptr<const std::string>;
using TuplePtr = std::shared_ptr<const Tuple>;
using DictPtr = std::shared_ptr<Dict>;
using Value = std::variant<None, bool, int64_t, Text, Function, StorageType, TypedStorage, Tensor, TuplePtr, DictPtr>;

struct Tuple {
  std::vector<Value> items;
  int depth = 1;
};

using Global = std::variant<Function, StorageType>;

const std::map<std::string, Global, std::less<>>& allowed_globals() {
  static const std::map<std::string, Global, std::less<>> table = {
      {"collections.OrderedDict", Function::ordered_dict},
      {"torch._utils._rebuild_tensor_v2", Function::rebuild_tensor},
      {"torch._utils._rebuild_parameter", Function::rebuild_parameter},
      {"torch.DoubleStorage", StorageType{at::kDouble}},
      {"torch.FloatStorage", StorageType{at::kFloat}},
      {"torch.HalfStorage", StorageType{at::kHalf}},
      {"torch.BFloat16Storage", StorageType{at::kBFloat16}},
      {"torch.LongStorage", StorageType{at::kLong}},
      {"torch.IntStorage", StorageType{at::kInt}},
      {"torch.ShortStorage", StorageType{at::kShort}},
      {"torch.CharStorage", StorageType{at::kChar}},
      {"torch.ByteStorage", StorageType{at::kByte}},
      {"torch.BoolStorage", StorageType{at::kBool}},
  };
  return table;
}

class Machine {
 public:
  Machine(std::string_view bytes, const std::string& origin, const StorageSource& storage, const std::string& entry)
      : bytes_(bytes), origin_(origin), storage_(storage), entry_(entry) {}

  /// The last dictionary that was put into another under the name of the entry; null for none.
  const DictPtr& entry() const { return found_; }

  Value run() {
    while (step(read<uint8_t>())) {
    }
    Value result = pop();
    if (!stack_.empty() || !marks_.empty()) damaged("it ends with values left over");
    return result;
  }

 private:
  [[noreturn]] void damaged(std::string_view what) const {
    fail("{}: damaged or forged pickle at byte {}: {}", origin_, position_, what);
  }

  /// False at the end of the program.
  bool step(uint8_t opcode) {
    switch (opcode) {
      case 0x80:
        read<uint8_t>();
        break;  // PROTO
      case '.':
        return false;  // STOP
      case '(':
        marks_.push_back(stack_.size());
        break;
      case 'N':
        push(None{});
        break;
      case 0x88:
        push(true);
        break;
      case 0x89:
        push(false);
        break;
      case 'K':
        push(int64_t{read<uint8_t>()});
        break;
      case 'M':
        push(int64_t{read<uint16_t>()});
        break;
      case 'J':
        push(int64_t{read<int32_t>()});
        break;
      case 0x8a:
        push(read_long());
        break;
      case 'X':
        push(std::make_shared<const std::string>(take(read<uint32_t>())));
        break;
      case 'c':
        push_global();
        break;
      case ')':
        push_tuple({});
        break;
      case 0x85:
        push_tuple(pop_some(1));
        break;
      case 0x86:
        push_tuple(pop_some(2));
        break;
      case 0x87:
        push_tuple(pop_some(3));
        break;
      case 't':
        push_tuple(pop_to_mark());
        break;
      case '}':
        push(std::make_shared<Dict>());
        break;
      case 's':
        set_items(pop_some(2));
        break;
      case 'u':
        set_items(pop_to_mark());
        break;
      case 'b':
        set_state();
        break;
      case 'R':
        call();
        break;
      case 'Q':
        push_storage();
        break;
      case 'q':
        memo_[read<uint8_t>()] = top();
        break;
      case 'r':
        memo_[read<uint32_t>()] = top();
        break;
      case 'h':
        push(remembered(read<uint8_t>()));
        break;
      case 'j':
        push(remembered(read<uint32_t>()));
        break;
      default:
        fail(
            "{}: holds more than tensors (pickle opcode 0x{:02x} at byte {}); save it by "
            "torch.save(model.state_dict(), …)",
            origin_, opcode, position_ - 1);
    }
    return true;
  }

  std::string_view take(size_t count) {
    if (count > bytes_.size() - position_) damaged("it is cut short");
    position_ += count;
    return bytes_.substr(position_ - count, count);
  }

  template <class T>
  T read() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }

  int64_t read_long() {
    const std::string_view digits = take(read<uint8_t>());
    if (digits.size() > sizeof(int64_t)) damaged("an integer is too large");
    int64_t value = !digits.empty() && (digits.back() & 0x80) != 0 ? -1 : 0;
    std::memcpy(&value, digits.data(), digits.size());
    return value;
  }

  std::string_view read_line() {
    const size_t end = bytes_.find('\n', position_);
    if (end == std::string_view::npos) damaged("it is cut short");
    const std::string_view line = take(end - position_);
    ++position_;
    return line;
  }

  void push(Value value) { stack_.push_back(std::move(value)); }

  Value& top() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) damaged("its stack is empty");
    return stack_.back();
  }

  Value pop() {
    Value value = std::move(top());
    stack_.pop_back();
    return value;
  }

  std::vector<Value> pop_some(size_t count) {
    if (stack_.size() - (marks_.empty() ? 0 : marks_.back()) < count) damaged("its stack is empty");
    return pop_from(stack_.size() - count);
  }

  std::vector<Value> pop_to_mark() {
    if (marks_.empty()) damaged("a mark is missing");
    const size_t first = marks_.back();
    marks_.pop_back();
    return pop_from(first);
  }

  std::vector<Value> pop_from(size_t first) {
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(first);
    std::vector<Value> values(std::make_move_iterator(begin), std::make_move_iterator(stack_.end()));
    stack_.erase(begin, stack_.end());
    return values;
  }

  template <class T>
  const T& as(const Value& value, std::string_view expected) const {
    if (const T* typed = std::get_if<T>(&value)) return *typed;
    damaged(fmt::format("expected {}", expected));
  }

  const Value& remembered(uint32_t index) const {
    const auto entry = memo_.find(index);
    if (entry == memo_.end()) damaged(fmt::format("memo {} was never set", index));
    return entry->second;
  }

  void push_tuple(std::vector<Value> items) {
    int depth = 1;
    for (const Value& item : items) {
      if (const auto* inner = std::get_if<TuplePtr>(&item)) depth = std::max(depth, (*inner)->depth + 1);
    }
    if (depth > kMaxDepth) damaged("its tuples are nested too deep");
    push(std::make_shared<const Tuple>(Tuple{std::move(items), depth}));
  }

  void push_global() {
    const std::string_view module = read_line();
    const std::string name = fmt::format("{}.{}", module, read_line());
    const auto entry = allowed_globals().find(name);
    if (entry == allowed_globals().end()) {
      fail("{}: refers to {}, which a file of weights has no need of; nothing was run, do not trust this file", origin_,
           quote(name));
    }
    std::visit([this](const auto& global) { push(global); }, entry->second);
  }

  void set_items(const std::vector<Value>& items) {
    Dict& dict = *as<DictPtr>(top(), "a dictionary");
    if (items.size() % 2 != 0) damaged("a key has no value");
    for (size_t i = 0; i < items.size(); i += 2) {
      const Tensor* tensor = std::get_if<Tensor>(&items[i + 1]);
      const std::string& name = *as<Text>(items[i], "a name");
      dict.push_back({name, tensor ? *tensor : Tensor()});
      const DictPtr* inner = std::get_if<DictPtr>(&items[i + 1]);
      if (inner != nullptr && !entry_.empty() && name == entry_) found_ = *inner;
    }
  }

  /// The attributes of an OrderedDict (_metadata: versions of modules) mean nothing here.
  void set_state() {
    pop();
    as<DictPtr>(top(), "a dictionary");
  }

  void call() {
    const Value arguments = pop();
    const std::vector<Value>& items = as<TuplePtr>(arguments, "arguments")->items;
    switch (as<Function>(pop(), "a function")) {
      case Function::ordered_dict:
        if (!items.empty()) damaged("an OrderedDict has arguments");
        return push(std::make_shared<Dict>());
      case Function::rebuild_tensor:
        return push(rebuild_tensor(items));
      case Function::rebuild_parameter:
        if (items.empty()) damaged("a parameter has no tensor");
        return push(as<Tensor>(items[0], "a tensor"));
    }
  }

  /// ("storage", type, key, device, number of items)
  void push_storage() {
    const Value id = pop();
    const std::vector<Value>& items = as<TuplePtr>(id, "a storage's id")->items;
    if (items.size() != 5) damaged("a storage's id has not 5 parts");
    const at::ScalarType dtype = as<StorageType>(items[1], "a storage's type").dtype;
    int64_t nbytes = 0;
    if (__builtin_mul_overflow(as<int64_t>(items[4], "a size"), static_cast<int64_t>(c10::elementSize(dtype)),
                               &nbytes) ||
        nbytes < 0) {
      damaged("a storage has an impossible size");
    }
    push(TypedStorage{storage_(*as<Text>(items[2], "a storage's key"), nbytes), dtype});
  }

  std::vector<int64_t> sizes(const Value& value) const {
    std::vector<int64_t> sizes;
    for (const Value& item : as<TuplePtr>(value, "sizes")->items) {
      sizes.push_back(as<int64_t>(item, "a size"));
      if (sizes.back() < 0) damaged("a size is negative");
    }
    return sizes;
  }

  /// (storage, offset, shape, strides, requires_grad, hooks, …)
  Tensor rebuild_tensor(const std::vector<Value>& items) const {
    if (items.size() < 4) damaged("a tensor has not 4 parts");
    const auto& [storage, dtype] = as<TypedStorage>(items[0], "a storage");
    const int64_t offset = as<int64_t>(items[1], "an offset");
    const std::vector<int64_t> shape = sizes(items[2]);
    const std::vector<int64_t> strides = sizes(items[3]);
    check_view(storage.nbytes() / c10::elementSize(dtype), offset, shape, strides);
    return tensor_over(storage, dtype, offset, shape, strides);
  }

  /// Neither past the storage nor, by strides of 0, more items than it has.
  void check_view(size_t available, int64_t offset, const std::vector<int64_t>& shape,
                  const std::vector<int64_t>& strides) const {
    if (shape.size() != strides.size()) damaged("a tensor has not as many strides as dimensions");
    const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
    int64_t count = 1;
    int64_t last = offset;
    bool overflow = offset < 0;
    for (size_t i = 0; i < shape.size(); ++i) {
      int64_t reach = 0;
      const int64_t size = std::max<int64_t>(shape[i], 1);
      overflow |= __builtin_mul_overflow(count, size, &count);
      overflow |= __builtin_mul_overflow(size - 1, strides[i], &reach);
      overflow |= __builtin_add_overflow(last, reach, &last);
    }
    const auto limit = static_cast<int64_t>(available);
    if (overflow || (empty ? offset > limit : last >= limit || count > limit))
      damaged("a tensor reaches past its storage");
  }

  std::string_view bytes_;
  const std::string& origin_;
  const StorageSource& storage_;
  const std::string& entry_;
  DictPtr found_;
  size_t position_ = 0;
  std::vector<Value> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint32_t, Value> memo_;
};

}  // namespace

ParameterList read_state_dict_pickle(std::string_view pickle, const std::string& origin, const StorageSource& storage,
                                     const std::string& entry) {
  Machine machine(pickle, origin, storage, entry);
  const Value result = machine.run();
  const auto* dict = machine.entry() ? &machine.entry() : std::get_if<DictPtr>(&result);
  if (dict == nullptr) fail("{}: holds no dictionary of tensors; save it by torch.save(model.state_dict(), …)", origin);
  std::set<std::string_view> seen;
  for (const NamedTensor& tensor : **dict) {
    if (!tensor.value.defined())
      fail("{}: the value of {} is no tensor; save only the state dict", origin, quote(tensor.name));
    if (!seen.insert(tensor.name).second) fail("{}: tensor {} stands twice", origin, quote(tensor.name));
  }
  return **dict;
}

}  // namespace sure
