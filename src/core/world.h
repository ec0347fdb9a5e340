// The processes of one run: each has a copy of the model and a share of every batch. Made from the variables that
// torchrun sets (RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT), or from srun's where the latter two are set.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "core/tensor.h"

namespace sure {

/// Another process of the run says why it ends: this one ends without a word.
class OtherRankFailed : public std::exception {
 public:
  const char* what() const noexcept override { return "another process of this run has failed"; }
};

/// All processes must call the same functions in the same order. Where another process has ended, they throw
/// OtherRankFailed or, when that one could not say why, Error.
class World {
 public:
  virtual ~World() = default;
  virtual int64_t rank() const { return 0; }
  virtual int64_t size() const { return 1; }

  /// Replaces `values` (contiguous, of the same shape and type everywhere) by their sum over all processes.
  virtual void all_reduce(Tensor& /*values*/) {}
  /// Replaces `values` by those of rank 0.
  virtual void broadcast(Tensor& /*values*/) {}
  /// Waits until all have come here.
  virtual void barrier() {}
  /// Whether this process is the first that has to say why the run ends: the others then end without a word. From any
  /// thread.
  virtual bool claim_failure() { return true; }

  /// Whether this process writes files and prints.
  bool leads() const { return rank() == 0; }
  /// What each process gives, by rank.
  std::vector<std::string> all_gather(const std::string& mine);
};

/// Where this program starts and whom it meets.
struct WorldAddress {
  int64_t rank = 0;
  int64_t size = 1;
  int64_t local_rank = 0;          // among those on this machine: the number of its GPU
  std::string host = "127.0.0.1";  // of the store
  uint16_t port = 29500;
  bool has_agent = false;  // the launcher keeps the store, else rank 0
  std::string restart;     // which of the launcher's tries this is
};

/// From the environment; a size of 1 without WORLD_SIZE, or MASTER_ADDR under srun. Throws a usage Error naming a
/// variable without sense.
WorldAddress world_address();

/// This process alone.
World& serial_world();

/// Waits for the others. Throws a usage Error when this program was built without Gloo, and Error when they do not
/// come.
std::unique_ptr<World> join_world(const WorldAddress& address);

/// Of items in a row, [first, first + count).
struct Share {
  int64_t first = 0;
  int64_t count = 0;
};

/// The items that fall to this process: shares differ by at most one, the first ones are the larger.
Share share_of(int64_t items, const World& world);

}  // namespace sure
