#include "train/speech_trainer.h"

#include <c10/core/GradMode.h>

#include "core/atomic_file.h"
#include "core/rng.h"
#include "formats/checkpoint_folder.h"
#include "model/adapter_folder.h"
#include "train/checkpoint.h"
#include "train/loop_options.h"
#include "train/seeding.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

class SpeechTrainee : public Trainee {
 public:
  SpeechTrainee(AdaptedVoice& voice, const Dataset& data, const SpeechClips& clips, const SpeakerVoices& voices,
                const SpeechRunConfig& config, TrainObserver& observer)
      : voice_(voice),
        data_(data),
        clips_(clips),
        voices_(voices),
        options_(config.train),
        observer_(observer),
        batches_(data.train, config, /*max_samples=*/0, observer) {}

  at::Device device() const override { return voice_.device(); }
  const ParameterList& trained() const override { return voice_.trained(); }
  Batches draw_batches(uint64_t seed) const override { return batches_.draw(seed); }

  Batch load(const std::vector<size_t>& clips, const Epoch& /*epoch*/) const override {
    return clips_.load(data_.train, clips);
  }

  void add_gradients(const Batch& batch, int64_t step_clips, StepSums& sums) override {
    const SpeechBatch speech = clips_.unpack(batch, data_.train, voices_, device());
    const SpeechLoss loss = voice_.model()->loss(speech, voice_.pass(/*training=*/true), step_);
    const Tensor part = loss.total * (static_cast<double>(batch.indices.size()) / static_cast<double>(step_clips));
    part.backward();
    sums.loss += part.item<double>();
  }

  Metrics note(const StepSums& /*sums*/) override {
    ++step_;
    return {};
  }

  Metrics evaluate() override { return speech_loss(voice_, data_.valid, clips_, voices_, options_, observer_); }

  void save(const fs::path& folder) const override { voice_.save(folder); }

  void load(const fs::path& folder) override {
    load_weights(folder, voice_.state());
    step_ = checkpoint_step(folder).value_or(step_);
  }

  std::string publish(const fs::path& folder) const override {
    return write_folder(folder, best_model_folder(), [&](const fs::path& fresh) { voice_.save(fresh); });
  }

 private:
  AdaptedVoice& voice_;
  const Dataset& data_;
  const SpeechClips& clips_;
  const SpeakerVoices& voices_;
  const TrainOptions& options_;
  TrainObserver& observer_;
  const EpochBatches batches_;
  int64_t step_ = 0;
};

nlohmann::ordered_json identity_of(const AdaptedVoice& voice, const Dataset& data, const SpeakerVoices& voices,
                                   const SpeechRunConfig& config) {
  nlohmann::ordered_json identity = run_identity(voice.fingerprint(), data, config);
  identity["--read_numbers"] = config.speech.read_numbers;
  identity["--trim_db"] = config.speech.trim_db;
  ParameterList embeddings;
  for (const auto& [name, value] : voices.by_name) embeddings.push_back({name, value});
  identity["voices"] = fingerprint(embeddings);
  return identity;
}

}  // namespace

Metrics speech_loss(const AdaptedVoice& voice, const std::vector<Example>& examples, const SpeechClips& clips,
                    const SpeakerVoices& voices, const TrainOptions& options, TrainObserver& observer) {
  const at::NoGradGuard no_gradients;
  const KeptRandomness of_processor(at::kCPU), of_device(voice.device());
  seed_generators(voice.device(), mix_seed(static_cast<uint64_t>(options.seed), "evaluation"));
  const auto all = static_cast<double>(examples.size());
  Metrics metrics;
  int64_t done = 0;
  for (const auto& indices : sequential_batches(examples.size(), options.per_device_eval_batch_size)) {
    const SpeechBatch batch = clips.unpack(clips.load(examples, indices), examples, voices, voice.device());
    const SpeechLoss loss = voice.model()->loss(batch, voice.pass(), /*step=*/0);
    const double share = static_cast<double>(indices.size()) / all;
    metrics["loss"] += loss.total.item<double>() * share;
    for (const auto& [name, value] : loss.parts) metrics[name] += value.item<double>() * share;
    observer.on_evaluation_progress(done += std::ssize(indices), std::ssize(examples));
  }
  return metrics;
}

TrainResult train_speech(AdaptedVoice& voice, const Dataset& data, const SpeechClips& clips,
                         const SpeakerVoices& voices, const SpeechRunConfig& config, TrainObserver& observer) {
  const TrainOptions& options = config.train;
  const bool evaluates = options.do_eval && options.evaluation_strategy != Strategy::no && !data.valid.empty();
  if (!evaluates) note_no_evaluation(observer);
  SpeechTrainee trainee(voice, data, clips, voices, config, observer);
  const int64_t batches = std::ssize(trainee.draw_batches(0));
  Loop loop(trainee, loop_options(find_task(config.task), config.tuning, options, batches, evaluates),
            identity_of(voice, data, voices, config), observer);
  loop.start_or_resume();
  return loop.run();
}

}  // namespace sure
