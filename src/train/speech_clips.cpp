#include "train/speech_clips.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/pad_sequence.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <set>

#include "audio/audio.h"
#include "audio/trim_silence.h"
#include "core/error.h"
#include "nn/conv_front_end.h"
#include "text/counted.h"
#include "text/printable.h"
#include "text/spoken_english.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr double kSilence = 1e-3;  // of full scale, the highest value of a clip
constexpr size_t kNamedCharacters = 12;

/// Size and time of change, so that a clip that was replaced is computed anew.
std::string identity_of(const fs::path& clip) {
  std::error_code error;
  const auto size = fs::file_size(clip, error);
  const auto changed = fs::last_write_time(clip, error).time_since_epoch().count();
  return fmt::format("{} {} {}", fs::weakly_canonical(clip, error).string(), size, changed);
}

/// Every clip of a run's splits.
template <class Visit>
void for_each_clip(const Dataset& data, const Visit& visit) {
  for (const auto* part : {&data.train, &data.valid, &data.test}) {
    for (const Example& clip : *part) visit(clip);
  }
}

/// Without the file's name in front.
std::string reason_of(const Error& error, const fs::path& clip) {
  const std::string text = error.what(), name = clip.string() + ": ";
  return text.starts_with(name) ? text.substr(name.size()) : text;
}

/// Decodes clips; adds those that have no features.
void find_unusable(const std::vector<Example>& examples, const SpeechClips& clips, TrainObserver& observer,
                   std::vector<BadClip>& bad) {
  std::set<fs::path> known;
  for (const BadClip& clip : bad) known.insert(clip.path);
  for (size_t i = 0; i < examples.size(); ++i) {
    const fs::path& path = examples[i].path;
    observer.on_preparation("spectrograms", static_cast<int64_t>(i) + 1, std::ssize(examples));
    if (known.contains(path)) continue;
    try {
      clips.features(path);
    } catch (const Error& error) {
      bad.push_back({path, reason_of(error, path)});
    }
  }
}

std::vector<BadClip> find_bad(const std::vector<Example>& examples, const RunConfig& config, const SpeechClips& clips,
                              bool decodes, TrainObserver& observer) {
  ClipSurvey survey = survey_clips(examples, config.data.data_dir, clips.shortest(), observer);
  for (size_t i = 0; i < examples.size(); ++i) {
    if (survey.samples[i] == 0) continue;
    if (std::string fault = clips.fault_of(examples[i], survey.samples[i]); !fault.empty()) {
      survey.bad.push_back({examples[i].path, std::move(fault)});
    }
  }
  if (decodes) find_unusable(examples, clips, observer, survey.bad);
  return survey.bad;
}

}  // namespace

SpeechClips::SpeechClips(const AcousticModel& model, const std::string& fingerprint, const SpeechOptions& options,
                         std::shared_ptr<ActivationCache> cache)
    : model_(model),
      settings_(fmt::format("features of {}, trim {:g}", fingerprint, options.trim_db)),
      options_(options),
      cache_(std::move(cache)) {}

EncodedText SpeechClips::encode(const std::string& text) const {
  return model_.encode(options_.read_numbers ? spoken_english(text) : text);
}

/// [T, bins], or [T, bins + 2] with pitch and energy.
Tensor SpeechClips::compute(const fs::path& clip) const {
  Tensor samples = read_audio(clip, model_.mel().frames.rate);
  if (samples.abs().max().item<double>() < kSilence) fail("{}: is silent", clip.string());
  if (options_.trim_db > 0) samples = trim_silence(samples, {.below_peak = options_.trim_db});
  try {
    const SpeechFeatures features = model_.features(samples);
    if (!features.pitch.defined()) return features.mel;
    return at::cat({features.mel, features.pitch.unsqueeze(1), features.energy.unsqueeze(1)}, 1);
  } catch (const Error& error) {
    fail("{}: {}", clip.string(), error.what());
  }
}

Tensor SpeechClips::packed(const fs::path& clip) const {
  if (!cache_) return compute(clip);
  const std::string key = cache_key(fmt::format("{}: {}", settings_, identity_of(clip)), at::zeros({1}));
  Tensor features = cache_->find(key);
  if (features.defined()) return features;
  features = compute(clip);
  cache_->store(key, features);
  return features;
}

SpeechFeatures SpeechClips::features(const fs::path& clip) const {
  const Tensor all = packed(clip);
  const int64_t bins = model_.mel().bins;
  if (all.size(1) == bins) return {all, {}, {}};
  return {all.narrow(1, 0, bins), all.select(1, bins), all.select(1, bins + 1)};
}

Batch SpeechClips::load(const std::vector<Example>& clips, const std::vector<size_t>& indices) const {
  std::vector<Tensor> frames, texts;
  std::vector<int64_t> lengths;
  for (const size_t index : indices) {
    const Example& clip = clips.at(index);
    frames.push_back(packed(clip.path));
    texts.push_back(encode(clip.target).ids);
    lengths.push_back(frames.back().size(0));
    if (lengths.back() >= model_.least_frames(texts.back().size(0))) continue;
    fail("{}: {} of speech cannot be of a text of {}", clip.path.string(), counted(lengths.back(), "frame"),
         counted(texts.back().size(0), "symbol"));
  }
  Batch batch;
  batch.audio = at::pad_sequence(frames, /*batch_first=*/true);
  batch.lengths = at::tensor(lengths, at::kLong);
  batch.targets = at::pad_sequence(texts, /*batch_first=*/true, static_cast<double>(kNoTarget));
  batch.indices = indices;
  return batch;
}

SpeechBatch SpeechClips::unpack(const Batch& batch, const std::vector<Example>& clips, const SpeakerVoices& voices,
                                at::Device device) const {
  const int64_t bins = model_.mel().bins;
  const Tensor all = batch.audio.to(device), targets = batch.targets.to(device);
  SpeechBatch speech;
  speech.text_mask = targets != kNoTarget;
  speech.ids = targets.masked_fill(speech.text_mask.logical_not(), 0);
  speech.mel = all.narrow(2, 0, bins);
  speech.frame_mask = mask_of_lengths(batch.lengths, all.size(1), all);
  if (all.size(2) > bins) {
    speech.pitch = all.select(2, bins);
    speech.energy = all.select(2, bins + 1);
  }
  std::vector<Tensor> speakers;
  for (const size_t index : batch.indices) speakers.push_back(voices.of(clips.at(index)));
  if (speakers[0].defined()) speech.speaker = at::stack(speakers).to(device);
  return speech;
}

std::string SpeechClips::fault_of(const Example& clip, int64_t samples) const {
  const FrameOptions& frames = model_.mel().frames;
  const int64_t found = frames_of(samples * frames.rate / kSampleRate, frames);
  const int64_t symbols = encode(clip.target).ids.size(0), least = model_.least_frames(symbols);
  if (found >= least) return "";
  return fmt::format("{} of speech, and its text of {} takes {} at least", counted(found, "frame"),
                     counted(symbols, "symbol"), least);
}

int64_t SpeechClips::shortest() const {
  const FrameOptions& frames = model_.mel().frames;
  return (frames.transform / 2 + 1) * kSampleRate / frames.rate + 1;
}

std::vector<BadClip> leave_out_bad_speech(Dataset& data, const RunConfig& config, const SpeechClips& clips,
                                          TrainObserver& observer) {
  const TrainOptions& options = config.train;
  const bool decodes = options.skip_bad || options.cache != CacheKind::off;
  std::vector<BadClip> all;
  const auto look = [&](std::vector<Example>& examples, bool wanted, bool closer) {
    if (!wanted || examples.empty()) return;
    const std::vector<BadClip> bad = find_bad(examples, config, clips, closer, observer);
    std::set<fs::path> paths;
    for (const BadClip& clip : bad) paths.insert(clip.path);
    std::erase_if(examples, [&](const Example& example) { return paths.contains(example.path); });
    all.insert(all.end(), bad.begin(), bad.end());
    if (examples.empty() && options.skip_bad)
      fail("--skip_bad: no clip of a whole split is left of {}", describe_bad(bad));
  };
  look(data.train, options.do_train, decodes);
  look(data.valid, options.do_eval, /*closer=*/true);
  look(data.test, options.do_predict, /*closer=*/true);
  if (all.empty()) return all;
  if (!options.skip_bad) fail("cannot learn from {}; --skip_bad True goes on without them", describe_bad(all));
  observer.on_message("skipped " + describe_bad(all));
  return all;
}

void note_unknown_symbols(const Dataset& data, const SpeechClips& clips, TrainObserver& observer) {
  std::vector<std::string> unknown;
  int64_t texts = 0;
  for_each_clip(data, [&](const Example& clip) {
    const EncodedText encoded = clips.encode(clip.target);
    texts += encoded.unknown.empty() ? 0 : 1;
    for (const std::string& symbol : encoded.unknown) {
      if (std::find(unknown.begin(), unknown.end(), symbol) == unknown.end()) unknown.push_back(symbol);
    }
  });
  if (unknown.empty()) return;
  observer.on_message(fmt::format("note: the model does not know these characters, of {}: {}", counted(texts, "text"),
                                  printable(name_some(unknown, kNamedCharacters))));
}

}  // namespace sure
