// A tuning method makes the adapters of an encoder and says what trains; everything else is frozen.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/options.h"
#include "nn/adapter_set.h"
#include "nn/parameters.h"

namespace sure {

/// Names and meanings of the tuning methods, for a help line, and the names alone.
std::string describe_methods();
std::vector<std::string> method_names();

/// Defaults are the original's values (Li et al. 2023).
struct TuningOptions {
  std::string method = "lora";
  int64_t lora_rank = 8;
  double lora_alpha = 1.0;  // scaling = alpha / rank
  std::vector<std::string> lora_targets = {"q_proj",      "k_proj", "v_proj", "out_proj", "intermediate_dense",
                                           "output_dense"};
  int64_t bottleneck_reduction = 2;  // D -> D / 2
  std::vector<int64_t> conv_kernels = {3, 5, 3};
  int64_t conv_reduction = 2;      // D -> D / 2 channels
  int64_t squeeze_reduction = 16;  // squeeze-and-excitation
  int64_t prefix_seq_len = 30;
  double prefix_dropout_prob = 0.1;
  bool prefix_projection = false;
  int64_t prefix_hidden_size = 0;  // of the projection; 0 = D
  bool output_adapter = true;      // bottleneck and conv_adapter: after the feed-forward block
  bool mh_adapter = false;         // bottleneck and conv_adapter: after self-attention's output projection
  bool feat_enc_adapter = false;   // besides the method: a conv adapter inside each front-end layer
  bool freeze_front_end = false;   // finetune
  int64_t freeze_layers = 0;       // finetune: the lowest N transformer layers stay frozen
  std::string tune_layers;         // "8-11" or "11": only these transformer layers, from 0; empty = all
};

template <class Visitor>
void visit_options(TuningOptions& o, Visitor&& visit) {
  visit("method", o.method, Declaration(describe_methods()).one_of(method_names()));
  visit("lora_rank", o.lora_rank, Declaration("lora: rank of the update").range_where_used(1, kWidestLayer));
  visit("lora_alpha", o.lora_alpha,
        Declaration("lora: scaling is alpha / rank").range_where_used(-kWidestLayer, kWidestLayer));
  visit("lora_targets", o.lora_targets,
        "lora: the linear layers to adapt, by name or the end of a whole name (layers.0.attention.q_proj)");
  visit("bottleneck_reduction", o.bottleneck_reduction,
        Declaration("bottleneck: hidden size / this = width of the adapter").range_where_used(1, kWidestLayer));
  visit("conv_kernels", o.conv_kernels, "conv_adapter: widths of its three convolutions, odd numbers of frames");
  visit("conv_reduction", o.conv_reduction,
        Declaration("conv_adapter: hidden size / this = inner channels").range_where_used(1, kWidestLayer));
  visit("squeeze_reduction", o.squeeze_reduction,
        Declaration("conv_adapter: hidden size / this = width of squeeze-and-excitation")
            .range_where_used(1, kWidestLayer));
  visit("prefix_seq_len", o.prefix_seq_len,
        Declaration("prefix: trained keys and values per layer").range_where_used(1, kWidestLayer));
  visit("prefix_dropout_prob", o.prefix_dropout_prob, Declaration("prefix: dropout on them").range_where_used(0, 1));
  visit("prefix_projection", o.prefix_projection, "prefix: compute them by a small network (re-parameterisation)");
  visit("prefix_hidden_size", o.prefix_hidden_size,
        Declaration("prefix_projection: width of the network, 0 = hidden size").range_where_used(0, kWidestLayer));
  visit("output_adapter", o.output_adapter, "bottleneck, conv_adapter: adapter after the feed-forward block");
  visit("mh_adapter", o.mh_adapter, "bottleneck, conv_adapter: adapter after self-attention's output projection");
  visit("feat_enc_adapter", o.feat_enc_adapter, "besides the method, a conv adapter inside each front-end layer");
  visit("freeze_front_end", o.freeze_front_end, "finetune: keep the convolutional front-end frozen");
  visit("freeze_layers", o.freeze_layers,
        Declaration("finetune: keep the lowest N transformer layers (and the front-end) frozen")
            .range_where_used(0, kWidestLayer));
  visit("tune_layers", o.tune_layers,
        "adapt only these transformer layers, as in 8-11 (from 0); what lies below runs as in evaluation, without "
        "dropout, and can be cached; empty = all");
}

/// What a method works on.
struct TuningTarget {
  SiteList sites;           // the encoder's, without layers that are not to be adapted
  ParameterList& backbone;  // the encoder's own tensors
  Scope scope;              // of the adapters' tensors
  AdapterSet& adapters;     // what it makes
};

/// A method: one row of the table.
struct TuningMethod {
  std::string name;
  std::string help;
  /// Makes adapters, or marks tensors of the backbone as trained.
  void (*apply)(const TuningOptions& options, TuningTarget& target);
  /// Whether the model's outputs are unchanged before the first step.
  bool identity_at_start;
  /// Used when the user names none.
  double default_learning_rate;
  /// Whether what it trains can be merged into the backbone's own tensors, without a module beside them.
  bool merges = false;
  /// Whether it changes the encoder itself, which then serves this adapter alone.
  bool trains_backbone = false;
  /// Whether a backbone has what the method trains; null: every backbone has.
  bool (*applies_to)(const ParameterList& backbone) = nullptr;
  /// Names of its own options with a range.
  std::set<std::string> options = {};
  /// What else can be said of them without a backbone; may be null.
  void (*check)(const TuningOptions& options) = nullptr;
  /// Whether they fit a backbone; may be null.
  void (*check_fit)(const TuningOptions& options, const SiteList& sites) = nullptr;
};

const std::vector<TuningMethod>& tuning_methods();

/// Transformer layers, both ends included.
struct LayerRange {
  int64_t first;
  int64_t last;
  bool contains(int64_t layer) const { return first <= layer && layer <= last; }
};

/// What tune_layers says of a backbone with so many layers. Throws a usage Error for anything else than a range of
/// them.
LayerRange tuned_layers(const TuningOptions& options, int64_t layers);

/// Throws a usage Error, naming the flag, for options of the chosen method that make no sense on any backbone.
void validate(const TuningOptions& options);

/// The same, for this backbone.
void validate(const TuningOptions& options, const SiteList& sites);

/// What applying a method to an encoder gives.
struct Tuning {
  std::shared_ptr<const AdapterSet> adapters;
  /// Without the task head: tensors of the backbone as "backbone.…", of adapters as "adapter.…".
  ParameterList trained;
};

/// Applies a method, with which of the backbone no more trains than it says. New tensors come from `source` (fresh, or
/// a saved adapter). Throws a usage Error for a method that does not apply to this backbone.
Tuning apply_tuning(const TuningOptions& options, const SiteList& sites, ParameterList& backbone,
                    ParameterSource& source);

}  // namespace sure
