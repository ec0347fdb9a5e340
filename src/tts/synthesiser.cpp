#include "tts/synthesiser.h"

#include <algorithm>

#include "core/error.h"
#include "core/options.h"
#include "core/rng.h"
#include "text/counted.h"
#include "text/spoken_english.h"
#include "text/utf8.h"
#include "tts/speaker_file.h"
#include "vocoder/griffin_lim.h"
#include "vocoder/vocoder_stream.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kGriffinLim = "griffin-lim";
constexpr size_t kMostCharacters = 300;  // bytes of one sentence: longer ones than it learned from go astray

constexpr size_t kAtOnce = 8;    // sentences
constexpr int64_t kChunk = 128;  // frames

constexpr size_t kNamedVoices = 12;

std::unique_ptr<Vocoder> make_vocoder(const std::string& name, const MelOptions& mel) {
  if (name == kGriffinLim) return std::make_unique<GriffinLim>(mel);
  std::unique_ptr<Vocoder> vocoder = load_vocoder(name);
  check_mel(*vocoder, mel, name);
  return vocoder;
}

void check_controls(const AcousticModel& model, const SynthesisOptions& options) {
  if (model.has_controls()) return;
  for (const auto& [flag, factor] :
       {std::pair("rate", options.rate), std::pair("pitch", options.pitch), std::pair("energy", options.energy)}) {
    if (factor != 1) fail_usage("--{}: this model says everything as it learnt it; leave the flag out", flag);
  }
}

std::string names_of(const std::map<std::string, Tensor>& voices) {
  std::vector<std::string> names;
  for (const auto& [name, voice] : voices) names.push_back(name);
  return name_some(names, kNamedVoices);
}

/// Undefined for a model that takes none.
Tensor find_voice(const SpeakingModel& speaking, const std::string& speaker) {
  const int64_t width = speaking.model->speaker_width();
  const auto& voices = speaking.voices;
  if (width == 0) return {};
  if (voices.contains(speaker)) return voices.at(speaker);
  if (!speaker.empty()) return read_speaker(speaker, width);
  if (voices.size() == 1) return voices.begin()->second;
  if (!voices.empty()) fail_usage("--speaker is missing: the adapter learnt {}", names_of(voices));
  fail_usage("--speaker is missing: the model needs a voice, a .npy file with an embedding of {} numbers", width);
}

/// Returns how many there are.
int64_t hand_on(const Tensor& samples, const SampleSink& sink) {
  if (samples.size(0) > 0) sink(samples);
  return samples.size(0);
}

}  // namespace

Synthesiser::Synthesiser(SpeakingModel speaking, const SynthesisOptions& options)
    : options_(options), speaking_(std::move(speaking)) {
  check_options(options);
  check_controls(*speaking_.model, options);
  vocoder_ = make_vocoder(options.vocoder, speaking_.model->mel());
  speaker_ = find_voice(speaking_, options.speaker);
}

/// The ids of each sentence that has something to say.
std::vector<Tensor> Synthesiser::encode(const std::string& text, SynthesisReport& report) const {
  std::vector<Tensor> sentences;
  const std::string spoken = options_.read_numbers ? spoken_english(text) : text;
  for (const std::string& sentence : sentences_of(spoken, kMostCharacters)) {
    if (!can_be_said(sentence)) continue;
    EncodedText encoded = speaking_.model->encode(sentence);
    for (std::string& piece : encoded.unknown) {
      if (std::find(report.unknown.begin(), report.unknown.end(), piece) == report.unknown.end()) {
        report.unknown.push_back(std::move(piece));
      }
    }
    if (encoded.ids.size(0) > 0) sentences.push_back(encoded.ids);
  }
  return sentences;
}

SynthesisReport Synthesiser::speak(const std::string& text, const SampleSink& sink,
                                   const std::function<void(int64_t, int64_t)>& on_sentence) const {
  if (!is_utf8(text)) fail("the text is broken UTF-8, expected UTF-8");
  SynthesisReport report;
  const std::vector<Tensor> sentences = encode(text, report);
  if (sentences.empty()) fail("the text has nothing to say: no letter and no digit is in it");
  const KeptRandomness kept(at::kCPU);
  SpeakOptions how;
  how.threshold = options_.stop_threshold;
  how.most = options_.max_frames;
  how.rate = options_.rate;
  how.pitch = options_.pitch;
  how.energy = options_.energy;
  // The first alone, so that it is heard soon.
  for (size_t begin = 0, end = 1; begin < sentences.size(); begin = end, end = begin + kAtOnce) {
    end = std::min(end, sentences.size());
    const uint64_t seed = mix_seed(static_cast<uint64_t>(options_.seed), {begin});
    set_generator_state(at::kCPU, make_generator(seed).get_state());
    const std::vector<Tensor> texts(sentences.begin() + static_cast<std::ptrdiff_t>(begin),
                                    sentences.begin() + static_cast<std::ptrdiff_t>(end));
    for (const Speech& speech : speaking_.model->speak(texts, speaker_, how, speaking_.pass)) {
      VocoderStream stream(*vocoder_);
      for (const Tensor& mel : speech.mel.split(kChunk)) report.samples += hand_on(stream.feed(mel), sink);
      report.samples += hand_on(stream.finish(), sink);
      report.cut += speech.ended ? 0 : 1;
      ++report.sentences;
      if (on_sentence) on_sentence(report.sentences, std::ssize(sentences));
    }
  }
  return report;
}

}  // namespace sure
