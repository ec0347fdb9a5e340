// SpeechT5 as what speaks, from a Hugging Face folder of SpeechT5ForTextToSpeech.
#pragma once

#include <optional>

#include "text/sentence_pieces.h"
#include "tts/acoustic_model.h"
#include "tts/speecht5.h"

namespace sure {

class SpeechT5Model : public AcousticModel {
 public:
  SpeechT5Model(const AcousticFolder& folder, ParameterSource& source);

  const MelOptions& mel() const override { return mel_; }
  int64_t speaker_width() const override { return network().config().speaker_embedding_dim; }
  EncodedText encode(const std::string& sentence) const override;
  SpeechFeatures features(const Tensor& samples) const override { return {log_mel(samples, mel_), {}, {}}; }
  SpeechLoss loss(const SpeechBatch& batch, const ForwardContext& pass, int64_t step) const override;
  std::vector<Speech> speak(const std::vector<Tensor>& texts, const Tensor& speaker, const SpeakOptions& options,
                            const ForwardContext& pass) const override;
  bool sees_later_steps(const Site& site) const override { return !site.name.starts_with("speecht5.decoder."); }
  void quantise() override { network_->quantise(); }
  void write(const std::filesystem::path& folder, const ParameterList& tensors) const override;

  const SpeechT5& network() const { return *network_; }

 private:
  std::filesystem::path folder_;
  MelOptions mel_;
  std::unique_ptr<SpeechT5> network_;
  std::optional<SentencePieces> pieces_;
};

}  // namespace sure
