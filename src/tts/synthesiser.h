// Text in, sound out: an acoustic model with its adapters, a vocoder, a voice.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "audio/write_audio.h"
#include "core/options.h"
#include "tts/acoustic_model.h"
#include "vocoder/vocoder.h"

namespace sure {

/// What speaks, and the voices that it is known to have.
struct SpeakingModel {
  std::shared_ptr<const AcousticModel> model;
  ForwardContext pass = {};                   // its adapters
  std::map<std::string, Tensor> voices = {};  // embeddings by name
};

struct SynthesisOptions {
  std::string vocoder = "griffin-lim";
  std::string speaker;
  bool read_numbers = true;
  int64_t seed = 42;
  double stop_threshold = 0.5;
  double max_frames = 20;
  double rate = 1;
  double pitch = 1;
  double energy = 1;
};

template <class Visitor>
void visit_options(SynthesisOptions& o, Visitor&& visit) {
  visit("vocoder", o.vocoder,
        "folder or generator file of a HiFi-GAN that was trained on the model's spectrograms; griffin-lim: none");
  visit("speaker", o.speaker,
        "the voice: a .npy file with its embedding, or the name of a voice that the adapter learnt");
  visit("read_numbers", o.read_numbers, "write out numbers, dates, currencies and abbreviations as words first");
  visit("seed", o.seed,
        Declaration("of the dropout that makes each rendering a little different").range(0, kMostExact));
  visit("stop_threshold", o.stop_threshold,
        Declaration("probability of the end at which a sentence ends").range(0, 100));
  visit("max_frames", o.max_frames, Declaration("frames a character at which a sentence is cut").range(1, 1000));
  visit("rate", o.rate, Declaration("how fast, of models that predict durations: 1.2 = a fifth faster").range(0.1, 10));
  visit("pitch", o.pitch,
        Declaration("how high, of models that predict pitch: a factor of the frequency").range(0.1, 10));
  visit("energy", o.energy, Declaration("how loud, of models that predict energy: a factor").range(0, 10));
}

/// What became of a text.
struct SynthesisReport {
  int64_t sentences = 0;
  int64_t cut = 0;  // sentences that did not end by themselves
  int64_t samples = 0;
  std::vector<std::string> unknown;  // characters that the model does not have
};

class Synthesiser {
 public:
  /// Throws Error naming what cannot be used, a usage Error for options that do not fit.
  Synthesiser(SpeakingModel speaking, const SynthesisOptions& options);

  int64_t rate() const { return vocoder_->mel().frames.rate; }

  /// Speaks sentence by sentence; the sink gets samples as they come. `on_sentence` hears how many of how many are
  /// done. The same seed and text give the same sound. Throws Error for a text without anything to say.
  SynthesisReport speak(const std::string& text, const SampleSink& sink,
                        const std::function<void(int64_t done, int64_t all)>& on_sentence = {}) const;

 private:
  std::vector<Tensor> encode(const std::string& text, SynthesisReport& report) const;

  SynthesisOptions options_;
  SpeakingModel speaking_;
  std::unique_ptr<Vocoder> vocoder_;
  Tensor speaker_;
};

}  // namespace sure
