// An acoustic model, the adapters that a tuning method made for it, and the voices that it learnt.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "model/adapted_model.h"
#include "tts/acoustic_model.h"
#include "tuning/method.h"

namespace sure {

/// Embeddings by speaker, fp32 [E] each.
using Voices = std::map<std::string, Tensor>;

/// Throws a usage Error for options that have no meaning for an acoustic model.
void check_voice_options(const ModelOptions& model, const TuningOptions& tuning);

class AdaptedVoice {
 public:
  /// The folder of options.model (weights drawn from `seed` where it has none) with fresh adapters from `seed`. Throws
  /// Error naming what is wrong with the folder, a usage Error for options that do not fit and for a method by which
  /// nothing would train.
  static AdaptedVoice create(const ModelOptions& model, const TuningOptions& tuning, uint64_t seed);

  /// The same with the weights of another adapter of this method and model. Throws Error where they have no place.
  static AdaptedVoice create(const ModelOptions& model, const TuningOptions& tuning, uint64_t seed,
                             const SavedAdapter& start);

  /// A folder that `save` wrote, or a training run's folder with such a best_model/. An empty `model` means the
  /// recorded folder. Throws Error naming what is missing or wrong.
  static AdaptedVoice load(const std::filesystem::path& adapter, const std::string& model = "",
                           const std::string& device = "cpu");

  /// Shapes only, on the meta device, for counting; the folder needs no more than a config.json.
  static AdaptedVoice outline(const ModelOptions& model, const TuningOptions& tuning);

  std::shared_ptr<const AcousticModel> model() const { return model_; }
  /// What adapts it, for its passes.
  ForwardContext pass(bool training = false) const;

  /// "backbone.…", "adapter.…"; fp32.
  const ParameterList& trained() const { return trained_; }
  /// What `save` writes: that and, of a model trained from scratch, its running statistics.
  ParameterList state() const;
  const ModelSpec& spec() const { return spec_; }
  const std::string& fingerprint() const { return fingerprint_; }
  at::Device device() const { return device_; }
  /// The folder had no weights.
  bool is_fresh() const { return is_fresh_; }
  int64_t total_parameters() const;

  /// The voices that it speaks with, by name.
  const Voices& voices() const { return voices_; }
  void set_voices(Voices voices) { voices_ = std::move(voices); }

  /// The model's tensors, fp32, with the adapters of linear layers merged into them.
  ParameterList merged() const;

  /// adapter.json and adapter.safetensors (model/adapter_folder.h), and voices.safetensors, into an existing folder.
  void save(const std::filesystem::path& folder) const;

 private:
  AdaptedVoice(const ModelOptions& model, const TuningOptions& tuning, LoadedAcousticModel loaded);

  static AdaptedVoice create(const ModelOptions& model, const TuningOptions& tuning, uint64_t seed,
                             const SavedAdapter* start);
  void attach(ParameterSource& source);
  void place();

  ModelSpec spec_;
  std::shared_ptr<AcousticModel> model_;
  std::string fingerprint_;
  bool is_fresh_ = false;
  std::shared_ptr<const AdapterSet> adapters_;
  ParameterList trained_;
  Voices voices_;
  at::Device device_ = at::kCPU;
};

}  // namespace sure
