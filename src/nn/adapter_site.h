// The only place where backbones and tuning methods meet. A backbone owns named, optional slots; a tuning method fills
// each with one adapter, which acts on the whole batch alike.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/tensor.h"
#include "fused/linear.h"
#include "nn/parameters.h"

namespace sure {

/// How one forward pass runs; handed down to every layer.
struct Pass {
  /// Dropout and layer drop are on.
  bool training = false;
  /// bool [B, T], true = a frame of real audio. Undefined: every frame is valid.
  Tensor frame_mask;
};

/// Follows a block: [B, T, D] -> [B, T, D], its own residual included.
class ResidualAdapter {
 public:
  virtual ~ResidualAdapter() = default;
  virtual Tensor forward(const Tensor& x, const Pass& pass) const = 0;
};

/// Sits at a linear layer.
class ProjectionAdapter {
 public:
  virtual ~ProjectionAdapter() = default;
  /// Before the layer: [..., in] -> [..., in].
  virtual Tensor adapt_input(const Tensor& x) const { return x; }
  /// Behind it: its input before adapt_input, [..., in], and its output, [..., out] -> [..., out].
  virtual Tensor adapt_output(const Tensor& /*x*/, const Tensor& y) const { return y; }
  /// The same as a change of the layer's weight, fp32 [out, in], and bias [out], which may be undefined.
  virtual void merge(Tensor& weight, Tensor& bias) const = 0;
  /// The same as a product of two thin matrices, which the layer can compute along with its own; none where it is not.
  virtual std::optional<fused::LowRankUpdate> low_rank() const { return std::nullopt; }
};

/// Puts P extra keys and values before those of a self-attention.
class AttentionPrefix {
 public:
  virtual ~AttentionPrefix() = default;
  /// Keys and values, each [B, P, D]; never masked.
  virtual std::pair<Tensor, Tensor> forward(int64_t batch, const Pass& pass) const = 0;
};

/// One linear layer that can be adapted, [out, in].
struct ProjectionSite {
  int64_t in = 0;
  int64_t out = 0;
  std::shared_ptr<ProjectionAdapter>* slot = nullptr;
};

/// The slots of one transformer layer.
struct LayerSites {
  int64_t index = 0;  // of the layer, from 0
  std::shared_ptr<ResidualAdapter>* after_attention = nullptr;
  std::shared_ptr<ResidualAdapter>* after_feed_forward = nullptr;
  std::shared_ptr<AttentionPrefix>* prefix = nullptr;
  /// By the name below the layer: "attention.q_proj" … "feed_forward.output_dense".
  std::map<std::string, ProjectionSite> projections;
};

/// After one convolution of the front-end; its adapter sees [B, T, C] and a frame mask at that rate.
struct FrontEndSite {
  int64_t channels = 0;
  std::shared_ptr<ResidualAdapter>* slot = nullptr;
};

/// Every slot of a backbone. Pointers live as long as the backbone.
struct AdapterSites {
  int64_t hidden_size = 0;
  std::vector<LayerSites> layers;
  /// Linear layers before the transformer's, by their whole name.
  std::map<std::string, ProjectionSite> projections;
  std::vector<FrontEndSite> front_end;
};

/// Calls `visit(name, site)` for every linear layer: "encoder.layers.0.attention.q_proj" …,
/// "feature_projection.projection".
void each_projection(const AdapterSites& sites,
                     const std::function<void(const std::string& name, const ProjectionSite& site)>& visit);

}  // namespace sure
