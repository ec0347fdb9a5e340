#include "tuning/prefix.h"

#include <ATen/ops/tanh.h>

#include <optional>

#include "core/batch_rows.h"
#include "nn/linear.h"

namespace sure {

namespace {

/// What all layers share: the table of keys and values.
class PrefixTable {
 public:
  PrefixTable(const Scope& scope, const TuningOptions& options, int64_t size, int64_t layers)
      : dropout_(options.prefix_dropout_prob) {
    const int64_t width = layers * 2 * size;
    embedding_ = scope.parameter("embedding", {options.prefix_seq_len, options.prefix_projection ? size : width},
                                 init::normal(1));
    if (!options.prefix_projection) return;
    const int64_t hidden = options.prefix_hidden_size > 0 ? options.prefix_hidden_size : size;
    hidden_.emplace(default_linear(scope / "hidden", size, hidden));
    output_.emplace(default_linear(scope / "output", hidden, width));
  }

  /// Columns [begin, begin + size) of the table, one copy per row of the batch, with dropout: [B, P, size].
  Tensor columns(int64_t begin, int64_t size, int64_t batch, bool training) const {
    const Tensor part = hidden_ ? projected(begin, size) : embedding_.narrow(1, begin, size);
    return dropout_of_rows(part.unsqueeze(0).expand({batch, -1, -1}), dropout_, training);
  }

 private:
  Tensor projected(int64_t begin, int64_t size) const {
    return output_->forward(at::tanh(hidden_->forward(embedding_))).narrow(1, begin, size);
  }

  Tensor embedding_;
  std::optional<Linear> hidden_;
  std::optional<Linear> output_;
  double dropout_;
};

class LayerPrefix : public AttentionPrefix {
 public:
  LayerPrefix(std::shared_ptr<const PrefixTable> table, int64_t layer, int64_t size)
      : table_(std::move(table)), layer_(layer), size_(size) {}

  std::pair<Tensor, Tensor> forward(int64_t batch, const ForwardContext& context) const override {
    const Tensor both = table_->columns(layer_ * 2 * size_, 2 * size_, batch, context.training);
    return {both.narrow(2, 0, size_), both.narrow(2, size_, size_)};
  }

 private:
  std::shared_ptr<const PrefixTable> table_;
  int64_t layer_;
  int64_t size_;
};

}  // namespace

void apply_prefix(const TuningOptions& options, TuningTarget& target) {
  const SiteList sites = sites_of(target.sites, SiteKind::kPrefix);
  const int64_t size = sites.front().out;
  const auto table =
      std::make_shared<PrefixTable>(target.scope / "prefix", options, size, static_cast<int64_t>(sites.size()));
  for (size_t i = 0; i < sites.size(); ++i) {
    target.adapters.put(sites[i], std::make_shared<LayerPrefix>(table, static_cast<int64_t>(i), size));
  }
}

}  // namespace sure
