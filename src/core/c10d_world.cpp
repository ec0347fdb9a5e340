// c10d's Gloo on the processors and, where torch and this program were built with it, NCCL between GPUs. Without NCCL
// tensors of a GPU go through the processor's memory, which an adapter's gradients, being small, can afford.

#include <c10/util/Flags.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "core/error.h"
#include "core/world.h"

#ifdef USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#ifdef USE_C10D_GLOO
C10_DECLARE_int(caffe2_log_level);
#endif

namespace sure {

#ifdef USE_C10D_GLOO

namespace {

constexpr std::chrono::hours kPatience{24};      // one process may cluster a corpus; that it is gone is known at once
constexpr std::chrono::minutes kRendezvous{10};  // until all processes have started
constexpr int kErrors = 2;                       // c10's level
constexpr const char* kFailures = "failures";    // in the store, how many processes wanted to say why the run ends

c10::intrusive_ptr<c10d::Store> connect(const WorldAddress& address) {
  c10d::TCPStoreOptions options;
  options.port = address.port;
  options.isServer = !address.has_agent && address.rank == 0;
  options.waitWorkers = false;
  options.timeout = kRendezvous;
  const auto store = c10::make_intrusive<c10d::TCPStore>(address.host, options);
  return c10::make_intrusive<c10d::PrefixStore>("sure" + address.restart, store);
}

bool is_here(const std::string& host) { return host == "localhost" || host.starts_with("127."); }

std::shared_ptr<gloo::transport::Device> network_device(const std::string& host) {
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  if (interface != nullptr) return c10d::ProcessGroupGloo::createDeviceForInterface(interface);
  return is_here(host) ? c10d::ProcessGroupGloo::createDeviceForHostname(host)
                       : c10d::ProcessGroupGloo::createDefaultDevice();
}

std::string first_line(const char* text) {
  const std::string all = text;
  return all.substr(0, all.find('\n'));
}

/// Null without NCCL.
c10::intrusive_ptr<c10d::Backend> group_of_gpus([[maybe_unused]] const c10::intrusive_ptr<c10d::Store>& store,
                                                [[maybe_unused]] const WorldAddress& address) {
#ifdef USE_C10D_NCCL
  const auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = kPatience;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(c10::make_intrusive<c10d::PrefixStore>("gpus", store),
                                                     static_cast<int>(address.rank), static_cast<int>(address.size),
                                                     options);
#else
  return {};
#endif
}

class C10dWorld : public World {
 public:
  explicit C10dWorld(const WorldAddress& address) : address_(address) {
    FLAGS_caffe2_log_level = std::max(FLAGS_caffe2_log_level, kErrors);  // what c10d warns of, we say in one line
    try {
      store_ = connect(address);
      auto options = c10d::ProcessGroupGloo::Options::create(kRendezvous);
      options->devices.push_back(network_device(address.host));
      group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store_, static_cast<int>(address.rank),
                                                           static_cast<int>(address.size), options);
      group_->setTimeout(kPatience);
    } catch (const std::exception& error) {
      fail("process {} of {} does not find the others at MASTER_ADDR {}, MASTER_PORT {} ({})", address.rank,
           address.size, address.host, address.port, first_line(error.what()));
    }
  }

  int64_t rank() const override { return address_.rank; }
  int64_t size() const override { return address_.size; }

  void all_reduce(Tensor& values) override {
    run(values, [](c10d::Backend& group, std::vector<Tensor>& tensors) { return group.allreduce(tensors); });
  }

  void broadcast(Tensor& values) override {
    run(values, [](c10d::Backend& group, std::vector<Tensor>& tensors) { return group.broadcast(tensors); });
  }

  void barrier() override {
    guarded([&] { group_->barrier()->wait(kPatience); });
  }

  bool claim_failure() override {
    const std::scoped_lock lock(claiming_);
    if (!claimed_) claimed_ = is_first();
    return *claimed_;
  }

 private:
  /// Where the values are, or on the processor.
  template <class Collective>
  void run(Tensor& values, Collective&& collective) {
    guarded([&] {
      if (!values.is_cpu() && !gpus_) gpus_ = group_of_gpus(store_, address_);
      const bool between_gpus = !values.is_cpu() && gpus_;
      std::vector<Tensor> tensors = {between_gpus ? values : values.cpu()};
      collective(between_gpus ? *gpus_ : *group_, tensors)->wait(kPatience);
      if (!between_gpus && !values.is_cpu()) values.copy_(tensors.front());
    });
  }

  template <class Work>
  void guarded(Work&& work) {
    try {
      work();
    } catch (const std::exception&) {
      if (!claim_failure()) throw OtherRankFailed();
      fail("rank {}: another of the run's {} processes has ended; the same command with --resume latest goes on",
           address_.rank, address_.size);
    }
  }

  bool is_first() {
    try {
      return store_->add(kFailures, 1) == 1;
    } catch (const std::exception&) {
      return true;  // who keeps the store is gone
    }
  }

  const WorldAddress address_;
  c10::intrusive_ptr<c10d::Store> store_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
  c10::intrusive_ptr<c10d::Backend> gpus_;  // may be null
  std::mutex claiming_;
  std::optional<bool> claimed_;
};

}  // namespace

std::unique_ptr<World> join_world(const WorldAddress& address) {
  if (address.size == 1) return std::make_unique<World>();
  return std::make_unique<C10dWorld>(address);
}

#else

std::unique_ptr<World> join_world(const WorldAddress& address) {
  if (address.size == 1) return std::make_unique<World>();
  fail_usage(
      "WORLD_SIZE is {}, but this program was built without Gloo and runs as one process: install libgloo-dev, "
      "build again",
      address.size);
}

#endif

}  // namespace sure
