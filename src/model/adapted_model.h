// An encoder, the adapters that a tuning method made for it, and a task's head: audio in, logits out. The encoder may
// be shared by many.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backbone/backbone.h"
#include "backbone/shipped_model.h"
#include "core/options.h"
#include "data/batch.h"
#include "tasks/task.h"
#include "tuning/method.h"

namespace sure {

struct ModelOptions {
  std::string model = kShippedModel;
  std::string device = "auto";
  bool bf16 = false;
  bool int8 = false;
  bool gradient_checkpointing = false;
  std::optional<double> dropout;  // hidden, attention, activation and projection; else as the model's config says
  std::optional<double> layerdrop;
  SpecAugmentOptions spec_augment;
  std::optional<int64_t> max_samples;  // else the task's; 0 = whole clips
  std::optional<Padding> padding;      // else the task's
};

/// Throws a usage Error, naming the flag, for values that make no sense with any backbone.
void validate(const ModelOptions& options);

/// Throws a usage Error where --max_samples leaves a clip less than the backbone hears.
void check_clip_length(const ModelOptions& options, const BackboneConfig& config);

/// Fills in max_samples and padding where they are left open: what the task's original took on the corpora of the
/// benchmark, or whole clips, each as if it were alone ("exact") where the task has one answer for a clip.
void choose_clip_length(ModelOptions& options, const Task& task, bool as_in_benchmark);

template <class Visitor>
void visit_options(ModelOptions& o, Visitor&& visit) {
  visit("model", o.model,
        Declaration("pre-trained model: a Hugging Face folder, sure-tiny (ships with the program), or random-tiny "
                    "(random weights)")
            .free_on_resume());
  visit("device", o.device,
        Declaration("where to compute; auto: cuda when torch has it").one_of({"cpu", "cuda", "auto"}).free_on_resume());
  visit("bf16", o.bf16, "compute in bfloat16; trained parameters stay fp32");
  visit("int8", o.int8,
        "the encoder's frozen linear layers in 8 bits: less time and memory, on processors with AVX512_VNNI");
  visit("gradient_checkpointing", o.gradient_checkpointing, "compute layers again in the backward pass to save memory");
  visit("dropout", o.dropout,
        Declaration("all dropouts of the backbone").otherwise("as the model's config says", "-1"));
  visit("layerdrop", o.layerdrop,
        Declaration("chance to skip a layer in training").otherwise("as the model's config says", "-1"));
  visit("mask_time_prob", o.spec_augment.mask_time_prob,
        Declaration("SpecAugment: share of frames masked in training").range(0, 1));
  visit("mask_time_length", o.spec_augment.mask_time_length,
        Declaration("SpecAugment: frames in a masked span").range(1, kMostCounted));
  visit("mask_feature_prob", o.spec_augment.mask_feature_prob,
        Declaration("SpecAugment: share of features masked in training").range(0, 1));
  visit("mask_feature_length", o.spec_augment.mask_feature_length,
        Declaration("SpecAugment: features in a masked span").range(1, kMostCounted));
  visit(
      "max_samples", o.max_samples,
      Declaration("cut clips to that many samples at 16 kHz; 0 = never")
          .range(0, kMostCounted)
          .otherwise("-1: whole clips, but 40000 (2.5 s; intent: 220000, 13.75 s) for the benchmark's own corpora, as "
                     "the original did",
                     "-1"));
  visit("padding", o.padding,
        Declaration("max_length (to max_samples), longest (of the batch) or exact (a clip's result does not depend on "
                    "its batch)")
            .otherwise("exact, for transcripts longest, for the benchmark's corpora as the original did"));
}

/// What a folder of PEFT's or transformers' may leave open. Empty: what the folder says.
struct ForeignNames {
  std::vector<std::string> labels;
  std::string task;
  std::string language;  // of a model with many (MMS)
};

/// All that is needed to build the model again, besides the backbone's weights.
struct ModelSpec {
  std::string task;
  ModelOptions model;
  TuningOptions tuning;
  HeadOptions head;
  TargetOptions target;
  Labels labels;
  std::optional<TokenRoles> roles;  // of tokens; nothing for the usual ones
};

/// Of a model that writes transcripts.
Vocabulary vocabulary_of(const ModelSpec& spec);

struct SavedAdapter;
struct AdapterSource;

class AdaptedModel {
 public:
  /// Backbone from spec.model.model, fresh adapters and head from `seed`; where the labels are exactly the vocabulary
  /// of a checkpoint with a CTC head, the head starts as that one. Validates the options first. With finetune, what the
  /// task freezes by habit is frozen unless the options freeze something else. Throws Error for a CTC head of another
  /// shape.
  static AdaptedModel create(const ModelSpec& spec, uint64_t seed);

  /// The same, but what trains starts from `start`: the method's weights, which must be of the same method with the
  /// same options (or none: method head), and the head where it has the same outputs. Throws Error where they have no
  /// place, or for another backbone.
  static AdaptedModel create(const ModelSpec& spec, uint64_t seed, const SavedAdapter& start);

  /// From a folder that `save` or PEFT wrote, a training run's folder with such a best_model/, or a whole model that
  /// transformers fine-tuned. All of `options` counts
  /// (start from recorded_model_options), but an empty `model` means the recorded backbone; its fingerprint must be the
  /// recorded one. `names`: what a folder of PEFT's or transformers' does not say; for another they must be the
  /// recorded ones.
  static AdaptedModel load(const std::filesystem::path& adapter, const ModelOptions& options,
                           const ForeignNames& names = {});

  /// `create` and `load` on the encoder that `host` has, which all of them use from then on: no more is read and kept
  /// than the adapter's own tensors. Device, arithmetic and dropout are the host's. Throws Error for an adapter of
  /// another encoder, and a usage Error where a method of the two trains the encoder itself.
  static AdaptedModel create_beside(const AdaptedModel& host, const ModelSpec& spec, uint64_t seed);
  static AdaptedModel load_beside(const AdaptedModel& host, const std::filesystem::path& adapter,
                                  const ForeignNames& names = {});

  /// Shapes only, on the meta device, for counting; the backbone's folder needs no more than a config.json.
  static AdaptedModel outline(const ModelSpec& spec);

  /// In training mode dropout and layer drop act and gradients are recorded. Throws Error for a batch of the wrong
  /// shape or type.
  HeadOutput forward(const Batch& batch, bool training) const { return run(batch, training, nullptr); }

  /// In evaluation, of parts of a recording whose first convolution sees windows of these moments.
  HeadOutput forward_part(const Batch& batch, const fused::WindowMoments& whole) const {
    return run(batch, /*training=*/false, &whole);
  }

  /// Why what lies below the lowest layer that trains cannot be kept from step to step: something in it trains, is
  /// random in training, or depends on the batch. Empty: it can.
  std::string cache_obstacle() const;

  /// Keeps it in `cache` from now on. Throws a usage Error where there is an obstacle.
  void use_cache(std::shared_ptr<ActivationCache> cache);

  /// Why a training step's launches on a GPU cannot be recorded and replayed: a step launches other kernels than the
  /// one before, or waits for the device. Empty: they can.
  std::string graph_obstacle() const;

  /// What trains: "backbone.…" (finetune), "adapter.…", "head.…"; fp32.
  const ParameterList& trained() const { return trained_; }
  const ModelSpec& spec() const { return spec_; }
  const Task& task() const { return *task_; }
  const Objective& objective() const { return *objective_; }
  const LoadedBackbone& base() const { return base_; }
  const Backbone& backbone() const { return *base_.backbone; }
  const std::string& fingerprint() const { return base_.fingerprint; }
  const std::shared_ptr<const AdapterSet>& adapters() const { return adapters_; }
  const Head& head() const { return *head_; }
  /// The lowest layers that run as in evaluation also in training.
  int64_t frozen_layers() const { return frozen_layers_; }
  at::Device device() const { return device_; }
  /// Whether it was loaded from a folder of PEFT's or transformers', which records no task.
  bool is_foreign() const { return is_foreign_; }

  /// Takes the place of the labels, as many as there are: for a model whose classes are only numbered.
  void rename_labels(const Labels& labels);

  /// Whether `create` took the head from the checkpoint.
  bool starts_from_checkpoint_head() const { return starts_from_checkpoint_head_; }
  /// Whether `create` took the head from the adapter to start from.
  bool starts_from_given_head() const { return starts_from_given_head_; }
  /// What the encoder gets of a batch, without a cache. Throws Error for a batch of the wrong shape or type.
  BackboneInput encoder_input(const Batch& batch, bool training) const;
  /// Whether the encoder is told where clips end, and masks what lies behind.
  bool masks_padding() const;
  /// Whether a clip's result is the same however far its batch pads it.
  bool ignores_padding() const;
  /// How clips become batches for this model (augmentation is off).
  CollateOptions collate_options() const;

  /// Total parameters: backbone + adapters + head.
  int64_t total_parameters() const;

  /// The backbone's tensors, fp32, with what adapts its linear layers merged into them. Throws a usage Error with int8,
  /// which has rounded them.
  ParameterList merged_backbone() const;

  /// Writes adapter.safetensors and adapter.json (format version, spec, labels, fingerprint) into an existing folder.
  void save(const std::filesystem::path& folder) const;

 private:
  AdaptedModel(ModelSpec spec, LoadedBackbone loaded);

  HeadOutput run(const Batch& batch, bool training, const fused::WindowMoments* whole) const;
  static AdaptedModel from_source(AdapterSource found, at::Device device, bool shares);
  static AdaptedModel create(const ModelSpec& spec, uint64_t seed, const SavedAdapter* start);

  void attach(ParameterSource& source);
  void restore_trained_backbone(ParameterSource& source);
  void place(bool shares);
  void place_encoder();
  std::string cache_settings() const;

  ModelSpec spec_;
  const Task* task_ = nullptr;
  LoadedBackbone base_;
  std::shared_ptr<const AdapterSet> adapters_;
  std::unique_ptr<Head> head_;
  std::unique_ptr<Objective> objective_;
  ParameterList trained_;
  std::shared_ptr<ActivationCache> cache_;
  std::string cache_settings_;  // what a cached value depends on besides the clip
  int64_t frozen_layers_ = 0;   // with tune_layers: those below
  bool starts_from_checkpoint_head_ = false;
  bool starts_from_given_head_ = false;
  bool is_foreign_ = false;
  at::Device device_ = at::kCPU;
};

/// The objective's `encode`; the model must outlive it.
TargetEncoder target_encoder(const AdaptedModel& model);

/// The options that a saved adapter was trained with. For a PEFT folder its base model, for a whole model itself, both
/// heard as in Python: whole clips, none seeing another's padding.
ModelOptions recorded_model_options(const std::filesystem::path& adapter);

/// LoRA as a PEFT folder, with the tokenizer's files of a CTC model. Throws a usage Error for another method or a head
/// that PEFT cannot hold.
void export_peft(const AdaptedModel& model, const std::filesystem::path& folder);

/// finetune, language_adapter, head, or LoRA merged into the weights, as a folder for from_pretrained of
/// Wav2Vec2ForSequenceClassification, …ForCTC (with its tokenizer's files), …ForXVector, or HuBERT's. Throws a usage
/// Error for what transformers lacks.
void export_hf(const AdaptedModel& model, const std::filesystem::path& folder);

}  // namespace sure
