#include "core/world.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>

#include "core/error.h"

namespace sure {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int64_t number(const char* name, int64_t from, int64_t to) {
  const std::string text = variable(name);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= from && value <= to) return value;
  fail_usage("the environment variable {} is '{}': expected a number from {} to {}, as torchrun sets it", name, text,
             from, to);
}

/// What a launcher calls how many processes there are, and which of them, here and on its machine, this one is.
struct Names {
  const char* size;
  const char* rank;
  const char* local_rank;
};

constexpr Names kTorchrun{"WORLD_SIZE", "RANK", "LOCAL_RANK"};
constexpr Names kSrun{"SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_LOCALID"};

/// srun also starts processes that have nothing to do with each other: only MASTER_ADDR makes them one run.
const Names& launcher() {
  const bool by_srun = variable(kTorchrun.size).empty() && !variable("MASTER_ADDR").empty();
  return by_srun ? kSrun : kTorchrun;
}

}  // namespace

std::vector<std::string> World::all_gather(const std::string& mine) {
  Tensor lengths = at::zeros({size()}, at::kLong);
  lengths[rank()] = static_cast<int64_t>(mine.size());
  all_reduce(lengths);
  Tensor bytes = at::zeros({lengths.sum().item<int64_t>()}, at::kByte);
  auto* const data = static_cast<char*>(bytes.data_ptr());
  std::copy(mine.begin(), mine.end(), data + lengths.narrow(0, 0, rank()).sum().item<int64_t>());
  if (bytes.numel() > 0) all_reduce(bytes);
  std::vector<std::string> all;
  for (int64_t i = 0, start = 0; i < size(); ++i) {
    const auto length = lengths[i].item<int64_t>();
    all.emplace_back(data + start, static_cast<size_t>(length));
    start += length;
  }
  return all;
}

WorldAddress world_address() {
  WorldAddress address;
  const Names& names = launcher();
  if (variable(names.size).empty()) return address;
  address.size = number(names.size, 1, std::numeric_limits<int>::max());
  if (address.size == 1) return address;
  address.rank = number(names.rank, 0, address.size - 1);
  if (!variable(names.local_rank).empty()) address.local_rank = number(names.local_rank, 0, address.size - 1);
  address.host = variable("MASTER_ADDR");
  if (address.host.empty()) fail_usage("WORLD_SIZE is {}, but MASTER_ADDR is not set: start by torchrun", address.size);
  address.port = static_cast<uint16_t>(number("MASTER_PORT", 1, std::numeric_limits<uint16_t>::max()));
  address.has_agent = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
  address.restart = variable("TORCHELASTIC_RESTART_COUNT");
  return address;
}

World& serial_world() {
  static World world;
  return world;
}

Share share_of(int64_t items, const World& world) {
  const int64_t each = items / world.size();
  const int64_t larger = items % world.size();
  return {world.rank() * each + std::min(world.rank(), larger), each + (world.rank() < larger ? 1 : 0)};
}

}  // namespace sure
