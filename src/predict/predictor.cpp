#include "predict/predictor.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>
#include <new>

#include "audio/audio.h"
#include "audio/audio_info.h"
#include "audio/short_audio.h"
#include "backbone/frame_samples.h"
#include "core/error.h"
#include "core/torch_error.h"
#include "predict/audio_slices.h"
#include "predict/long_recording.h"

namespace sure {

namespace {

constexpr double kLongest = 1e6;                     // seconds
constexpr int64_t kLargestBatch = 60 * kSampleRate;  // samples, padding included

void check_seconds(const char* flag, double value) {
  if (!(value >= 0 && std::isfinite(value))) fail_usage("--{} {}: expected seconds, 0 or more", flag, value);
  if (value > kLongest) fail_usage("--{} {:g}: too long, at most {:g} s", flag, value, kLongest);
}

void check_options(const RecordingOptions& options, const AdaptedModel& model) {
  check_seconds("window", options.window);
  check_seconds("hop", options.hop);
  check_seconds("chunk", options.chunk);
  if (options.batch_size < 1) fail_usage("--batch_size {}: expected at least 1", options.batch_size);
  if (options.hop > 0 && options.window == 0) fail_usage("--hop {:g} needs --window", options.hop);
  if (options.window > 0 && model.task().output != OutputKind::labels) {
    fail_usage("--window: an adapter of the task {} has no labels to give for windows; transcripts have times as it is",
               model.task().name);
  }
  const int64_t least = samples_of_frames(model.backbone().config(), 1);
  if (options.window > 0 && samples_of(options.window) < least) {
    fail_usage("--window {:g}: this model needs at least {:.3g} s", options.window, seconds_of(least));
  }
  if (options.hop > 0 && samples_of(options.hop) < 1) fail_usage("--hop {:g}: too short", options.hop);
  if (options.chunk > 0) plan_chunks(model.backbone().config(), options.chunk);
}

/// A window is heard whole, also where a clip would be cut.
CollateOptions collate_for(const AdaptedModel& model, const RecordingOptions& options) {
  CollateOptions collate = model.collate_options();
  if (options.window > 0 && collate.max_samples > 0) {
    collate.max_samples = std::max(collate.max_samples, samples_of(options.window));
  }
  return collate;
}

/// Runs `work`; what it throws becomes the result's error, with the recording's name.
template <class Work>
void guard(const Recording& recording, RecordingResult& result, Work&& work) {
  const auto say = [&](std::string message) {
    const std::string path = recording.path.string();
    if (message.starts_with(path)) message = message.substr(path.size());
    if (!message.starts_with(':')) message.insert(0, ": ");
    result = {};
    result.error = recording.name + message;
  };
  try {
    work();
  } catch (const Error& error) {
    say(error.what());
  } catch (const c10::Error& error) {
    say(describe(error));
  } catch (const std::bad_alloc&) {
    say("out of memory");
  } catch (const std::exception& error) {
    say(error.what());
  }
}

}  // namespace

Predictor::Predictor(const AdaptedModel& model, const DecodeOptions& decode, const RecordingOptions& options)
    : model_(model), options_(options), collate_(collate_for(model, options)) {
  check_options(options, model);
  if (options_.hop == 0) options_.hop = options_.window;
  read_pieces_ = model.objective().make_stream_postprocessor(decode);
  if (read_pieces_ == nullptr) read_ = model.objective().make_postprocessor(decode);
}

/// Samples of the longest recording that is heard in one piece and whole; 0 = any length.
int64_t Predictor::most_at_once() const {
  const int64_t chunk = collate_.padding == Padding::max_length ? 0 : samples_of(options_.chunk);
  if (chunk == 0 || collate_.max_samples == 0) return std::max(chunk, collate_.max_samples);
  return std::min(chunk, collate_.max_samples);
}

bool Predictor::is_long(int64_t samples) const {
  const int64_t heard = collate_.max_samples > 0 ? std::min(collate_.max_samples, samples) : samples;
  return options_.chunk > 0 && heard > samples_of(options_.chunk) && collate_.padding != Padding::max_length;
}

void Predictor::check_length(const Recording& recording, int64_t samples) const {
  const bool fills_up = collate_.padding == Padding::max_length && !model_.masks_padding();
  const int64_t least = samples_of_frames(model_.backbone().config(), 1);
  if (fills_up || samples >= least) return;
  fail("{}: too short, {} samples at 16 kHz ({:.3g} s) where this model needs at least {} ({:.3g} s)",
       recording.path.string(), samples, seconds_of(samples), least, seconds_of(least));
}

/// Whether `next` can be computed together with the batch without changing a result.
bool Predictor::joins(const std::vector<Clip>& batch, const Clip& next) const {
  if (batch.empty()) return true;
  if (std::ssize(batch) >= options_.batch_size) return false;
  int64_t longest = collate_.padding == Padding::max_length ? collate_.max_samples : next.samples.size(0);
  for (const Clip& clip : batch) longest = std::max(longest, clip.samples.size(0));
  if (longest * (std::ssize(batch) + 1) > kLargestBatch) return false;
  return collate_.padding == Padding::max_length || model_.ignores_padding() ||
         batch.front().samples.size(0) == next.samples.size(0);
}

std::vector<Prediction> Predictor::read_batch(std::vector<Tensor> clips) const {
  const HeadOutput output = model_.forward(collate(std::move(clips), collate_), /*training=*/false);
  if (!output.logits.isfinite().all().item<bool>()) fail("the model's output for it is not finite");
  if (read_ != nullptr) return read_(output);
  std::vector<Prediction> predictions;
  for (int64_t clip = 0; clip < output.logits.size(0); ++clip) {
    const auto reader = read_pieces_();
    reader->add({output.logits.narrow(0, clip, 1), output.lengths.narrow(0, clip, 1), output.seconds_per_frame, {}});
    predictions.push_back(reader->finish());
  }
  return predictions;
}

void Predictor::hear_batch(std::vector<Clip>& batch, const std::vector<Recording>& recordings,
                           std::vector<RecordingResult>& results) const {
  const std::vector<Clip> clips = std::exchange(batch, {});
  RecordingResult together;
  std::vector<Prediction> predictions;
  const auto run = [&](size_t first, size_t count) {
    std::vector<Tensor> samples;
    for (size_t i = first; i < first + count; ++i) samples.push_back(clips[i].samples);
    predictions = read_batch(std::move(samples));
    for (size_t i = 0; i < count; ++i) {
      const Clip& clip = clips[first + i];
      results[clip.index].segments = {{0, seconds_of(clip.samples.size(0)), std::move(predictions.at(i))}};
    }
  };
  if (clips.size() > 1) {
    guard(recordings[clips.front().index], together, [&] { run(0, clips.size()); });
    if (together.error.empty()) return;
  }
  // Each alone, to find whose fault it is.
  for (size_t i = 0; i < clips.size(); ++i) {
    guard(recordings[clips[i].index], results[clips[i].index], [&] { run(i, 1); });
  }
}

void Predictor::hear_long(const Recording& recording, RecordingResult& result, const HeardSoFar& heard) const {
  const int64_t limit = collate_.max_samples;
  Segment whole{0, limit > 0 ? std::min(seconds_of(limit), result.seconds) : result.seconds, {}};
  const auto tell = [&](int64_t done) {
    if (heard) heard(recording, seconds_of(done), whole.end);
  };
  if (read_pieces_ == nullptr) {
    whole.prediction = read_(label_in_chunks(model_, recording.path, options_.chunk, limit, tell)).front();
  } else {
    const auto reader = read_pieces_();
    const auto add = [&](const HeadOutput& piece, int64_t done) {
      reader->add(piece);
      tell(done);
    };
    transcribe_in_chunks(model_, recording.path, options_.chunk, limit, add);
    whole.prediction = reader->finish();
  }
  result.segments = {std::move(whole)};
}

void Predictor::hear_windows(const Recording& recording, RecordingResult& result, const HeardSoFar& heard) const {
  const int64_t length = samples_of(options_.window), least = samples_of_frames(model_.backbone().config(), 1);
  AudioSlices windows(SampleStream(recording.path), length, samples_of(options_.hop));
  result.seconds = seconds_of(samples_at(audio_info(recording.path)));
  std::vector<Tensor> clips;
  const auto flush = [&] {
    if (clips.empty()) return;
    const size_t first = result.segments.size() - clips.size();
    std::vector<Prediction> predictions = read_batch(std::exchange(clips, {}));
    for (size_t i = 0; i < predictions.size(); ++i) result.segments[first + i].prediction = std::move(predictions[i]);
    if (heard) heard(recording, result.segments.back().end, result.seconds);
  };
  for (AudioSlice window; windows.next(window);) {
    const int64_t samples = window.samples.size(0);
    if (window.start == 0) {
      check_length(recording, samples);
    } else if (samples < least) {
      break;  // what is left at the end is less than the model hears
    }
    const int64_t together = (std::ssize(clips) + 1) * std::max(length, collate_.max_samples);
    const bool fits = std::ssize(clips) < options_.batch_size && together <= kLargestBatch;
    if (!fits || samples < length) flush();
    clips.push_back(window.samples);
    result.segments.push_back({seconds_of(window.start), seconds_of(window.start + samples), {}});
  }
  flush();
}

/// The samples to hear of a recording in one piece; undefined for one that is too long for that.
Tensor Predictor::clip_of(const Recording& recording, RecordingResult& result) const {
  if (const auto whole = read_short_audio(recording.path, most_at_once())) {
    result.seconds = seconds_of(whole->size(0));
    check_length(recording, whole->size(0));
    return *whole;
  }
  const int64_t samples = samples_at(audio_info(recording.path));
  result.seconds = seconds_of(samples);
  result.cut = collate_.max_samples > 0 && samples > collate_.max_samples;
  return is_long(samples) ? Tensor() : read_audio(recording.path, kSampleRate, collate_.max_samples);
}

std::vector<RecordingResult> Predictor::predict(const std::vector<Recording>& recordings,
                                                const HeardSoFar& heard) const {
  std::vector<RecordingResult> results(recordings.size());
  std::vector<Clip> batch;
  for (size_t i = 0; i < recordings.size(); ++i) {
    const Recording& recording = recordings[i];
    guard(recording, results[i], [&] {
      if (has_windows()) return hear_windows(recording, results[i], heard);
      Clip clip{i, clip_of(recording, results[i])};
      if (!clip.samples.defined()) return hear_long(recording, results[i], heard);
      if (!joins(batch, clip)) hear_batch(batch, recordings, results);
      batch.push_back(std::move(clip));
    });
  }
  if (!batch.empty()) hear_batch(batch, recordings, results);
  return results;
}

}  // namespace sure
