#include "model/adapted_model.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <set>

#include "backbone/frame_samples.h"
#include "backbone/padding.h"
#include "core/error.h"
#include "core/registry.h"
#include "core/rng.h"
#include "fused/memory.h"
#include "kernels/dispatch.h"
#include "model/adapter_folder.h"
#include "model/adapter_source.h"
#include "model/checkpoint_head.h"
#include "model/device.h"
#include "model/starting_point.h"
#include "model/trained_tensors.h"
#include "tasks/synthesis.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

// The original froze the lowest 20 of 24 layers; other depths freeze the same share.
constexpr int64_t kOriginalLayers = 24;

void check_rate(const char* flag, const std::optional<double>& rate) {
  if (!rate || (*rate >= 0 && *rate < 1)) return;
  fail_usage("--{} {}: expected a rate from 0 up to but below 1, or -1 for the model's own", flag, *rate);
}

bool masks_frames(const SpecAugmentOptions& options) {
  return options.mask_time_prob > 0 || options.mask_feature_prob > 0;
}

void check_labels(const std::vector<std::string>& labels) {
  if (labels.empty()) fail_usage("no labels: a model needs at least one output");
  const std::set<std::string> distinct(labels.begin(), labels.end());
  if (distinct.size() != labels.size()) fail_usage("labels name {} classes twice", labels.size() - distinct.size());
}

/// As the task has it, where nobody chose otherwise: what an adapter of an earlier version meant.
void fill_in_lengths(ModelOptions& options, const Task& task) {
  if (!options.max_samples) options.max_samples = task.max_samples;
  if (!options.padding) options.padding = task.padding;
}

at::ScalarType compute_type(const ModelOptions& options) { return options.bf16 ? at::kBFloat16 : at::kFloat; }

void check_int8(const ModelOptions& options, at::Device device) {
  if (!options.int8 || fused::can_quantise(compute_type(options), device)) return;
  fail_usage(
      "--int8 True: no 8-bit products on {} with kernels '{}': they need a processor with AVX512_VNNI, and with --bf16 "
      "True kernels 'avx512_bf16'; use --int8 False",
      device.str(), kernels::chosen_kernels());
}

TuningOptions with_task_presets(TuningOptions tuning, const Task& task, const BackboneConfig& config) {
  const bool chosen = tuning.freeze_front_end || tuning.freeze_layers != 0 || !tuning.tune_layers.empty();
  if (tuning.method != "finetune" || chosen) return tuning;
  tuning.freeze_front_end = task.finetune_freezes_front_end;
  tuning.freeze_layers = task.finetune_freezes_layers * config.num_hidden_layers / kOriginalLayers;
  return tuning;
}

void check_batch(const Batch& batch, bool masked) {
  const Tensor& audio = batch.audio;
  if (!audio.defined() || audio.dim() != 2 || audio.scalar_type() != at::kFloat) {
    fail("a batch's audio is {}, expected float32 [clips, samples]",
         audio.defined() ? fmt::format("{} [{}]", c10::toString(audio.scalar_type()), fmt::join(audio.sizes(), ", "))
                         : "undefined");
  }
  if (!masked) return;
  const Tensor& lengths = batch.lengths;
  if (!lengths.defined() || lengths.dim() != 1 || lengths.size(0) != audio.size(0) ||
      lengths.scalar_type() != at::kLong) {
    fail("a batch's lengths do not fit its {} clips, expected int64 [{}]", audio.size(0), audio.size(0));
  }
}

/// What a model on the encoder of `host` is run with.
ModelOptions options_beside(const AdaptedModel& host, ModelOptions options) {
  const ModelOptions& its = host.spec().model;
  options.model = its.model;
  options.device = its.device;
  options.bf16 = its.bf16;
  options.int8 = its.int8;
  options.dropout = its.dropout;
  options.layerdrop = its.layerdrop;
  return options;
}

void check_can_share(const TuningOptions& tuning, const std::string& origin) {
  if (!find_row(tuning_methods(), tuning.method, "method").trains_backbone) return;
  fail_usage("{}: method {} changes the encoder itself, which other adapters cannot share then", origin, tuning.method);
}

void check_all_used(const ListSource& source, const std::string& origin) {
  const std::vector<std::string> unused = source.unused();
  if (!unused.empty()) fail("{}: tensor '{}' has no place in this model", origin, unused.front());
}

}  // namespace

void validate(const ModelOptions& options) {
  if (options.padding == Padding::max_length && options.max_samples == 0) {
    fail_usage("--padding max_length needs --max_samples above 0; to keep whole clips use --padding longest");
  }
  check_rate("dropout", options.dropout);
  check_rate("layerdrop", options.layerdrop);
}

void check_clip_length(const ModelOptions& options, const BackboneConfig& config) {
  const int64_t least = samples_of_frames(config, 1);
  if (options.max_samples > 0 && options.max_samples < least) {
    fail_usage("--max_samples {}: this model needs at least {} samples; 0 keeps clips whole", *options.max_samples,
               least);
  }
}

void choose_clip_length(ModelOptions& options, const Task& task, bool as_in_benchmark) {
  const bool as_original = as_in_benchmark || options.padding == Padding::max_length;
  if (!options.max_samples) options.max_samples = as_original ? task.max_samples : 0;
  if (options.padding) return;
  const bool pads_to_length = task.padding == Padding::max_length;
  const bool keeps_padding = as_in_benchmark && options.max_samples > 0;
  options.padding = pads_to_length && !keeps_padding ? Padding::exact : task.padding;
}

AdaptedModel::AdaptedModel(ModelSpec spec, LoadedBackbone loaded)
    : spec_(std::move(spec)), task_(&find_task(spec_.task)), base_(std::move(loaded)) {
  if (makes_speech(*task_)) fail_usage("task {}: only for sure train, sure inspect and sure synthesize", task_->name);
  check_labels(spec_.labels);
  fill_in_lengths(spec_.model, *task_);
  validate(spec_.model);
  check_clip_length(spec_.model, base_.backbone->config());
  objective_ = task_->make_objective(spec_.labels, spec_.roles);
}

AdaptedModel AdaptedModel::create(const ModelSpec& spec, uint64_t seed) { return create(spec, seed, nullptr); }

AdaptedModel AdaptedModel::create(const ModelSpec& spec, uint64_t seed, const SavedAdapter& start) {
  return create(spec, seed, &start);
}

AdaptedModel AdaptedModel::create(const ModelSpec& spec, uint64_t seed, const SavedAdapter* start) {
  const at::Device device = find_device(spec.model.device);
  check_int8(spec.model, device);
  LoadedBackbone base = load_backbone_for(spec.model, spec.target.language);
  StartTensors given;
  if (start != nullptr) {
    check_same_backbone(*start, base, spec.model.model, "--init_from");
    given = start_tensors(*start, spec, base.backbone->config());
  }
  ParameterList own_head = given.has_head ? ParameterList() : checkpoint_head(spec, base);
  AdaptedModel model(spec, std::move(base));
  if (start == nullptr || start->spec.tuning.method != "finetune") {
    model.spec_.tuning = with_task_presets(spec.tuning, *model.task_, model.base_.backbone->config());
  }
  model.device_ = device;
  model.starts_from_given_head_ = given.has_head;
  model.starts_from_checkpoint_head_ = !own_head.empty();
  std::move(own_head.begin(), own_head.end(), std::back_inserter(given.tensors));
  ListSource known(std::move(given.tensors), start == nullptr ? spec.model.model : "--init_from");
  const auto fresh = seeded_source(mix_seed(seed, "adapted model"));
  FirstThenSecond source(known, *fresh);
  model.attach(source);
  if (start != nullptr && start->spec.tuning.method == spec.tuning.method) model.restore_trained_backbone(known);
  check_all_used(known, "--init_from");
  model.place(/*shares=*/false);
  return model;
}

AdaptedModel AdaptedModel::create_beside(const AdaptedModel& host, const ModelSpec& spec, uint64_t seed) {
  ModelSpec own = spec;
  own.model = options_beside(host, spec.model);
  check_can_share(host.spec().tuning, host.spec().model.model);
  check_can_share(spec.tuning, spec.model.model);
  AdaptedModel model(own, host.base_);
  model.device_ = host.device_;
  model.attach(*seeded_source(mix_seed(seed, "adapted model")));
  model.place(/*shares=*/true);
  return model;
}

AdaptedModel AdaptedModel::load(const fs::path& folder, const ModelOptions& options, const ForeignNames& names) {
  const at::Device device = find_device(options.device);
  check_int8(options, device);
  return from_source(read_adapter(folder, options, names), device, /*shares=*/false);
}

AdaptedModel AdaptedModel::load_beside(const AdaptedModel& host, const fs::path& folder, const ForeignNames& names) {
  check_can_share(host.spec().tuning, host.spec().model.model);
  const ModelOptions options = options_beside(host, recorded_model_options(folder));
  AdapterSource found = read_adapter(folder, options, names, &host.base_);
  check_can_share(found.adapter.spec.tuning, folder.string());
  return from_source(std::move(found), host.device_, /*shares=*/true);
}

AdaptedModel AdaptedModel::from_source(AdapterSource found, at::Device device, bool shares) {
  AdaptedModel model(found.adapter.spec, std::move(found.base));
  model.device_ = device;
  model.is_foreign_ = found.is_foreign;
  ListSource source(std::move(found.adapter.tensors), found.origin);
  model.attach(source);
  model.restore_trained_backbone(source);
  check_all_used(source, found.origin);
  model.place(shares);
  return model;
}

AdaptedModel AdaptedModel::outline(const ModelSpec& spec) {
  const auto source = meta_source();
  LoadedBackbone base;
  base.backbone = build_backbone(load_backbone_config(spec.model.model), *source);
  AdaptedModel model(spec, std::move(base));
  model.spec_.tuning = with_task_presets(spec.tuning, *model.task_, model.base_.backbone->config());
  model.attach(*source);
  return model;
}

void AdaptedModel::attach(ParameterSource& source) {
  if (!spec_.tuning.tune_layers.empty()) {
    frozen_layers_ = tuned_layers(spec_.tuning, base_.backbone->config().num_hidden_layers).first;
  }
  Tuning tuning = apply_tuning(spec_.tuning, base_.backbone->sites(), base_.backbone->parameters(), source);
  adapters_ = std::move(tuning.adapters);
  trained_ = std::move(tuning.trained);
  const auto classes = static_cast<int64_t>(spec_.labels.size());
  head_ = task_->make_head(spec_.head, base_.backbone->config(), classes, Scope(source, trained_, "head"));
}

void AdaptedModel::restore_trained_backbone(ParameterSource& source) {
  sure::restore_trained_backbone(trained_, source);
}

void AdaptedModel::place(bool shares) {
  place_trained(trained_, device_);
  if (!shares) place_encoder();
}

// Layers hold handles to the same tensors, hence set_data.
void AdaptedModel::place_encoder() {
  const at::NoGradGuard no_gradients;
  std::set<const void*> trains;
  for (const NamedTensor& parameter : trained_) trains.insert(parameter.value.unsafeGetTensorImpl());
  std::vector<Tensor> frozen;
  for (const NamedTensor& parameter : base_.backbone->parameters()) {
    if (!trains.contains(parameter.value.unsafeGetTensorImpl())) frozen.push_back(parameter.value);
  }
  for (Tensor& value : frozen) value.set_requires_grad(false);
  if (spec_.model.int8) base_.backbone->quantise();
  const auto in_8_bits = [](const Tensor& value) { return value.scalar_type() == at::kChar; };
  if (spec_.model.int8 && std::none_of(frozen.begin(), frozen.end(), in_8_bits)) {
    fail_usage("--int8 True: all layers of the encoder train, and only frozen ones can be kept in 8 bits");
  }
  for (Tensor& value : frozen) {
    if (!in_8_bits(value)) value.set_data(value.to(device_, compute_type(spec_.model)));
  }
}

BackboneInput AdaptedModel::encoder_input(const Batch& batch, bool training) const {
  const ModelOptions& options = spec_.model;
  check_batch(batch, masks_padding());
  BackboneInput input;
  input.audio = batch.audio.to(device_);
  if (masks_padding()) input.lengths = batch.lengths.cpu();
  input.exact_padding = options.padding == Padding::exact;
  input.all_layers = head_->needs_all_layers();
  input.gradient_checkpointing = training && options.gradient_checkpointing;
  input.spec_augment = options.spec_augment;
  input.dtype = compute_type(options);
  input.frozen_layers = frozen_layers_;
  return input;
}

HeadOutput AdaptedModel::run(const Batch& batch, bool training, const fused::WindowMoments* whole) const {
  const c10::AutoGradMode gradients(training);
  BackboneInput input = encoder_input(batch, training);
  input.whole = whole;
  input.cache = cache_.get();
  input.cache_key = cache_settings_;
  const ForwardContext context{training, {}, std::make_shared<BatchAdapters>(adapters_)};
  return head_->forward(base_.backbone->forward(input, context), training);
}

std::string AdaptedModel::cache_obstacle() const {
  const std::string of_encoder = base_.backbone->cache_obstacle(*adapters_, frozen_layers_);
  if (!of_encoder.empty()) return of_encoder;
  if (masks_frames(spec_.model.spec_augment)) {
    return "SpecAugment (--mask_time_prob, --mask_feature_prob) masks its output anew each time";
  }
  if (spec_.model.padding != Padding::max_length && !ignores_padding()) {
    return "this model's front-end sees a clip's padding, which differs from batch to batch; use --padding exact";
  }
  return "";
}

std::string AdaptedModel::graph_obstacle() const {
  const BackboneConfig& config = base_.backbone->config();
  if (spec_.model.padding != Padding::max_length || config.return_attention_mask) {
    return "batches differ in their clips' lengths; --padding max_length and a model without attention mask do not";
  }
  if (const std::string of_encoder = base_.backbone->graph_obstacle(); !of_encoder.empty()) return of_encoder;
  if (masks_frames(spec_.model.spec_augment)) {
    return "SpecAugment (--mask_time_prob, --mask_feature_prob) draws its masks on the processor";
  }
  if (spec_.model.gradient_checkpointing)
    return "--gradient_checkpointing sets the generator back in the backward pass";
  if (cache_) return "--cache looks up each clip on the processor";
  return objective_->graph_obstacle();
}

void AdaptedModel::use_cache(std::shared_ptr<ActivationCache> cache) {
  const std::string obstacle = cache_obstacle();
  if (!obstacle.empty()) fail_usage("--cache: what lies below the trained layers cannot be kept: {}", obstacle);
  cache_ = std::move(cache);
  cache_settings_ = cache_settings();
}

/// The config too: weights of the same shapes may be meant for other numbers of heads or strides.
std::string AdaptedModel::cache_settings() const {
  const BackboneConfig& config = base_.backbone->config();
  const CollateOptions collate = collate_options();
  const std::string arithmetic = fmt::format("{}{} by {}", spec_.model.bf16 ? "bf16" : "fp32",
                                             spec_.model.int8 ? " and int8" : "", kernels::chosen_kernels());
  return fmt::format("{} {} {} {} on {}, layer {}, padding {} {}", fingerprint(), config.raw.dump(),
                     config.return_attention_mask, arithmetic, device_.str(),
                     head_->needs_all_layers() ? 0 : frozen_layers_, name_of(collate.padding),
                     collate.padding == Padding::max_length ? collate.max_samples : 0);
}

bool AdaptedModel::masks_padding() const {
  return spec_.model.padding == Padding::exact || base_.backbone->config().return_attention_mask;
}

bool AdaptedModel::ignores_padding() const {
  return spec_.model.padding == Padding::exact || (masks_padding() && !sees_padding(base_.backbone->config()));
}

CollateOptions AdaptedModel::collate_options() const {
  CollateOptions options;
  options.max_samples = spec_.model.max_samples.value_or(0);
  options.padding = *spec_.model.padding;
  options.do_normalize = base_.backbone->config().do_normalize;
  return options;
}

void AdaptedModel::rename_labels(const Labels& labels) {
  if (labels.size() != spec_.labels.size()) {
    fail_usage("{} class names for a model of {} classes", labels.size(), spec_.labels.size());
  }
  check_labels(labels);
  spec_.labels = labels;
  objective_ = task_->make_objective(labels, spec_.roles);
}

int64_t AdaptedModel::total_parameters() const {
  return sure::total_parameters(base_.backbone->parameters(), trained_);
}

ParameterList AdaptedModel::merged_backbone() const {
  if (spec_.model.int8) fail_usage("--int8 True: weights in 8 bits have nothing to merge with; load with --int8 False");
  return merged_parameters(base_.backbone->parameters(), base_.backbone->sites(), *adapters_);
}

void AdaptedModel::save(const fs::path& folder) const {
  write_adapter_folder(folder, {spec_, fingerprint(), trained_});
}

Vocabulary vocabulary_of(const ModelSpec& spec) {
  return spec.roles ? Vocabulary(spec.labels, *spec.roles) : Vocabulary(spec.labels);
}

TargetEncoder target_encoder(const AdaptedModel& model) {
  return [&objective = model.objective()](const std::string& target) { return objective.encode(target); };
}

}  // namespace sure
