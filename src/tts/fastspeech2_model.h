// FastSpeech 2 as what speaks: a folder of config.json, model.safetensors and, if there is one, lexicon.txt, whose
// pronunciations go before espeak-ng's.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "text/grapheme_to_phoneme.h"
#include "tts/acoustic_model.h"
#include "tts/fastspeech2.h"

namespace sure {

class FastSpeech2Model : public AcousticModel {
 public:
  FastSpeech2Model(const AcousticFolder& folder, ParameterSource& source);

  const MelOptions& mel() const override { return mel_; }
  int64_t speaker_width() const override { return network().config().speaker_embedding_dim; }
  bool has_controls() const override { return true; }
  EncodedText encode(const std::string& sentence) const override;
  SpeechFeatures features(const Tensor& samples) const override;
  SpeechLoss loss(const SpeechBatch& batch, const ForwardContext& pass, int64_t step) const override;
  std::vector<Speech> speak(const std::vector<Tensor>& texts, const Tensor& speaker, const SpeakOptions& options,
                            const ForwardContext& pass) const override;
  void quantise() override { network_->quantise(); }
  void write(const std::filesystem::path& folder, const ParameterList& tensors) const override;

  const FastSpeech2& network() const { return *network_; }

 private:
  std::filesystem::path folder_;
  bool is_fresh_;  // its training starts from nothing
  FastSpeech2Config config_;
  MelOptions mel_;
  std::unique_ptr<FastSpeech2> network_;
  std::map<std::string, int64_t> numbers_;  // of symbols
  mutable std::mutex pronouncing_;
  mutable Pronouncer pronouncer_;  // learns words
};

}  // namespace sure
