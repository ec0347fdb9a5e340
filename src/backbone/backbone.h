// What every speech backbone offers: waveform -> hidden states of every layer, and sites for adapters.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backbone/activation_cache.h"
#include "backbone/config.h"
#include "core/tensor.h"
#include "nn/adapter_set.h"
#include "nn/parameters.h"

namespace sure {

namespace fused {
struct WindowMoments;
}

/// What comes out of a backbone.
struct HiddenStates {
  /// As transformers' output_hidden_states: the encoder's input, then each layer's output; [B, T, D] each, L + 1 of
  /// them. The last one has the encoder's final layer norm behind it. Only the last is there unless all were asked for.
  std::vector<Tensor> layers;
  /// bool [B, T], true = valid frame. Undefined: all are valid.
  Tensor frame_mask;
  /// The front-end's output, [B, T, C]; undefined with a cache.
  Tensor front_end;
  /// The last layer's output without the encoder's final norm.
  Tensor without_norm = {};
};

/// SpecAugment on the projected features (Park et al. 2019), as transformers' _mask_hidden_states; training only.
struct SpecAugmentOptions {
  double mask_time_prob = 0;      // share of frames that start or lie in a masked span
  int64_t mask_time_length = 10;  // frames
  double mask_feature_prob = 0;
  int64_t mask_feature_length = 10;
};

struct BackboneInput {
  /// Normalised audio at 16 kHz, [B, S] fp32, zeros behind each clip's end.
  Tensor audio;
  /// Valid samples, int64 [B]. Undefined: no attention mask, padding counts as audio (transformers without a mask).
  Tensor lengths;
  /// With lengths: group norm also ignores the padding, so that a padded batch equals single clips.
  bool exact_padding = false;
  /// Of the recording that `audio` is a part of: group norm goes by these moments of the first convolution's windows
  /// instead of the part's own. Null: `audio` is whole clips. Not with a cache.
  const fused::WindowMoments* whole = nullptr;
  /// Return every layer's hidden states, not only the last.
  bool all_layers = false;
  /// Trade time for memory: keep only each layer's input and compute the layer again in the backward pass.
  bool gradient_checkpointing = false;
  SpecAugmentOptions spec_augment;
  /// bool [B, T], true = a frame that the encoder gets the mask embedding in place of, in evaluation too (masked
  /// prediction). Undefined: none. Not with a cache.
  Tensor time_mask;
  /// Compute dtype: kFloat or kBFloat16.
  at::ScalarType dtype = at::kFloat;
  /// The lowest layers, and all before them, run as in evaluation also in training.
  int64_t frozen_layers = 0;
  /// Where what lies below the lowest layer that trains is kept from step to step; null: it is computed each time. It
  /// must depend on the clip alone (AdaptedModel::cache_obstacle); `cache_key` must say on what else.
  ActivationCache* cache = nullptr;
  std::string cache_key;
};

class Backbone {
 public:
  virtual ~Backbone() = default;

  /// Several threads may call it at once. Throws Error when a clip is too short for one frame. `context.frame_mask` is
  /// set by the backbone itself.
  virtual HiddenStates forward(const BackboneInput& input, ForwardContext context) const = 0;

  /// Why what lies below layer `layer` cannot be kept from step to step: with these adapters something in it trains, or
  /// it is random in training. Empty: it can, where the padding does not matter (backbone/padding.h).
  virtual std::string cache_obstacle(const AdapterSet& adapters, int64_t layer) const = 0;

  /// Why two training steps run different kernels. Empty: they do not.
  virtual std::string graph_obstacle() const = 0;

  /// From now on the frozen weights of the encoder's linear layers are kept, and multiply, in 8 bits
  /// (fused/quantise.h). Needs fused::can_quantise.
  virtual void quantise() = 0;

  const BackboneConfig& config() const { return config_; }
  ParameterList& parameters() { return parameters_; }
  const ParameterList& parameters() const { return parameters_; }
  const SiteList& sites() const { return sites_; }

  /// What was built with it.
  void own(ParameterList parameters, SiteList sites);

 protected:
  BackboneConfig config_;
  ParameterList parameters_;
  SiteList sites_;
};

/// A kind of backbone: one row of the table.
struct BackboneKind {
  std::string name;  // model_type in config.json
  std::string help;
  std::string prefix;               // of its tensors below a task head, without the dot
  std::string python_class;         // what the names of transformers' classes for it begin with
  bool has_x_vector_class = false;  // transformers has …ForXVector
  /// PEFT's LoRA reaches its attention: transformers calls the linear layers there and does not read their weights.
  bool peft_reaches_attention = true;
  bool positions_hear_padding = false;  // unless the padding is exact, see sees_padding
  std::unique_ptr<Backbone> (*build)(const BackboneConfig& config, ParameterSource& source);
  /// Sets what config.json leaves open, and throws Error for values that the kind does not take; may be null.
  void (*settle)(BackboneConfig& config, const std::string& origin) = nullptr;
};

const std::vector<BackboneKind>& backbone_kinds();

/// The row of config.model_type. Throws a usage Error for an unknown type.
const BackboneKind& kind_of(const BackboneConfig& config);

/// Builds by config.model_type from any source. Throws a usage Error for an unknown type.
std::unique_ptr<Backbone> build_backbone(const BackboneConfig& config, ParameterSource& source);

/// A backbone with its identity.
struct LoadedBackbone {
  std::shared_ptr<Backbone> backbone;
  /// Hash of the tensors' names, types, shapes and bytes.
  std::string fingerprint;
  /// Tensors of the checkpoint that the backbone does not use (a CTC or classification head), by name.
  ParameterList unused;
  /// Of them, those of parts that the backbone has ("encoder", "feature_extractor"): config.json may be another
  /// model's.
  std::vector<std::string> unused_of_encoder = {};
};

/// Loads a Hugging Face folder, or builds a built-in model ("random-tiny": seeded random weights).
/// `adjust` may change the config before the layers are built (dropout rates). `language`: of an MMS folder, whose
/// adapters and CTC head take the place of the checkpoint's; empty = the checkpoint's own. Throws Error for a missing
/// folder or file, and names each missing or wrongly shaped tensor.
LoadedBackbone load_backbone(const std::string& model, const std::function<void(BackboneConfig&)>& adjust = {},
                             const std::string& language = "");

/// Only the config of the same; a folder with just a config.json is enough.
BackboneConfig load_backbone_config(const std::string& model);

/// Whether `model` is built-in with random weights (the demo says so).
bool is_random_backbone(const std::string& model);

}  // namespace sure
