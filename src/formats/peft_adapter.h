// A LoRA adapter as Python's PEFT writes it: adapter_config.json and adapter_model.safetensors.
// Format: https://huggingface.co/docs/peft/developer_guides/checkpoint
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "nn/parameters.h"

namespace sure {

struct PeftLora {
  int64_t rank = 8;
  double alpha = 8;
  bool rank_stabilised = false;  // use_rslora: scaling alpha / sqrt(rank)
  std::vector<std::string> target_modules;
  std::vector<std::string> modules_to_save;
  std::string base_model;
  /// Names without the leading "base_model.model.", e.g. "wav2vec2.encoder.layers.0.attention.q_proj.lora_A.weight",
  /// "classifier.weight" (PEFT leaves out ".modules_to_save" and the adapter's name on disk).
  ParameterList tensors;
};

/// Whether the folder holds an adapter_config.json.
bool is_peft_folder(const std::filesystem::path& folder);

/// Throws Error for another peft_type, DoRA, biases, rank or alpha patterns, naming the key.
PeftLora read_peft_lora(const std::filesystem::path& folder);

/// Writes both files into an existing folder.
void write_peft_lora(const std::filesystem::path& folder, const PeftLora& adapter);

}  // namespace sure
