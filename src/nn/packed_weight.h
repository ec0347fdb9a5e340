// What a layer makes of its frozen weights once, on first use, for the type and the device that they are wanted in.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "core/tensor.h"

namespace sure {

class PackedWeight {
 public:
  /// What `make` gives, kept for as long as the same type and device are asked for. Several threads may ask at once.
  Tensor get(at::ScalarType type, at::Device device, const std::function<Tensor()>& make) const {
    Kept& kept = *kept_;
    const std::lock_guard lock(kept.mutex);
    if (kept.value.defined() && kept.type == type && kept.device == device) return kept.value;
    kept.value = make();
    kept.type = type;
    kept.device = device;
    return kept.value;
  }

 private:
  struct Kept {
    std::mutex mutex;
    Tensor value;
    at::ScalarType type = at::kFloat;
    at::Device device = at::kCPU;
  };
  std::unique_ptr<Kept> kept_ = std::make_unique<Kept>();
};

}  // namespace sure
