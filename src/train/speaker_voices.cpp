#include "train/speaker_voices.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "predict/voices.h"
#include "tts/speaker_file.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kNobody = "voice";  // who speaks where the corpus names nobody
constexpr size_t kClipsOfVoice = 30;      // whose mean is near enough to that of all

std::string speaker_of(const Example& clip) { return clip.speaker.empty() ? kNobody : clip.speaker; }

/// Clips of each speaker, of training first.
std::map<std::string, std::vector<fs::path>> clips_by_speaker(const Dataset& data) {
  std::map<std::string, std::vector<fs::path>> clips;
  for (const auto* part : {&data.train, &data.valid, &data.test}) {
    for (const Example& clip : *part) {
      std::vector<fs::path>& own = clips[speaker_of(clip)];
      if (own.size() < kClipsOfVoice) own.push_back(clip.path);
    }
  }
  return clips;
}

SpeakerVoices read_folder(const fs::path& folder, const Dataset& data, int64_t width) {
  SpeakerVoices voices;
  for (const auto& [speaker, clips] : clips_by_speaker(data)) {
    voices.by_name[speaker] = read_speaker(folder / (speaker + ".npy"), width);
  }
  return voices;
}

Tensor mean_voice(const VoiceEmbedder& embed, const std::vector<fs::path>& clips) {
  Tensor sum;
  for (const fs::path& clip : clips) {
    const Tensor voice = embed(clip);
    sum = sum.defined() ? sum + voice : voice;
  }
  return sum / sum.norm();
}

SpeakerVoices compute(const SpeechRunConfig& config, const Dataset& data, int64_t width, TrainObserver& observer) {
  const fs::path adapter = config.speech.speaker_model;
  ModelOptions options = recorded_model_options(adapter);
  options.device = config.model.device;
  const AdaptedModel model = AdaptedModel::load(adapter, options);
  const VoiceEmbedder embed(model);
  SpeakerVoices voices;
  const auto clips = clips_by_speaker(data);
  for (const auto& [speaker, own] : clips) {
    const Tensor voice = mean_voice(embed, own);
    if (voice.size(0) != width) {
      fail("--speaker_model {}: makes embeddings of {} numbers, the model takes {}", adapter.string(), voice.size(0),
           width);
    }
    voices.by_name[speaker] = voice;
    observer.on_preparation("voices", std::ssize(voices.by_name), std::ssize(clips));
  }
  return voices;
}

}  // namespace

Tensor SpeakerVoices::of(const Example& clip) const {
  if (by_name.empty()) return {};
  return by_name.at(only.empty() ? speaker_of(clip) : only);
}

void check_speaker_flags(const SpeechOptions& options, int64_t width) {
  const bool has_file = !options.speaker.empty(), has_model = !options.speaker_model.empty();
  if (has_file && has_model) fail_usage("--speaker and --speaker_model: leave one out");
  if (width == 0 && (has_file || has_model)) fail_usage("--speaker: this model has one voice only; leave it out");
  if (width == 0 || has_file || has_model) return;
  fail_usage(
      "--speaker is missing: the model needs the voice of each clip, a .npy file with an embedding of {} numbers for "
      "all "
      "of them or a folder with <speaker>.npy; or --speaker_model with a verification adapter",
      width);
}

SpeakerVoices find_voices(const SpeechRunConfig& config, const Dataset& data, int64_t width, TrainObserver& observer) {
  if (width == 0) return {};
  if (!config.speech.speaker_model.empty()) return compute(config, data, width, observer);
  const fs::path file = config.speech.speaker;
  if (fs::is_directory(file)) return read_folder(file, data, width);
  SpeakerVoices voices;
  voices.only = file.stem().string();
  voices.by_name[voices.only] = read_speaker(file, width);
  return voices;
}

}  // namespace sure
