// Small backbones of every published shape, written as Hugging Face folders with seeded random weights.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "backbone/backbone.h"
#include "core/atomic_file.h"
#include "core/rng.h"
#include "formats/safetensors.h"
#include "tests/support/files.h"

namespace sure::test {

struct TinyShape {
  std::string name;
  nlohmann::json config;       // what differs from the common part
  bool return_attention_mask;  // as published: with layer-norm front-ends
};

/// 20 samples a frame.
inline const std::vector<TinyShape>& tiny_shapes() {
  static const std::vector<TinyShape> shapes = {
      {"wav2vec2_base", {{"model_type", "wav2vec2"}}, false},
      {"wav2vec2_large",
       {{"model_type", "wav2vec2"},
        {"feat_extract_norm", "layer"},
        {"do_stable_layer_norm", true},
        {"conv_bias", true}},
       true},
      {"wav2vec2_mms",
       {{"model_type", "wav2vec2"},
        {"feat_extract_norm", "layer"},
        {"do_stable_layer_norm", true},
        {"conv_bias", true},
        {"adapter_attn_dim", 12}},
       true},
      {"hubert_base", {{"model_type", "hubert"}}, false},
      {"hubert_no_projection_norm", {{"model_type", "hubert"}, {"feat_proj_layer_norm", false}}, false},
      {"hubert_batch_norm", {{"model_type", "hubert"}, {"conv_pos_batch_norm", true}}, false},
      {"wavlm_base", {{"model_type", "wavlm"}, {"num_buckets", 32}, {"max_bucket_distance", 24}}, false},
      {"data2vec",
       {{"model_type", "data2vec-audio"}, {"num_conv_pos_embeddings", 2}, {"conv_pos_kernel_size", 5}},
       true},
  };
  return shapes;
}

inline const TinyShape& tiny_shape(const std::string& name) {
  for (const TinyShape& shape : tiny_shapes()) {
    if (shape.name == name) return shape;
  }
  throw std::runtime_error("no tiny shape " + name);
}

/// Seeded values away from every trivial start: biases and norms get noise too, variances stay positive.
class NoisySource : public ParameterSource {
 public:
  explicit NoisySource(uint64_t seed) : seed_(seed), start_(seeded_source(seed)) {}

  Tensor get(const std::string& name, at::IntArrayRef shape, const Init& init) override {
    Tensor value = start_->get(name, shape, init);
    const Tensor noise = torch::empty(shape).uniform_(-0.2, 0.2, make_generator(mix_seed(seed_ + 1, name)));
    return value.add_(noise);
  }
  bool has(const std::string& name) const override { return start_->has(name); }

 private:
  uint64_t seed_;
  std::unique_ptr<ParameterSource> start_;
};

inline nlohmann::json tiny_config(const TinyShape& shape) {
  nlohmann::json config = {
      {"hidden_size", 32},          {"num_hidden_layers", 2},       {"num_attention_heads", 4},
      {"intermediate_size", 48},    {"conv_dim", {16, 16, 16}},     {"conv_kernel", {10, 3, 2}},
      {"conv_stride", {5, 2, 2}},   {"num_conv_pos_embeddings", 8}, {"num_conv_pos_embedding_groups", 4},
      {"classifier_proj_size", 16}, {"mask_time_prob", 0.05}};
  config.update(shape.config);
  return config;
}

/// config.json, preprocessor_config.json and model.safetensors of this shape.
inline void write_tiny_model(const TinyShape& shape, const std::filesystem::path& folder, uint64_t seed = 7) {
  const nlohmann::json json = tiny_config(shape);
  const BackboneConfig config = parse_backbone_config(json, shape.name);
  NoisySource source(seed);
  ParameterList tensors = build_backbone(config, source)->parameters();
  for (NamedTensor& tensor : tensors) tensor.name = kind_of(config).prefix + "." + tensor.name;
  write_safetensors(folder / "model.safetensors", tensors);
  write_file(folder / "config.json", json.dump());
  const nlohmann::json preprocessor = {{"do_normalize", true}, {"return_attention_mask", shape.return_attention_mask}};
  write_file(folder / "preprocessor_config.json", preprocessor.dump());
}

/// A folder with this shape, written once in the life of the test program.
inline std::string tiny_model(const std::string& name) {
  static std::map<std::string, std::unique_ptr<TemporaryFolder>> folders;
  std::unique_ptr<TemporaryFolder>& folder = folders[name];
  if (!folder) {
    folder = std::make_unique<TemporaryFolder>();
    write_tiny_model(tiny_shape(name), folder->path());
  }
  return folder->path().string();
}

}  // namespace sure::test
