#include "predict/judge.h"

#include <ATen/ops/dot.h>

#include <cmath>
#include <limits>
#include <map>

#include "audio/audio.h"
#include "core/error.h"
#include "data/audio_files.h"
#include "metrics/spread.h"
#include "text/normalise_text.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

std::map<std::string, fs::path> by_stem(const fs::path& folder) {
  std::map<std::string, fs::path> found;
  for (const fs::path& path : audio_files_below(folder)) {
    const auto [other, is_new] = found.try_emplace(path.stem().string(), path);
    if (!is_new) fail("{} and {}: two files of one name", other->second.string(), path.string());
  }
  if (found.empty()) fail("{}: no audio files in it", folder.string());
  return found;
}

/// Over the values that are numbers.
template <class Value>
double mean_of(const std::vector<Judgement>& judgements, Value&& value) {
  std::vector<double> known;
  for (const Judgement& judgement : judgements) {
    if (const double found = value(judgement); !std::isnan(found)) known.push_back(found);
  }
  return known.empty() ? std::numeric_limits<double>::quiet_NaN() : spread_of(known).mean;
}

double rate_of(const EditCounts& counts) {
  return counts.reference_length > 0 ? error_rate(counts) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::vector<SpokenPair> pairs_by_name(const fs::path& recordings, const fs::path& speech) {
  const std::map<std::string, fs::path> real = by_stem(recordings);
  std::vector<SpokenPair> pairs;
  for (const auto& [name, path] : by_stem(speech)) {
    const auto recording = real.find(name);
    if (recording == real.end()) fail("{}: no recording of that name in {}", path.string(), recordings.string());
    pairs.push_back({name, recording->second, path, {}});
  }
  return pairs;
}

Judge::Judge(const AdaptedModel* recogniser, const AdaptedModel* voices) {
  if (recogniser != nullptr) {
    if (recogniser->task().output != OutputKind::transcript) {
      fail_usage("the recogniser writes no transcripts: its task is {}", recogniser->task().name);
    }
    recogniser_.emplace(*recogniser, DecodeOptions{}, RecordingOptions{});
  }
  if (voices != nullptr) voices_.emplace(*voices);
}

Judgement Judge::operator()(const SpokenPair& pair) const {
  Judgement judgement;
  judgement.name = pair.name;
  const Tensor recording = read_audio(pair.recording), speech = read_audio(pair.speech);
  try {
    judgement.distance = speech_distance(recording, speech, kSampleRate);
  } catch (const Error& error) {
    fail("{} and {}: {}", pair.recording.string(), pair.speech.string(), error.what());
  }
  if (voices_) judgement.likeness = at::dot((*voices_)(pair.recording), (*voices_)(pair.speech)).item<double>();
  if (recogniser_) listen(pair, judgement);
  return judgement;
}

void Judge::listen(const SpokenPair& pair, Judgement& judgement) const {
  const RecordingResult result = recogniser_->predict({{pair.speech, pair.speech.string()}}).front();
  if (!result.error.empty()) fail("{}", result.error);
  judgement.heard = result.segments.front().prediction.text;
  if (!pair.text) return;
  const std::vector<std::string> said = {normalise_text(*pair.text)}, heard = {normalise_text(judgement.heard)};
  judgement.words = word_edits(said, heard);
  judgement.characters = character_edits(said, heard);
}

SystemScore sum_up(const std::vector<Judgement>& all) {
  SystemScore score;
  score.clips = std::ssize(all);
  score.cepstral = mean_of(all, [](const Judgement& j) { return j.distance.cepstral; });
  score.pitch = mean_of(all, [](const Judgement& j) { return j.distance.pitch; });
  score.pitch_semitones = mean_of(all, [](const Judgement& j) { return j.distance.pitch_semitones; });
  score.voicing = mean_of(all, [](const Judgement& j) { return j.distance.voicing; });
  score.pitch_frames = mean_of(all, [](const Judgement& j) { return j.distance.pitch_frames; });
  score.seconds = mean_of(all, [](const Judgement& j) { return std::abs(j.distance.seconds); });
  score.likeness = mean_of(all, [](const Judgement& j) { return j.likeness.value_or(std::nan("")); });
  EditCounts words, characters;
  for (const Judgement& judgement : all) {
    words += judgement.words;
    characters += judgement.characters;
  }
  score.word_error_rate = rate_of(words);
  score.character_error_rate = rate_of(characters);
  return score;
}

}  // namespace sure
