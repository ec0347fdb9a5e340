#include "tuning/bottleneck.h"

#include <ATen/ops/relu.h>

#include "nn/linear.h"
#include "tuning/placement.h"

namespace sure {

namespace {

constexpr double kInitStd = 0.02;  // BERT's

class BottleneckAdapter : public ResidualAdapter {
 public:
  BottleneckAdapter(const Scope& scope, int64_t size, int64_t inner)
      : down_(scope / "down", size, inner, init::normal(kInitStd)),
        up_(scope / "up", inner, size, init::normal(kInitStd)) {}

  Tensor forward(const Tensor& x, const ForwardContext&) const override {
    return x + up_.forward(at::relu(down_.forward(x)));
  }

 private:
  Linear down_;
  Linear up_;
};

}  // namespace

void apply_bottleneck(const TuningOptions& options, TuningTarget& target) {
  place_after_blocks(options, target, [&](const Scope& scope, int64_t size) {
    return std::make_shared<BottleneckAdapter>(scope, size, size / options.bottleneck_reduction);
  });
}

}  // namespace sure
