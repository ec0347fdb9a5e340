// What synthetic speech is worth: beside the recording of the same words, heard by a recogniser and by a verification
// model.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "metrics/error_rate.h"
#include "metrics/speech_distance.h"
#include "predict/predictor.h"
#include "predict/voices.h"

namespace sure {

/// A recording and synthetic speech of the same words.
struct SpokenPair {
  std::string name;
  std::filesystem::path recording;
  std::filesystem::path speech;
  std::optional<std::string> text;  // what is said
};

struct Judgement {
  std::string name;
  SpeechDistance distance;         // at 16 kHz
  std::optional<double> likeness;  // cosine of the two voices' embeddings
  std::string heard;               // by the recogniser
  EditCounts words, characters;    // of what was heard, beside the text
};

/// Files of both folders, searched recursively, by their names without endings, in order. Throws Error, naming it, for
/// speech without a recording, for a name that is there twice, and for a folder without recordings or speech.
std::vector<SpokenPair> pairs_by_name(const std::filesystem::path& recordings, const std::filesystem::path& speech);

class Judge {
 public:
  /// Either may be left out; what is given must outlive it. Throws a usage Error for models of other tasks.
  Judge(const AdaptedModel* recogniser, const AdaptedModel* voices);

  /// Throws Error, naming the file, for what cannot be read or compared.
  Judgement operator()(const SpokenPair& pair) const;

 private:
  void listen(const SpokenPair& pair, Judgement& judgement) const;

  std::optional<Predictor> recogniser_;
  std::optional<VoiceEmbedder> voices_;
};

/// Means over clips; NaN where nothing was measured.
struct SystemScore {
  int64_t clips = 0;
  double cepstral = 0, pitch = 0, pitch_semitones = 0, voicing = 0, pitch_frames = 0;
  double seconds = 0;  // mean of the lengths' absolute differences
  double likeness = 0;
  double word_error_rate = 0, character_error_rate = 0;  // over all words of all clips
};

SystemScore sum_up(const std::vector<Judgement>& judgements);

}  // namespace sure
