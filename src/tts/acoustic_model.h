// What speaks: text and a voice -> log-mel frames. Training, `sure synthesize` and `sure inspect` know a model by this
// interface alone; its architecture is a row of the table below, chosen by the model_type of the folder's config.json.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "audio/log_mel.h"
#include "nn/forward_context.h"
#include "nn/parameters.h"

namespace sure {

/// A text as the model takes it.
struct EncodedText {
  Tensor ids;                        // int64 [S]; empty where nothing of it can be said
  std::vector<std::string> unknown;  // what of it the model does not have, each once
};

/// A recording as the model learns it, T frames.
struct SpeechFeatures {
  Tensor mel;     // fp32 [T, bins]
  Tensor pitch;   // Hz, fp32 [T], 0 = unvoiced; undefined for a model that does not learn it
  Tensor energy;  // fp32 [T]; undefined for a model that does not learn it
};

/// Transcribed recordings, those of a shorter one at the start of its row.
struct SpeechBatch {
  Tensor ids;         // int64 [B, S], 0 behind a text's end
  Tensor text_mask;   // bool [B, S], true = real
  Tensor mel;         // fp32 [B, T, bins], 0 behind a recording's end
  Tensor frame_mask;  // bool [B, T], true = real
  Tensor pitch;       // fp32 [B, T]; undefined as in SpeechFeatures
  Tensor energy;      // fp32 [B, T]; undefined as in SpeechFeatures
  Tensor speaker;     // embeddings, fp32 [B, E]; undefined where speaker_width() is 0
};

struct SpeechLoss {
  Tensor total;                         // scalar, the mean over the batch as the model defines it
  std::map<std::string, Tensor> parts;  // scalars, detached, by name: what the total is made of
};

struct SpeakOptions {
  double threshold = 0.5;  // of models that say when they have ended: the probability at which the speech ends
  double most = 20;        // frames a symbol, at which it ends in any case
  // Of models that predict them (has_controls): factors of the speed, of the pitch in Hz and of the energy.
  double rate = 1;
  double pitch = 1;
  double energy = 1;
};

struct Speech {
  Tensor mel;          // fp32 [T, bins]
  bool ended = false;  // false: cut at the most frames
};

class AcousticModel {
 public:
  virtual ~AcousticModel() = default;

  /// The spectrograms that it makes; its recordings have their rate.
  virtual const MelOptions& mel() const = 0;
  /// Numbers in a speaker's embedding; 0: it takes none.
  virtual int64_t speaker_width() const = 0;
  /// Whether it heeds rate, pitch and energy.
  virtual bool has_controls() const { return false; }

  /// One sentence, numbers and abbreviations written out. Throws Error for broken UTF-8, and naming the file that is
  /// missing where the folder lacks its symbols.
  virtual EncodedText encode(const std::string& sentence) const = 0;
  /// Mono fp32 [S] at mel().frames.rate. Throws Error for a clip too short for it.
  virtual SpeechFeatures features(const Tensor& samples) const = 0;
  /// Frames that a text of so many ids takes at least: a recording with fewer cannot be of that text.
  virtual int64_t least_frames(int64_t ids) const { return ids; }

  /// Gradients flow where parameters and adapters take them. `pass` has no mask: the batch has. `step`: optimiser steps
  /// done so far.
  virtual SpeechLoss loss(const SpeechBatch& batch, const ForwardContext& pass, int64_t step) const = 0;

  /// Several texts, int64 [S] each, at once, without gradients. `speaker`: fp32 [E], undefined where there is none. But
  /// for what is drawn at random, a text's speech does not depend on the others.
  virtual std::vector<Speech> speak(const std::vector<Tensor>& texts, const Tensor& speaker,
                                    const SpeakOptions& options, const ForwardContext& pass) const = 0;

  /// Whether an adapter there may look at later steps: not in a decoder that makes one after the other.
  virtual bool sees_later_steps(const Site& /*site*/) const { return true; }

  /// Keeps frozen weights of linear layers in 8 bits from now on (fused/quantise.h).
  virtual void quantise() = 0;

  /// Fills a folder that load_acoustic_model reads, with `tensors` (named as parameters()) as its weights. Throws
  /// Error naming what cannot be written.
  virtual void write(const std::filesystem::path& folder, const ParameterList& tensors) const = 0;

  /// Under the names of its checkpoints. Tensor is a handle: changing a value in place changes the model.
  ParameterList& parameters() { return parameters_; }
  const ParameterList& parameters() const { return parameters_; }
  /// Where adapters can sit, the encoder's first, then the decoder's, in order.
  const SiteList& sites() const { return sites_; }

 protected:
  ParameterList parameters_;
  SiteList sites_;
};

/// A folder that a model is built from.
struct AcousticFolder {
  std::filesystem::path path;
  nlohmann::json config;  // its config.json
  bool has_weights = true;
  double dropout = -1;  // all dropouts of training; < 0: as the config says
};

/// An architecture: one row of the table.
struct AcousticKind {
  std::string name;  // model_type in config.json
  std::string help;
  /// Throws Error, naming the file, for a config that makes no model and for tensors that `source` lacks. The folder's
  /// symbols may be missing, until encode is called.
  std::unique_ptr<AcousticModel> (*build)(const AcousticFolder& folder, ParameterSource& source);
};

const std::vector<AcousticKind>& acoustic_kinds();

struct LoadedAcousticModel {
  std::shared_ptr<AcousticModel> model;
  std::string fingerprint;  // of its tensors
  bool is_fresh = false;    // the folder has no weights: these are drawn
};

/// Whether the folder's config.json has the model_type of a row.
bool is_acoustic_model(const std::filesystem::path& folder);

/// A folder of config.json, weights and symbols. Without weights they are drawn from `seed`. Throws Error naming what
/// is missing or wrong.
LoadedAcousticModel load_acoustic_model(const std::filesystem::path& folder, double dropout = -1, uint64_t seed = 0);

/// Shapes only, on the meta device, for counting; config.json is enough.
std::unique_ptr<AcousticModel> outline_acoustic_model(const std::filesystem::path& folder);

}  // namespace sure
