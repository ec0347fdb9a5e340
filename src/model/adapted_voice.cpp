#include "model/adapted_voice.h"

#include "backbone/model_folder.h"
#include "core/error.h"
#include "core/registry.h"
#include "core/rng.h"
#include "formats/safetensors.h"
#include "model/adapter_folder.h"
#include "model/device.h"
#include "model/peft_import.h"
#include "model/trained_tensors.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kTask = "tts";
constexpr const char* kFromScratch = "finetune";
constexpr const char* kConvolves = "conv_adapter";
constexpr const char* kVoices = "voices.safetensors";

/// A flag with a value that an acoustic model cannot heed.
struct Misfit {
  bool given;
  const char* flag;
  const char* why;
};

LoadedAcousticModel load_base(const ModelOptions& options, uint64_t seed) {
  return load_acoustic_model(find_model(options.model), options.dropout.value_or(-1), seed);
}

/// Weights that were drawn and then trained have no model to be compared with.
void check_same_model(const SavedAdapter& saved, const LoadedAcousticModel& found, const std::string& model,
                      const std::string& origin) {
  if (saved.fingerprint == found.fingerprint || found.is_fresh) return;
  fail(
      "{}: this adapter was trained on another model: expected fingerprint {} ({}), found {} ({}); pass the right "
      "folder with --model",
      origin, saved.fingerprint, saved.spec.model.model, found.fingerprint, model);
}

void check_speaks(const SavedAdapter& saved, const std::string& origin) {
  if (saved.spec.task == kTask) return;
  fail_usage("{}: an adapter of task {}, which says nothing; expected one of task {}", origin, saved.spec.task, kTask);
}

void check_all_used(const ListSource& source, const std::string& origin) {
  const std::vector<std::string> unused = source.unused();
  if (!unused.empty()) fail("{}: tensor '{}' has no place in this model", origin, unused.front());
}

/// LoRA that PEFT trained, on the same model. Its folder tells no fingerprint: the layers' names and shapes must fit.
SavedAdapter read_peft(const fs::path& folder, const std::string& model) {
  const PeftAdapter peft = read_peft_adapter(folder);
  if (peft.type != PeftType::lora)
    fail_usage("{}: only LoRA can be used of what PEFT trained to speak", folder.string());
  SavedAdapter adapter;
  adapter.spec.task = kTask;
  adapter.spec.model.model = model.empty() ? peft.base_model : model;
  if (adapter.spec.model.model.empty()) {
    fail_usage("{}: names no base model; pass its folder with --model", folder.string());
  }
  const SiteList sites = outline_acoustic_model(find_model(adapter.spec.model.model))->sites();
  const std::vector<PeftLayer> layers = lora_layers(peft, folder.string());
  for (const PeftLayer& layer : layers) {
    const Site* site = find_projection(sites, layer.name);
    if (site == nullptr) {
      fail("{}: LoRA on '{}' cannot be used: {} has no such linear layer", folder.string(), layer.name,
           adapter.spec.model.model);
    }
    check_shape(layer, *site, folder.string());
  }
  if (const ParameterList others = saved_modules(peft); !others.empty()) {
    fail("{}: tensor '{}' cannot be used: modules_to_save have no place here", folder.string(), others[0].name);
  }
  add_lora(layers, sites, adapter);
  return adapter;
}

/// A method that looks at neighbouring steps would learn from frames that are not there yet when the model speaks.
SiteList sites_for(const TuningOptions& tuning, const AcousticModel& model) {
  SiteList sites = model.sites();
  if (tuning.method == kConvolves)
    std::erase_if(sites, [&](const Site& site) { return !model.sees_later_steps(site); });
  return sites;
}

Voices read_voices(const fs::path& file) {
  Voices voices;
  if (!fs::exists(file)) return voices;
  for (const NamedTensor& voice : read_safetensors(file).tensors) voices[voice.name] = voice.value.clone();
  return voices;
}

}  // namespace

void check_voice_options(const ModelOptions& model, const TuningOptions& tuning) {
  const Misfit misfits[] = {
      {model.bf16, "bf16", "speech synthesis computes in fp32"},
      {model.int8, "int8", "speech synthesis computes in fp32"},
      {model.gradient_checkpointing, "gradient_checkpointing", "there is none in speech synthesis"},
      {model.max_samples.value_or(0) > 0, "max_samples", "a text needs the whole of its clip"},
      {tuning.feat_enc_adapter, "feat_enc_adapter", "a model that speaks has no front-end"},
      {tuning.freeze_layers > 0, "freeze_layers", "its layers are an encoder's; use another --method to train less"},
      {!tuning.tune_layers.empty(), "tune_layers", "its layers are an encoder's; --lora_targets takes whole names"},
  };
  for (const Misfit& misfit : misfits) {
    if (misfit.given) fail_usage("--{}: not for task {}: {}", misfit.flag, kTask, misfit.why);
  }
}

AdaptedVoice::AdaptedVoice(const ModelOptions& model, const TuningOptions& tuning, LoadedAcousticModel loaded)
    : model_(std::move(loaded.model)), fingerprint_(std::move(loaded.fingerprint)), is_fresh_(loaded.is_fresh) {
  check_voice_options(model, tuning);
  if (is_fresh_ && tuning.method != kFromScratch) {
    fail_usage("--model {}: has no weights, which --method {} alone trains from scratch", model.model, kFromScratch);
  }
  spec_.task = kTask;
  spec_.model = model;
  spec_.tuning = tuning;
}

AdaptedVoice AdaptedVoice::create(const ModelOptions& model, const TuningOptions& tuning, uint64_t seed) {
  return create(model, tuning, seed, nullptr);
}

AdaptedVoice AdaptedVoice::create(const ModelOptions& model, const TuningOptions& tuning, uint64_t seed,
                                  const SavedAdapter& start) {
  return create(model, tuning, seed, &start);
}

AdaptedVoice AdaptedVoice::create(const ModelOptions& model, const TuningOptions& tuning, uint64_t seed,
                                  const SavedAdapter* start) {
  constexpr const char* kOrigin = "--init_from";
  const at::Device device = find_device(model.device);
  LoadedAcousticModel base = load_base(model, seed);
  if (start != nullptr) {
    check_speaks(*start, kOrigin);
    check_same_model(*start, base, model.model, kOrigin);
  }
  AdaptedVoice voice(model, tuning, std::move(base));
  voice.device_ = device;
  ListSource known(start == nullptr ? ParameterList() : start->tensors, kOrigin);
  const auto fresh = seeded_source(mix_seed(seed, "adapted voice"));
  FirstThenSecond source(known, *fresh);
  voice.attach(source);
  if (start != nullptr) restore_trained_backbone(voice.state(), known);
  check_all_used(known, kOrigin);
  voice.place();
  return voice;
}

AdaptedVoice AdaptedVoice::load(const fs::path& folder, const std::string& model, const std::string& device) {
  const fs::path path = find_adapter(folder);
  const bool is_peft = is_peft_folder(path);
  SavedAdapter saved = is_peft ? read_peft(path, model) : read_adapter_folder(path);
  check_speaks(saved, path.string());
  ModelOptions options = saved.spec.model;
  options.device = device;
  if (!model.empty()) options.model = model;
  if (!has_model(options.model)) {
    fail("{}: the model that it adapts, {}, is not there (any more, or on this machine): pass its folder with --model",
         path.string(), options.model);
  }
  LoadedAcousticModel base = load_base(options, /*seed=*/0);
  if (!is_peft) check_same_model(saved, base, options.model, path.string());
  AdaptedVoice voice(options, saved.spec.tuning, std::move(base));
  voice.device_ = find_device(options.device);
  ListSource source(std::move(saved.tensors), path.string());
  voice.attach(source);
  restore_trained_backbone(voice.state(), source);
  check_all_used(source, path.string());
  voice.place();
  voice.voices_ = read_voices(path / kVoices);
  return voice;
}

AdaptedVoice AdaptedVoice::outline(const ModelOptions& model, const TuningOptions& tuning) {
  LoadedAcousticModel loaded;
  loaded.model = outline_acoustic_model(find_model(model.model));
  AdaptedVoice voice(model, tuning, std::move(loaded));
  voice.attach(*meta_source());
  return voice;
}

void AdaptedVoice::attach(ParameterSource& source) {
  Tuning tuning = apply_tuning(spec_.tuning, sites_for(spec_.tuning, *model_), model_->parameters(), source);
  if (tuning.trained.empty()) {
    fail_usage("--method {}: nothing of this model would train; use another", spec_.tuning.method);
  }
  adapters_ = std::move(tuning.adapters);
  trained_ = std::move(tuning.trained);
}

// Layers hold handles to the same tensors, hence set_data.
void AdaptedVoice::place() {
  place_trained(trained_, device_);
  if (device_.is_cpu()) return;
  for (NamedTensor& parameter : model_->parameters()) parameter.value.set_data(parameter.value.data().to(device_));
}

ParameterList AdaptedVoice::state() const {
  ParameterList state = trained_;
  if (!is_fresh_) return state;
  for (const NamedTensor& parameter : model_->parameters()) {
    if (parameter.is_buffer) state.push_back({std::string(kBackbonePrefix) + parameter.name, parameter.value});
  }
  return state;
}

ForwardContext AdaptedVoice::pass(bool training) const {
  return {training, {}, std::make_shared<BatchAdapters>(adapters_)};
}

int64_t AdaptedVoice::total_parameters() const { return sure::total_parameters(model_->parameters(), trained_); }

ParameterList AdaptedVoice::merged() const {
  return merged_parameters(model_->parameters(), model_->sites(), *adapters_);
}

void AdaptedVoice::save(const fs::path& folder) const {
  write_adapter_folder(folder, {spec_, fingerprint_, state()});
  ParameterList voices;
  for (const auto& [name, value] : voices_) voices.push_back({name, value});
  if (!voices.empty()) write_safetensors(folder / kVoices, voices);
}

}  // namespace sure
