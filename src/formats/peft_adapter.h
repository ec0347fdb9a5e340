// LoRA or (IA)³ as Python's PEFT writes it: adapter_config.json and adapter_model.safetensors.
// Format: https://huggingface.co/docs/peft/developer_guides/checkpoint
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "nn/parameters.h"

namespace sure {

enum class PeftType { lora, ia3 };

struct PeftAdapter {
  PeftType type = PeftType::lora;
  int64_t rank = 8;
  double alpha = 8;
  bool rank_stabilised = false;  // use_rslora: scaling alpha / sqrt(rank)
  /// Regular expressions for the ends of layers' names, with another rank or alpha for these layers.
  std::map<std::string, int64_t> rank_pattern;
  std::map<std::string, double> alpha_pattern;
  std::vector<std::string> target_modules;
  std::vector<std::string> feedforward_modules;  // (IA)³: the targets whose input is scaled, in place of the output
  std::vector<std::string> modules_to_save;
  std::string base_model;
  std::string base_class;  // as "Wav2Vec2ForCTC"; empty where PEFT was told a task_type
  /// Names without the leading "base_model.model.", e.g. "wav2vec2.encoder.layers.0.attention.q_proj.lora_A.weight",
  /// "wav2vec2.encoder.layers.0.attention.k_proj.ia3_l", "classifier.weight" (PEFT leaves out ".modules_to_save" and
  /// the adapter's name on disk).
  ParameterList tensors;
};

/// LoRA of one layer: y += scaling · x Aᵀ Bᵀ.
struct PeftLayer {
  std::string name;  // as "wav2vec2.encoder.layers.0.attention.q_proj"
  Tensor a;          // [r, in]
  Tensor b;          // [out, r]
  double scaling = 1;
};

/// Names of the adapted layers, whichever way they were chosen (target_modules, layers_to_transform, exclude_modules
/// …): those that have tensors.
std::vector<std::string> adapted_layers(const PeftAdapter& adapter);

/// Those of LoRA. Throws Error, starting with `origin`, for a layer with one of the two only, for shapes or a rank
/// that do not fit, and for a pattern that is no regular expression.
std::vector<PeftLayer> lora_layers(const PeftAdapter& adapter, const std::string& origin);

/// The scale of each layer by (IA)³, under the layer's name: [out, 1] of its output, or [1, in] of its input.
ParameterList ia3_scales(const PeftAdapter& adapter);

/// The tensors of modules_to_save. A weight that LoRA was laid over, which PEFT may save too, has
/// no ".base_layer" in its name.
ParameterList saved_modules(const PeftAdapter& adapter);

/// Whether the folder holds an adapter_config.json.
bool is_peft_folder(const std::filesystem::path& folder);

/// Throws Error for another peft_type, DoRA, biases, naming the key.
PeftAdapter read_peft_adapter(const std::filesystem::path& folder);

/// Writes both files into an existing folder.
void write_peft_adapter(const std::filesystem::path& folder, const PeftAdapter& adapter);

}  // namespace sure
