#include "pretrain/model_shape.h"

#include "core/error.h"

namespace sure {

namespace {

using Json = nlohmann::json;

Json config_json(const ShapeOptions& o) {
  return {{"model_type", "hubert"},
          {"architectures", {"HubertModel"}},
          {"dtype", "float32"},  // to compute in, also where the weights are stored in 16 bits
          {"hidden_size", o.hidden_size},
          {"num_hidden_layers", o.num_hidden_layers},
          {"num_attention_heads", o.num_attention_heads},
          {"intermediate_size", o.intermediate_size},
          {"hidden_act", "gelu"},
          {"conv_dim", o.conv_dim},
          {"conv_kernel", o.conv_kernel},
          {"conv_stride", o.conv_stride},
          {"num_feat_extract_layers", o.conv_dim.size()},
          {"conv_bias", o.conv_bias},
          {"feat_extract_norm", o.feat_extract_norm},
          {"feat_extract_activation", "gelu"},
          {"do_stable_layer_norm", o.do_stable_layer_norm},
          {"num_conv_pos_embeddings", o.num_conv_pos_embeddings},
          {"num_conv_pos_embedding_groups", o.num_conv_pos_embedding_groups},
          {"hidden_dropout", o.hidden_dropout},
          {"attention_dropout", o.attention_dropout},
          {"activation_dropout", o.activation_dropout},
          {"feat_proj_dropout", o.feat_proj_dropout},
          {"layerdrop", o.layerdrop},
          {"mask_time_prob", 0.05}};
}

}  // namespace

BackboneConfig hubert_config(const ShapeOptions& shape) {
  BackboneConfig config = parse_backbone_config(config_json(shape), "the model's shape");
  config.do_normalize = shape.do_normalize;
  config.return_attention_mask = true;
  return config;
}

}  // namespace sure
