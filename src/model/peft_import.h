// An adapter that Python's PEFT trained, LoRA or (IA)³, seen as one of ours.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backbone/backbone.h"
#include "formats/peft_adapter.h"
#include "model/adapter_folder.h"

namespace sure {

/// The linear layer of that name; null where there is none.
const Site* find_projection(const SiteList& sites, const std::string& name);

/// Throws Error unless the layer fits its site.
void check_shape(const PeftLayer& layer, const Site& site, const std::string& origin);

/// LoRA of layers that are named as their sites: options, and tensors of one rank and alpha.
void add_lora(const std::vector<PeftLayer>& layers, const SiteList& sites, SavedAdapter& adapter);

/// Throws Error, naming both, where the adapter was made for another architecture or size than `base`.
void check_architecture(const PeftAdapter& peft, const BackboneConfig& base, const std::string& origin);

/// Options and tensors under our names. LoRA has one rank and alpha: where layers differ, the thinner ones are filled
/// up with zeros, and the scaling is part of B. LoRA on the head is added to its weights. (IA)³ has a scale at each
/// layer: where one lacks, of ones. Head tensors that the adapter lacks come from `base`'s checkpoint. `names` and
/// `folders` as for find_foreign_head; `origin` leads the messages. Throws Error for tensors outside the linear layers
/// of backbone and head, and as find_foreign_head.
SavedAdapter adapter_from_peft(const PeftAdapter& peft, const LoadedBackbone& base, const ForeignNames& names,
                               const std::vector<std::filesystem::path>& folders, const std::string& origin);

}  // namespace sure
