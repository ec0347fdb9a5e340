#include "tts/synthesiser.h"

#include <ATen/ops/tensor.h>

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/options.h"
#include "core/range.h"
#include "core/rng.h"
#include "text/spoken_english.h"
#include "text/utf8.h"
#include "vocoder/griffin_lim.h"
#include "vocoder/vocoder_stream.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kGriffinLim = "griffin-lim";
constexpr size_t kMostCharacters = 300;  // bytes of one sentence: longer ones than it learned from go astray

constexpr size_t kAtOnce = 8;    // sentences
constexpr int64_t kChunk = 128;  // frames

constexpr std::array kRanges = {Range{"stop_threshold", 0, 100}, Range{"max_frames", 1, 1000},
                                Range{"seed", 0, kMostExact}};

std::unique_ptr<Vocoder> make_vocoder(const std::string& name, const MelOptions& mel) {
  if (name == kGriffinLim) return std::make_unique<GriffinLim>(mel);
  std::unique_ptr<Vocoder> vocoder = load_vocoder(name);
  check_mel(*vocoder, mel, name);
  return vocoder;
}

MelOptions mel_of(const SpeechT5Config& config) {
  MelOptions mel = speecht5_mel();
  mel.bins = config.num_mel_bins;
  return mel;
}

/// Returns how many there are.
int64_t hand_on(const Tensor& samples, const SampleSink& sink) {
  if (samples.size(0) > 0) sink(samples);
  return samples.size(0);
}

bool has_letters(std::string_view text) {
  const std::vector<std::string> all = characters(text);
  const auto is_spoken = [](const std::string& c) { return upper_case(c) != lower_case(c) || (c >= "0" && c <= "9"); };
  return std::any_of(all.begin(), all.end(), is_spoken);
}

}  // namespace

Synthesiser::Synthesiser(const fs::path& model, const SynthesisOptions& options)
    : options_(options),
      folder_((check_ranges(options_to_json(options), kRanges), load_speecht5(model))),
      pieces_(model / "spm_char.model"),
      vocoder_(make_vocoder(options.vocoder, mel_of(folder_.model->config()))) {
  const SpeechT5Config& config = folder_.model->config();
  if (pieces_.size() > config.vocab_size) {
    fail("{}: has {} characters, the model only {}; they do not belong together", (model / "spm_char.model").string(),
         pieces_.size(), config.vocab_size);
  }
  if (options.speaker.empty()) {
    fail_usage("--speaker is missing: SpeechT5 needs a voice, a .npy file with an x-vector of {} numbers",
               config.speaker_embedding_dim);
  }
  speaker_ = read_speaker(options.speaker, config.speaker_embedding_dim);
}

/// The ids of each sentence that has something to say.
std::vector<Tensor> Synthesiser::encode(const std::string& text, SynthesisReport& report) const {
  std::vector<Tensor> sentences;
  const std::string spoken = options_.read_numbers ? spoken_english(text) : text;
  for (const std::string& sentence : sentences_of(spoken, kMostCharacters)) {
    if (!has_letters(sentence)) continue;
    SentencePieces::Encoded encoded = pieces_.encode(sentence);
    if (!encoded.unknown.empty()) encoded = pieces_.encode(without_accents(sentence));
    for (std::string& piece : encoded.unknown) {
      if (std::find(report.unknown.begin(), report.unknown.end(), piece) == report.unknown.end()) {
        report.unknown.push_back(std::move(piece));
      }
    }
    encoded.ids.push_back(folder_.model->config().eos_token_id);
    sentences.push_back(at::tensor(encoded.ids, at::kLong));
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
  const SpeakOptions how = {options_.stop_threshold, options_.max_frames};
  // The first alone, so that it is heard soon.
  for (size_t begin = 0, end = 1; begin < sentences.size(); begin = end, end = begin + kAtOnce) {
    end = std::min(end, sentences.size());
    const uint64_t seed = mix_seed(static_cast<uint64_t>(options_.seed), {begin});
    set_generator_state(at::kCPU, make_generator(seed).get_state());
    const std::vector<Tensor> texts(sentences.begin() + static_cast<std::ptrdiff_t>(begin),
                                    sentences.begin() + static_cast<std::ptrdiff_t>(end));
    for (const Speech& speech : sure::speak(*folder_.model, texts, speaker_, how)) {
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
