#include "tts/speecht5_model.h"

#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <array>

#include "core/error.h"
#include "formats/safetensors.h"
#include "nn/conv_front_end.h"
#include "text/utf8.h"
#include "tts/acoustic_kinds.h"
#include "tts/speak.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr double kPadding = -100;
constexpr const char* kPieces = "spm_char.model";
constexpr std::string_view kRunningMean = ".running_mean";  // of a batch norm, which in torch also counts its batches

/// What a folder of transformers' holds besides the weights.
constexpr std::array kOtherFiles = {"config.json",           kPieces,
                                    "added_tokens.json",     "special_tokens_map.json",
                                    "tokenizer_config.json", "preprocessor_config.json",
                                    "processor_config.json", "generation_config.json"};

SpeechT5Config config_of(const AcousticFolder& folder) {
  SpeechT5Config config = parse_speecht5_config(folder.config, (folder.path / "config.json").string());
  if (folder.dropout < 0) return config;
  for (double* rate : {&config.positional_dropout, &config.hidden_dropout, &config.attention_dropout,
                       &config.activation_dropout, &config.speech_decoder_postnet_dropout}) {
    *rate = folder.dropout;
  }
  return config;
}

/// Whole steps of the decoder: [B, T, bins] with -100 behind each clip's end, T a multiple of the reduction.
Tensor labels_of(const SpeechBatch& batch, int64_t reduction) {
  const Tensor frames = batch.frame_mask.sum(1), lengths = frames - frames.remainder(reduction);
  const Tensor real = mask_of_lengths(lengths, batch.mel.size(1), batch.mel);
  const Tensor labels = batch.mel.masked_fill(real.logical_not().unsqueeze(2), kPadding);
  return labels.slice(1, 0, lengths.max().item<int64_t>());
}

}  // namespace

SpeechT5Model::SpeechT5Model(const AcousticFolder& folder, ParameterSource& source)
    : folder_(folder.path), mel_(speecht5_mel()) {
  const SpeechT5Config config = config_of(folder);
  if (!source.has("speech_decoder_postnet.feat_out.weight")) {
    fail("{}: this SpeechT5 makes no speech of text; get SpeechT5ForTextToSpeech (microsoft/speecht5_tts)",
         folder_.string());
  }
  mel_.bins = config.num_mel_bins;
  network_ = std::make_unique<SpeechT5>(Scope(source, parameters_, "", &sites_), config);
  const fs::path pieces = folder_ / kPieces;
  if (!fs::exists(pieces)) return;
  pieces_.emplace(pieces);
  if (pieces_->size() > config.vocab_size) {
    fail("{}: has {} characters, the model only {}; they do not belong together", pieces.string(), pieces_->size(),
         config.vocab_size);
  }
}

EncodedText SpeechT5Model::encode(const std::string& sentence) const {
  if (!pieces_) fail("{}: no such file; expected the characters of the model", (folder_ / kPieces).string());
  SentencePieces::Encoded encoded = pieces_->encode(sentence);
  if (!encoded.unknown.empty()) encoded = pieces_->encode(without_accents(sentence));
  encoded.ids.push_back(network().config().eos_token_id);
  return {at::tensor(encoded.ids, at::kLong), std::move(encoded.unknown)};
}

SpeechLoss SpeechT5Model::loss(const SpeechBatch& batch, const ForwardContext& pass, int64_t /*step*/) const {
  const Tensor labels = labels_of(batch, network().config().reduction_factor);
  const SpeechT5Output output = network().forward(batch.ids, batch.text_mask, labels, batch.speaker, pass);
  return {speecht5_loss(output, batch.text_mask, labels, network().config()), {}};
}

std::vector<Speech> SpeechT5Model::speak(const std::vector<Tensor>& texts, const Tensor& speaker,
                                         const SpeakOptions& options, const ForwardContext& pass) const {
  return sure::speak(network(), texts, speaker, options, pass);
}

void SpeechT5Model::write(const fs::path& folder, const ParameterList& tensors) const {
  for (const char* name : kOtherFiles) {
    if (fs::exists(folder_ / name)) fs::copy_file(folder_ / name, folder / name);
  }
  ParameterList all = tensors;
  for (const NamedTensor& tensor : tensors) {
    if (!tensor.name.ends_with(kRunningMean)) continue;
    const std::string norm = tensor.name.substr(0, tensor.name.size() - kRunningMean.size());
    all.push_back({norm + ".num_batches_tracked", at::zeros({}, at::kLong)});
  }
  write_safetensors(folder / "model.safetensors", all, {{"format", "pt"}});
}

std::unique_ptr<AcousticModel> build_speecht5(const AcousticFolder& folder, ParameterSource& source) {
  return std::make_unique<SpeechT5Model>(folder, source);
}

}  // namespace sure
