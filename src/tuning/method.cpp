#include "tuning/method.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>

#include "core/options.h"
#include "core/registry.h"
#include "tuning/bitfit.h"
#include "tuning/bottleneck.h"
#include "tuning/conv_adapter.h"
#include "tuning/finetune.h"
#include "tuning/ia3.h"
#include "tuning/language_adapter.h"
#include "tuning/lora.h"
#include "tuning/prefix.h"

namespace sure {

namespace {

void require(bool holds, const char* flag, const char* expected) {
  if (!holds) fail_usage("--{}: {}", flag, expected);
}

constexpr int64_t kWidestKernel = 999;

bool is_kernel(int64_t width) { return width > 0 && width <= kWidestKernel && width % 2 == 1; }

const std::set<std::string> kConvOptions = {"conv_reduction", "squeeze_reduction"};

void check_lora(const TuningOptions& o) {
  require(!o.lora_targets.empty(), "lora_targets", "name at least one linear layer");
}

void check_lora_fit(const TuningOptions& o, const SiteList& sites) {
  const std::vector<std::string> layers = linear_layers(sites);
  const bool is_usual = o.lora_targets == TuningOptions().lora_targets;  // those of them that a model has
  for (const std::string& target : o.lora_targets) {
    const bool known = std::any_of(layers.begin(), layers.end(), [&](const std::string& layer) {
      return layer == target || layer.ends_with("." + target);
    });
    if (known || is_usual) continue;
    std::set<std::string> ends;
    for (const std::string& layer : layers) ends.insert(layer.substr(layer.rfind('.') + 1));
    fail_usage(
        "--lora_targets: no linear layer '{}': use some of {}, or the end of a whole name as layers.0.attention.q_proj",
        target, fmt::join(ends, ", "));
  }
}

void check_place(const TuningOptions& o) {
  require(o.output_adapter || o.mh_adapter, "output_adapter",
          "this method needs --output_adapter True, --mh_adapter True or both");
}

/// The width of the transformer's layers.
int64_t hidden_size(const SiteList& sites) { return sites_of(sites, SiteKind::kAfterFeedForward).front().out; }

void check_bottleneck_fit(const TuningOptions& o, const SiteList& sites) {
  require(o.bottleneck_reduction <= hidden_size(sites), "bottleneck_reduction",
          "must lie between 1 and the hidden size");
}

void check_conv_values(const TuningOptions& o) {
  require(o.conv_kernels.size() == 3 && std::all_of(o.conv_kernels.begin(), o.conv_kernels.end(), is_kernel),
          "conv_kernels", "three odd numbers, as in 3,5,3");
}

void check_conv(const TuningOptions& o) {
  check_place(o);
  check_conv_values(o);
}

/// Conv adapters of `size` channels: the convolutions are grouped, so the reduction must divide evenly.
void check_conv_size(const TuningOptions& o, int64_t size) {
  require(size % o.conv_reduction == 0, "conv_reduction", "must divide the hidden size");
  require(o.squeeze_reduction <= size, "squeeze_reduction", "must lie between 1 and the hidden size");
}

void check_conv_fit(const TuningOptions& o, const SiteList& sites) { check_conv_size(o, hidden_size(sites)); }

void check_prefix(const TuningOptions& o) {
  require(o.prefix_dropout_prob < 1, "prefix_dropout_prob", "must lie in [0, 1)");
}

void check_finetune(const TuningOptions& o) {
  require(o.tune_layers.empty() || o.freeze_layers == 0, "tune_layers",
          "leave --freeze_layers out: this says it already");
}

void check_finetune_fit(const TuningOptions& o, const SiteList& sites) {
  require(o.freeze_layers <= layer_count(sites), "freeze_layers", "must lie between 0 and the number of layers");
}

/// The number at the start of `text`, which it is cut off from; -1 where there is none.
int64_t take_number(std::string_view& text) {
  int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 0) return -1;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

/// The task's head trains without it.
void apply_nothing(const TuningOptions&, TuningTarget&) {}

/// With --tune_layers nothing of the backbone trains outside those layers.
void freeze_others(const LayerRange& tuned, ParameterList& backbone) {
  for (NamedTensor& parameter : backbone) {
    const std::optional<int64_t> layer = encoder_layer_of(parameter.name);
    if (!layer || !tuned.contains(*layer)) parameter.value.requires_grad_(false);
  }
}

}  // namespace

LayerRange tuned_layers(const TuningOptions& options, int64_t layers) {
  if (options.tune_layers.empty()) return {0, layers - 1};
  std::string_view text = options.tune_layers;
  LayerRange range = {take_number(text), 0};
  range.last = range.first;
  if (text.starts_with('-')) {
    text.remove_prefix(1);
    range.last = take_number(text);
  }
  const bool valid = text.empty() && range.first >= 0 && range.first <= range.last && range.last < layers;
  if (!valid) {
    fail_usage("--tune_layers {}: expected layers of this model, 0 to {}, as in 8-11 or 11", options.tune_layers,
               layers - 1);
  }
  return range;
}

const std::vector<TuningMethod>& tuning_methods() {
  static const std::vector<TuningMethod> table = {
      {.name = "finetune",
       .help = "train the whole backbone",
       .apply = &apply_finetune,
       .identity_at_start = true,
       .default_learning_rate = 5e-5,
       .merges = true,
       .trains_backbone = true,
       .options = {"freeze_layers"},
       .check = &check_finetune,
       .check_fit = &check_finetune_fit},
      {.name = "bottleneck",
       .help = "small feed-forward adapters (Houlsby et al. 2019)",
       .apply = &apply_bottleneck,
       .identity_at_start = false,
       .default_learning_rate = 1e-3,
       .options = {"bottleneck_reduction"},
       .check = &check_place,
       .check_fit = &check_bottleneck_fit},
      {.name = "prefix",
       .help = "trained keys and values in every attention (Li and Liang 2021)",
       .apply = &apply_prefix,
       .identity_at_start = false,
       .default_learning_rate = 2e-3,
       .options = {"prefix_seq_len", "prefix_hidden_size", "prefix_dropout_prob"},
       .check = &check_prefix},
      {.name = "lora",
       .help = "low-rank updates of the linear layers (Hu et al. 2022)",
       .apply = &apply_lora,
       .identity_at_start = true,
       .default_learning_rate = 2e-3,
       .merges = true,
       .options = {"lora_rank", "lora_alpha"},
       .check = &check_lora,
       .check_fit = &check_lora_fit},
      {.name = "conv_adapter",
       .help = "light convolutions with squeeze-and-excitation (Li et al. 2023)",
       .apply = &apply_conv_adapter,
       .identity_at_start = false,
       .default_learning_rate = 2e-3,
       .options = kConvOptions,
       .check = &check_conv,
       .check_fit = &check_conv_fit},
      {.name = "ia3",
       .help = "scales of keys, values and feed-forward activations (Liu et al. 2022)",
       .apply = &apply_ia3,
       .identity_at_start = true,
       .default_learning_rate = 5e-3,
       .merges = true},
      {.name = "bitfit",
       .help = "train only the biases of the transformer layers (Ben Zaken et al. 2022)",
       .apply = &apply_bitfit,
       .identity_at_start = true,
       .default_learning_rate = 1e-3,
       .merges = true,
       .trains_backbone = true},
      {.name = "language_adapter",
       .help = "train only the attention adapters of a checkpoint that has them, as MMS's (adapter_attn_dim in its "
               "config.json)",
       .apply = &apply_language_adapter,
       .identity_at_start = true,
       .default_learning_rate = 1e-3,
       .merges = true,
       .trains_backbone = true,
       .applies_to = &has_attention_adapters},
      {.name = "head",
       .help = "train only the task's head, on frozen features",
       .apply = &apply_nothing,
       .identity_at_start = true,
       .default_learning_rate = 2e-3,
       .merges = true},
  };
  return table;
}

std::string describe_methods() { return "tuning method: " + list_rows(tuning_methods()); }

std::vector<std::string> method_names() { return names_of(tuning_methods()); }

void validate(const TuningOptions& o) {
  const TuningMethod& method = find_row(tuning_methods(), o.method, "method");
  check_options(o, method.options);
  if (method.check != nullptr) method.check(o);
  if (!o.feat_enc_adapter) return;
  check_options(o, kConvOptions);
  check_conv_values(o);
  require(o.tune_layers.empty(), "tune_layers", "leave --feat_enc_adapter out: it adapts what lies below");
}

void validate(const TuningOptions& o, const SiteList& sites) {
  validate(o);
  const TuningMethod& method = find_row(tuning_methods(), o.method, "method");
  if (method.check_fit != nullptr) method.check_fit(o, sites);
  if (!o.feat_enc_adapter) return;
  for (const Site& site : sites_of(sites, SiteKind::kAfterConvolution)) check_conv_size(o, site.out);
}

Tuning apply_tuning(const TuningOptions& options, const SiteList& sites, ParameterList& backbone,
                    ParameterSource& source) {
  validate(options, sites);
  const TuningMethod& method = find_row(tuning_methods(), options.method, "method");
  if (method.applies_to != nullptr && !method.applies_to(backbone)) {
    fail_usage("--method {}: this model lacks what it needs: {}", method.name, method.help);
  }
  for (NamedTensor& parameter : backbone) {  // an encoder that others use is frozen already, and not touched
    if (parameter.value.requires_grad()) parameter.value.requires_grad_(false);
  }
  const LayerRange tuned = tuned_layers(options, layer_count(sites));
  AdapterSet adapters;
  ParameterList made;
  TuningTarget target = {sites, backbone, Scope(source, made, "adapter"), adapters};
  std::erase_if(target.sites, [&](const Site& site) {
    if (site.layer) return !tuned.contains(*site.layer);
    return !options.tune_layers.empty() && site.kind == SiteKind::kProjection;
  });
  method.apply(options, target);
  if (method.name == "lora" && made.empty()) {
    fail_usage("--lora_targets: none of {} is in the layers of --tune_layers {}", fmt::join(options.lora_targets, ", "),
               options.tune_layers);
  }
  if (!options.tune_layers.empty()) freeze_others(tuned, backbone);
  if (options.feat_enc_adapter) apply_front_end_adapters(options, target);
  ParameterList trained;
  for (const NamedTensor& parameter : backbone) {
    if (parameter.value.requires_grad()) trained.push_back({"backbone." + parameter.name, parameter.value});
  }
  for (NamedTensor& parameter : made) {
    parameter.value.requires_grad_(true);
    trained.push_back(parameter);
  }
  return {std::make_shared<const AdapterSet>(std::move(adapters)), std::move(trained)};
}

}  // namespace sure
