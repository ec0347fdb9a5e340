#include "tts/fastspeech2_model.h"

#include <ATen/ops/pad_sequence.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "audio/pitch.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_text.h"
#include "formats/safetensors.h"
#include "tts/acoustic_kinds.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLexicon = "lexicon.txt";

FastSpeech2Config with_dropout(FastSpeech2Config config, double dropout) {
  if (dropout < 0) return config;
  for (double* rate : {&config.hidden_dropout, &config.predictor_dropout, &config.postnet_dropout}) *rate = dropout;
  return config;
}

MelOptions mel_of(const FastSpeech2Config& config) {
  MelOptions mel = hifigan_mel();
  mel.frames = {config.sampling_rate, config.fft_size, config.window_size, config.hop_size};
  mel.bins = config.num_mel_bins;
  mel.lowest = config.lowest_frequency;
  mel.highest = config.highest_frequency;
  return mel;
}

Lexicon lexicon_of(const fs::path& folder) {
  const fs::path file = folder / kLexicon;
  return fs::exists(file) ? Lexicon(read_file(file), file.string()) : Lexicon();
}

}  // namespace

FastSpeech2Model::FastSpeech2Model(const AcousticFolder& folder, ParameterSource& source)
    : folder_(folder.path),
      is_fresh_(!folder.has_weights),
      config_(parse_fastspeech2_config(folder.config, (folder.path / "config.json").string())),
      mel_(mel_of(config_)),
      pronouncer_(lexicon_of(folder.path), GraphemeToPhoneme::automatic) {
  const Scope scope(source, parameters_, /*prefix=*/"", &sites_);
  network_ = std::make_unique<FastSpeech2>(scope, with_dropout(config_, folder.dropout));
  for (const std::string& symbol : config_.symbols) numbers_.emplace(symbol, std::ssize(numbers_) + 1);
}

EncodedText FastSpeech2Model::encode(const std::string& sentence) const {
  const std::lock_guard lock(pronouncing_);
  EncodedText encoded;
  std::vector<int64_t> ids;
  for (const std::string& symbol : speech_symbols(sentence, pronouncer_)) {
    const auto found = numbers_.find(symbol);
    if (found != numbers_.end()) {
      ids.push_back(found->second);
    } else if (std::find(encoded.unknown.begin(), encoded.unknown.end(), symbol) == encoded.unknown.end()) {
      encoded.unknown.push_back(symbol);
    }
  }
  encoded.ids = at::tensor(ids, at::kLong);
  return encoded;
}

SpeechFeatures FastSpeech2Model::features(const Tensor& samples) const {
  const Tensor spectrum = magnitudes(samples, mel_.frames);
  return {log_mel_of(spectrum, mel_),
          frame_pitch(samples, static_cast<double>(mel_.frames.rate), mel_.frames.hop, speech_pitch()),
          frame_energy(spectrum)};
}

SpeechLoss FastSpeech2Model::loss(const SpeechBatch& batch, const ForwardContext& pass, int64_t step) const {
  const bool learns = is_fresh_ && pass.training;
  const int64_t age = is_fresh_ ? step : trained_step(network().config());
  const FastSpeech2Text text = {batch.ids, batch.text_mask.sum(1), batch.speaker};
  const FastSpeech2Speech speech = {batch.mel, batch.frame_mask.sum(1), batch.pitch, batch.energy};
  const FastSpeech2Output output =
      network().forward(text, speech, age, pass, learns ? BatchStatistics::learned : BatchStatistics::kept);
  return fastspeech2_loss(output, text, speech, age, network().config());
}

std::vector<Speech> FastSpeech2Model::speak(const std::vector<Tensor>& texts, const Tensor& speaker,
                                            const SpeakOptions& options, const ForwardContext& pass) const {
  std::vector<int64_t> counts;
  for (const Tensor& text : texts) counts.push_back(text.size(0));
  const auto batch = std::ssize(texts);
  const Tensor ids = at::pad_sequence(texts, /*batch_first=*/true);
  const FastSpeech2Controls controls = {options.rate, options.pitch, options.energy};
  const FastSpeech2Frames said =
      network().speak({ids, at::tensor(counts, at::kLong), speaker.unsqueeze(0).expand({batch, -1})}, controls, pass);
  std::vector<Speech> all;
  for (int64_t i = 0; i < batch; ++i) {
    const int64_t frames = said.counts[i].item<int64_t>();
    const auto most = static_cast<int64_t>(options.most * static_cast<double>(counts[static_cast<size_t>(i)]));
    all.push_back({said.mel[i].slice(0, 0, std::min(frames, most)), frames <= most});
  }
  return all;
}

void FastSpeech2Model::write(const fs::path& folder, const ParameterList& tensors) const {
  if (const fs::path lexicon = folder_ / kLexicon; fs::exists(lexicon)) fs::copy_file(lexicon, folder / kLexicon);
  write_file(folder / "config.json", json_text(fastspeech2_config_to_json(config_)));
  write_safetensors(folder / "model.safetensors", tensors, {{"format", "pt"}});
}

std::unique_ptr<AcousticModel> build_fastspeech2(const AcousticFolder& folder, ParameterSource& source) {
  return std::make_unique<FastSpeech2Model>(folder, source);
}

}  // namespace sure
