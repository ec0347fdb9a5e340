#include "backbone/config.h"

#include <algorithm>
#include <utility>

#include "backbone/backbone.h"
#include "backbone/frame_samples.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_fields.h"
#include "core/strict_json.h"
#include "nn/activation.h"
#include "nn/conv_front_end.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

json parse_object(const fs::path& path) {
  json object = read_json(path);
  if (!object.is_object()) fail("{}: expected a JSON object, found {}", path.string(), object.type_name());
  return object;
}

void require(bool holds, const std::string& origin, const char* key, const char* expected) {
  if (!holds) fail("{}: '{}' is out of range: {}", origin, key, expected);
}

/// No model comes near these, and what is above them could take all memory before anything is compared.
void check_sizes(const BackboneConfig& c, const std::string& origin) {
  constexpr int64_t kMostLayers = 1024, kMostChannels = 1 << 16, kMostHeadChannels = 1 << 14;
  const auto at_most = [&](const char* key, int64_t value, int64_t most) {
    if (value > most) fail("{}: '{}' is out of range: {}, at most {} make sense", origin, key, value, most);
  };
  const auto all_at_most = [&](const char* key, const std::vector<int64_t>& values, int64_t most) {
    at_most(key, static_cast<int64_t>(values.size()), kMostLayers);
    for (const int64_t value : values) at_most(key, value, most);
  };
  at_most("num_hidden_layers", c.num_hidden_layers, kMostLayers);
  at_most("hidden_size", c.hidden_size, kMostChannels);
  at_most("intermediate_size", c.intermediate_size, kMostChannels * 4);
  at_most("num_conv_pos_embeddings", c.num_conv_pos_embeddings, kMostChannels);
  at_most("conv_pos_kernel_size", c.conv_pos_kernel_size, kMostChannels);
  at_most("num_buckets", c.num_buckets, kMostChannels);
  at_most("max_bucket_distance", c.max_bucket_distance, kMostChannels);
  at_most("adapter_attn_dim", c.adapter_attn_dim, kMostChannels);
  all_at_most("conv_dim", c.conv_dim, kMostChannels);
  all_at_most("conv_kernel", c.conv_kernel, kMostChannels);
  all_at_most("conv_stride", c.conv_stride, kMostChannels);
  at_most("classifier_proj_size", c.classifier_proj_size, kMostHeadChannels);
  at_most("xvector_output_dim", c.xvector_output_dim, kMostHeadChannels);
  all_at_most("tdnn_dim", c.tdnn_dim, kMostHeadChannels);
  all_at_most("tdnn_kernel", c.tdnn_kernel, kMostLayers);
  all_at_most("tdnn_dilation", c.tdnn_dilation, kMostChannels);
}

void check_front_end(const BackboneConfig& c, const std::string& origin) {
  require(!c.conv_dim.empty() && c.conv_dim.size() == c.conv_kernel.size() && c.conv_dim.size() == c.conv_stride.size(),
          origin, "conv_dim", "conv_dim, conv_kernel and conv_stride must be lists of one length");
  for (size_t i = 0; i < c.conv_dim.size(); ++i) {
    require(c.conv_dim[i] > 0 && c.conv_kernel[i] > 0 && c.conv_stride[i] > 0, origin, "conv_dim",
            "sizes, kernels and strides must be positive");
  }
  require(c.feat_extract_norm == "group" || c.feat_extract_norm == "layer", origin, "feat_extract_norm",
          "expected \"group\" or \"layer\"");
}

void check_encoder(const BackboneConfig& c, const std::string& origin) {
  require(c.hidden_size > 0, origin, "hidden_size", "must be positive");
  require(c.num_hidden_layers > 0, origin, "num_hidden_layers", "must be positive");
  require(c.intermediate_size > 0, origin, "intermediate_size", "must be positive");
  require(c.num_attention_heads > 0 && c.hidden_size % c.num_attention_heads == 0, origin, "num_attention_heads",
          "must divide hidden_size");
  require(c.num_conv_pos_embeddings > 0, origin, "num_conv_pos_embeddings", "must be positive");
  require(c.num_conv_pos_embedding_groups > 0 && c.hidden_size % c.num_conv_pos_embedding_groups == 0, origin,
          "num_conv_pos_embedding_groups", "must divide hidden_size");
  require(c.conv_pos_kernel_size > 0, origin, "conv_pos_kernel_size", "must be positive");
  require(c.num_buckets >= 4, origin, "num_buckets", "must be 4 or more");
  require(c.max_bucket_distance > c.num_buckets / 4, origin, "max_bucket_distance", "must be above num_buckets / 4");
  const std::pair<const char*, double> rates[] = {{"hidden_dropout", c.hidden_dropout},
                                                  {"attention_dropout", c.attention_dropout},
                                                  {"activation_dropout", c.activation_dropout},
                                                  {"feat_proj_dropout", c.feat_proj_dropout}};
  for (const auto& [key, rate] : rates) require(rate >= 0 && rate < 1, origin, key, "must lie in [0, 1)");
  require(c.layerdrop >= 0 && c.layerdrop <= 1, origin, "layerdrop", "must lie in [0, 1]");
  require(c.adapter_attn_dim == 0 || c.do_stable_layer_norm, origin, "adapter_attn_dim",
          "attention adapters need do_stable_layer_norm");
}

void check_heads(const BackboneConfig& c, const std::string& origin) {
  require(c.final_dropout >= 0 && c.final_dropout < 1, origin, "final_dropout", "must lie in [0, 1)");
  require(c.classifier_proj_size > 0, origin, "classifier_proj_size", "must be positive");
  require(c.xvector_output_dim > 0, origin, "xvector_output_dim", "must be positive");
  const size_t layers = c.tdnn_dim.size();
  require(layers > 0 && c.tdnn_kernel.size() == layers && c.tdnn_dilation.size() == layers, origin, "tdnn_dim",
          "tdnn_dim, tdnn_kernel and tdnn_dilation must be lists of one length");
  for (size_t i = 0; i < layers; ++i) {
    require(c.tdnn_dim[i] > 0 && c.tdnn_kernel[i] > 0 && c.tdnn_dilation[i] > 0, origin, "tdnn_dim",
            "sizes, kernels and dilations must be positive");
  }
}

/// "(WhisperForConditionalGeneration)", where the config says so.
std::string architecture_of(const json& config) {
  const auto found = config.find("architectures");
  const bool named = found != config.end() && found->is_array() && !found->empty() && found->front().is_string();
  return named ? fmt::format(" ({})", found->front().get<std::string>()) : "";
}

void refuse_unsupported(const json& config, const std::string& model_type, const std::string& origin) {
  std::vector<std::string> known;
  for (const BackboneKind& kind : backbone_kinds()) known.push_back(kind.name);
  if (std::find(known.begin(), known.end(), model_type) == known.end()) {
    fail_usage("{}: model_type '{}'{}: sure reads {}", origin, model_type, architecture_of(config),
               fmt::join(known, ", "));
  }
  if (config.value("add_adapter", json(false)) == json(true)) {
    fail("{}: 'add_adapter' (a convolutional adapter behind the encoder) is not supported", origin);
  }
}

/// What the feature extractor of a folder is, and the file that says so: as transformers looks for it, first inside
/// processor_config.json, where version 5 writes it. Null where there is none.
std::pair<json, fs::path> find_preprocessor(const fs::path& folder) {
  const fs::path processor = folder / "processor_config.json";
  if (fs::exists(processor)) {
    const json whole = parse_object(processor);
    for (const char* key : {"feature_extractor", "audio_processor"}) {
      if (whole.contains(key) && whole[key].is_object()) return {whole[key], processor};
    }
  }
  const fs::path preprocessor = folder / "preprocessor_config.json";
  return {fs::exists(preprocessor) ? parse_object(preprocessor) : json(), preprocessor};
}

void read_preprocessor(const fs::path& folder, BackboneConfig& config) {
  const auto [extractor, file] = find_preprocessor(folder);
  if (extractor.is_null()) return;
  read_field(extractor, "do_normalize", config.do_normalize, file.string());
  read_field(extractor, "return_attention_mask", config.return_attention_mask, file.string());
  read_field(extractor, "sampling_rate", config.sampling_rate, file.string());
  require(config.sampling_rate == 16000, file.string(), "sampling_rate",
          fmt::format("{} Hz, but only models of 16000 Hz are supported", config.sampling_rate).c_str());
  config.raw_preprocessor = extractor;
}

}  // namespace

int64_t BackboneConfig::frames(int64_t samples) const { return conv_frames(samples, conv_kernel, conv_stride); }

double BackboneConfig::seconds_per_frame() const {
  return static_cast<double>(frame_hop(*this)) / static_cast<double>(sampling_rate);
}

BackboneConfig parse_backbone_config(const json& config, const std::string& origin) {
  BackboneConfig c;
  const auto field = [&](const char* key, auto& value) { read_field(config, key, value, origin); };
  field("model_type", c.model_type);
  refuse_unsupported(config, c.model_type, origin);
  field("hidden_size", c.hidden_size);
  field("num_hidden_layers", c.num_hidden_layers);
  field("num_attention_heads", c.num_attention_heads);
  field("intermediate_size", c.intermediate_size);
  field("hidden_act", c.hidden_act);
  field("layer_norm_eps", c.layer_norm_eps);
  field("hidden_dropout", c.hidden_dropout);
  field("attention_dropout", c.attention_dropout);
  field("activation_dropout", c.activation_dropout);
  field("feat_proj_dropout", c.feat_proj_dropout);
  field("layerdrop", c.layerdrop);
  field("conv_dim", c.conv_dim);
  field("conv_kernel", c.conv_kernel);
  field("conv_stride", c.conv_stride);
  field("conv_bias", c.conv_bias);
  field("feat_extract_norm", c.feat_extract_norm);
  field("feat_extract_activation", c.feat_extract_activation);
  field("feat_proj_layer_norm", c.feat_proj_layer_norm);
  field("num_conv_pos_embeddings", c.num_conv_pos_embeddings);
  field("num_conv_pos_embedding_groups", c.num_conv_pos_embedding_groups);
  field("conv_pos_kernel_size", c.conv_pos_kernel_size);
  field("conv_pos_batch_norm", c.conv_pos_batch_norm);
  field("do_stable_layer_norm", c.do_stable_layer_norm);
  field("num_buckets", c.num_buckets);
  field("max_bucket_distance", c.max_bucket_distance);
  field("adapter_attn_dim", c.adapter_attn_dim);
  field("mask_time_prob", c.mask_time_prob);
  field("mask_feature_prob", c.mask_feature_prob);
  field("final_dropout", c.final_dropout);
  field("classifier_proj_size", c.classifier_proj_size);
  field("tdnn_dim", c.tdnn_dim);
  field("tdnn_kernel", c.tdnn_kernel);
  field("tdnn_dilation", c.tdnn_dilation);
  field("xvector_output_dim", c.xvector_output_dim);
  if (const auto settle = kind_of(c).settle) settle(c, origin);
  check_sizes(c, origin);
  check_front_end(c, origin);
  check_heads(c, origin);
  check_encoder(c, origin);
  find_activation(c.hidden_act);
  find_activation(c.feat_extract_activation);
  c.raw = config;
  return c;
}

BackboneConfig read_backbone_config(const fs::path& folder) {
  if (!fs::is_directory(folder)) fail("{}: no such folder; expected a Hugging Face model folder", folder.string());
  settle_folder(folder);
  const fs::path file = folder / "config.json";
  if (!fs::exists(file)) fail("{}: no config.json in this folder; expected a Hugging Face model", folder.string());
  BackboneConfig config = parse_backbone_config(parse_object(file), file.string());
  read_preprocessor(folder, config);
  return config;
}

}  // namespace sure
