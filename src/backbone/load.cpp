// Checkpoint folder -> backbone: finds the tensors below a task head's prefix and maps old spellings.

#include <algorithm>
#include <iterator>
#include <set>

#include "backbone/backbone.h"
#include "backbone/key_map.h"
#include "backbone/language.h"
#include "backbone/model_folder.h"
#include "backbone/random_tiny.h"
#include "core/error.h"
#include "formats/checkpoint_folder.h"
#include "nn/encoder_part.h"

namespace sure {

namespace {

constexpr std::string_view kCounter = ".num_batches_tracked";  // of batch norms; nothing computes with it

struct SplitCheckpoint {
  ParameterList backbone;  // by canonical names
  ParameterList others;
};

/// With a head in front, the backbone's tensors are those that start with "wav2vec2." or the like.
SplitCheckpoint split(const ParameterList& tensors, const BackboneConfig& config) {
  const BackboneKind& kind = kind_of(config);
  const auto is_below = [&](const NamedTensor& t) { return is_below_head(kind, t.name); };
  const bool has_head = std::any_of(tensors.begin(), tensors.end(), is_below);
  SplitCheckpoint parts;
  for (const NamedTensor& t : tensors) {
    if (has_head && !is_below(t)) {
      parts.others.push_back(t);
    } else {
      parts.backbone.push_back({canonical_name(kind, t.name), t.value});
    }
  }
  return parts;
}

/// Puts the tensors of `language` in place of those of the same names.
void replace(ParameterList& tensors, const ParameterList& language) {
  std::set<std::string> names;
  for (const NamedTensor& t : language) names.insert(t.name);
  std::erase_if(tensors, [&](const NamedTensor& t) { return names.contains(t.name); });
  tensors.insert(tensors.end(), language.begin(), language.end());
}

/// Throws Error unless `language` has each of the backbone's attention adapters and nothing else of it.
void check_language(const ParameterList& backbone, const ParameterList& language, const std::string& origin) {
  std::set<std::string> expected, found;
  for (const NamedTensor& t : backbone) {
    if (is_of_attention_adapter(t.name)) expected.insert(t.name);
  }
  for (const NamedTensor& t : language) found.insert(t.name);
  for (const std::string& name : expected) {
    if (!found.contains(name)) fail("{}: tensor '{}' is missing", origin, name);
  }
  for (const std::string& name : found) {
    if (!expected.contains(name)) fail("{}: tensor '{}' is none of the checkpoint's attention adapters", origin, name);
  }
}

void use_language(SplitCheckpoint& parts, const std::string& folder, const std::string& name,
                  const BackboneConfig& config) {
  const SplitCheckpoint language = split(read_language(folder, name), config);
  check_language(parts.backbone, language.backbone, fmt::format("{}, language {}", folder, name));
  replace(parts.backbone, language.backbone);
  replace(parts.others, language.others);
}

/// "encoder.layers.5.…" of a model that is said to have fewer: its config.json is another's.
void check_layers(const std::vector<std::string>& unused, const BackboneConfig& config, const std::string& folder) {
  for (const std::string& name : unused) {
    if (encoder_layer_of(name).value_or(-1) < config.num_hidden_layers) continue;
    fail(
        "{}: holds tensor '{}', though num_hidden_layers in its config.json is {}: correct the number, or take the "
        "layers above it out of the file",
        folder, name, config.num_hidden_layers);
  }
}

std::string first_part(const std::string& name) { return name.substr(0, name.find('.')); }

/// Those of parts that the backbone has; a head and what only pre-training needs are none.
std::vector<std::string> of_encoder(const std::vector<std::string>& unused, const Backbone& backbone) {
  std::set<std::string> parts;
  for (const NamedTensor& t : backbone.parameters()) parts.insert(first_part(t.name));
  std::vector<std::string> names;
  std::copy_if(unused.begin(), unused.end(), std::back_inserter(names),
               [&](const std::string& name) { return parts.contains(first_part(name)) && !name.ends_with(kCounter); });
  return names;
}

LoadedBackbone load_folder(const std::string& folder, const BackboneConfig& config, const std::string& language) {
  const ParameterList tensors = read_checkpoint_folder(folder);
  check_finite_checkpoint(tensors, folder);
  SplitCheckpoint parts = split(tensors, config);
  if (!language.empty()) use_language(parts, folder, language, config);
  LoadedBackbone loaded;
  loaded.unused = std::move(parts.others);
  ListSource source(parts.backbone, folder);
  loaded.backbone = build_backbone(config, source);
  ParameterList used;
  const std::vector<std::string> unused = source.unused();
  check_layers(unused, config, folder);
  loaded.unused_of_encoder = of_encoder(unused, *loaded.backbone);
  for (const NamedTensor& t : parts.backbone) {
    const bool is_used = std::find(unused.begin(), unused.end(), t.name) == unused.end();
    (is_used ? used : loaded.unused).push_back(t);
  }
  loaded.fingerprint = fingerprint(used);
  return loaded;
}

}  // namespace

bool is_random_backbone(const std::string& model) { return model == kRandomTiny; }

BackboneConfig load_backbone_config(const std::string& model) {
  return is_random_backbone(model) ? random_tiny_config() : read_backbone_config(find_model(model));
}

LoadedBackbone load_backbone(const std::string& model, const std::function<void(BackboneConfig&)>& adjust,
                             const std::string& language) {
  const std::string folder = find_model(model);
  BackboneConfig config = load_backbone_config(folder);
  if (adjust) adjust(config);
  if (!is_random_backbone(model)) return load_folder(folder, config, language);
  if (!language.empty()) fail_usage("--language {}: the built-in model {} has no languages", language, model);
  LoadedBackbone loaded;
  loaded.backbone = build_backbone(config, *seeded_source(kRandomTinySeed));
  loaded.fingerprint = fingerprint(loaded.backbone->parameters());
  return loaded;
}

}  // namespace sure
