// The shape of a model to pre-train, as flags: a HuBERT of any size.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backbone/config.h"

namespace sure {

struct ShapeOptions {
  int64_t hidden_size = 256;
  int64_t num_hidden_layers = 6;
  int64_t num_attention_heads = 4;
  int64_t intermediate_size = 1024;
  // HuBERT's frame of 400 samples every 320 by six convolutions, not seven: the first two cost the most by far.
  std::vector<int64_t> conv_dim = {128, 128, 128, 128, 256, 256};
  std::vector<int64_t> conv_kernel = {20, 3, 3, 3, 2, 2};
  std::vector<int64_t> conv_stride = {10, 2, 2, 2, 2, 2};
  bool conv_bias = false;
  std::string feat_extract_norm = "group";
  bool do_stable_layer_norm = true;
  int64_t num_conv_pos_embeddings = 64;
  int64_t num_conv_pos_embedding_groups = 16;
  // A small model in a short run underfits: none of HuBERT's dropout.
  double hidden_dropout = 0;
  double attention_dropout = 0;
  double activation_dropout = 0;
  double feat_proj_dropout = 0;
  double layerdrop = 0;
  bool do_normalize = true;
};

template <class Visitor>
void visit_options(ShapeOptions& o, Visitor&& visit) {
  visit("hidden_size", o.hidden_size, "width of the encoder");
  visit("num_hidden_layers", o.num_hidden_layers, "layers of the encoder");
  visit("num_attention_heads", o.num_attention_heads, "attention heads of a layer");
  visit("intermediate_size", o.intermediate_size, "width inside the feed-forward blocks");
  visit("conv_dim", o.conv_dim, "channels of the front-end's convolutions");
  visit("conv_kernel", o.conv_kernel, "their kernels");
  visit("conv_stride", o.conv_stride, "their strides; the product, at 16 kHz, is the frame");
  visit("conv_bias", o.conv_bias, "whether they have biases");
  visit("feat_extract_norm", o.feat_extract_norm,
        "group: a norm after the first convolution only; layer: after each, which makes clips independent of padding");
  visit("do_stable_layer_norm", o.do_stable_layer_norm, "norms before the encoder's blocks, as in large models");
  visit("num_conv_pos_embeddings", o.num_conv_pos_embeddings, "frames that the positional convolution spans");
  visit("num_conv_pos_embedding_groups", o.num_conv_pos_embedding_groups, "its groups");
  visit("hidden_dropout", o.hidden_dropout, "dropout after the blocks");
  visit("attention_dropout", o.attention_dropout, "dropout of attention weights");
  visit("activation_dropout", o.activation_dropout, "dropout inside the feed-forward blocks");
  visit("feat_proj_dropout", o.feat_proj_dropout, "dropout of the encoder's input");
  visit("layerdrop", o.layerdrop, "chance to skip a layer");
  visit("do_normalize", o.do_normalize, "bring every clip to mean 0 and variance 1");
}

/// Its `raw` is what config.json holds. Throws Error, by the flag's
/// name, for values that do not fit together, and a usage Error for lists of anything but whole numbers.
BackboneConfig hubert_config(const ShapeOptions& shape);

}  // namespace sure
