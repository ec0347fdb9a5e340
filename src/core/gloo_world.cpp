// c10d's Gloo on the processors. Tensors of a GPU go through the processor's memory: an adapter's gradients are small.

#include "core/error.h"
#include "core/world.h"

#ifdef USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

namespace sure {

#ifdef USE_C10D_GLOO

namespace {

constexpr std::chrono::minutes kPatience{30};    // one process may decode a corpus while the others wait
constexpr std::chrono::minutes kRendezvous{10};  // until all processes have started
constexpr const char* kFailure = "failure";

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

class GlooWorld : public World {
 public:
  explicit GlooWorld(const WorldAddress& address) : rank_(address.rank), size_(address.size) {
    try {
      store_ = connect(address);
      auto options = c10d::ProcessGroupGloo::Options::create(kRendezvous);
      options->devices.push_back(network_device(address.host));
      group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store_, static_cast<int>(rank_), static_cast<int>(size_),
                                                           options);
      group_->setTimeout(kPatience);
    } catch (const std::exception& error) {
      fail("process {} of {} does not find the others at MASTER_ADDR {}, MASTER_PORT {} ({})", rank_, size_,
           address.host, address.port, first_line(error.what()));
    }
  }

  int64_t rank() const override { return rank_; }
  int64_t size() const override { return size_; }

  void all_reduce(Tensor& values) override {
    on_processor(values, [&](std::vector<Tensor>& tensors) { return group_->allreduce(tensors); });
  }

  void broadcast(Tensor& values) override {
    on_processor(values, [&](std::vector<Tensor>& tensors) { return group_->broadcast(tensors); });
  }

  void barrier() override {
    guarded([&] { group_->barrier()->wait(kPatience); });
  }

  void announce_failure() override {
    try {
      store_->set(kFailure, std::vector<uint8_t>{1});
    } catch (const std::exception&) {
      return;  // who keeps the store is gone
    }
  }

 private:
  template <class Collective>
  void on_processor(Tensor& values, Collective&& collective) {
    guarded([&] {
      std::vector<Tensor> tensors = {values.cpu()};
      collective(tensors)->wait(kPatience);
      if (!values.is_cpu()) values.copy_(tensors.front());
    });
  }

  template <class Work>
  void guarded(Work&& work) {
    try {
      work();
    } catch (const std::exception&) {
      if (is_told()) throw OtherRankFailed();
      fail("another of the run's {} processes has ended; the same command with --resume latest goes on", size_);
    }
  }

  /// Whether another process has announced its failure, or is about to tell that somebody is gone.
  bool is_told() {
    try {
      return store_->add(kFailure + std::string("s"), 1) > 1 || store_->check({kFailure});
    } catch (const std::exception&) {
      return false;
    }
  }

  int64_t rank_;
  int64_t size_;
  c10::intrusive_ptr<c10d::Store> store_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

}  // namespace

std::unique_ptr<World> join_world(const WorldAddress& address) {
  if (address.size == 1) return std::make_unique<World>();
  return std::make_unique<GlooWorld>(address);
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
