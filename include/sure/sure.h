// The library behind the program `sure`: frozen pre-trained speech models, adapted to tasks by training few parameters.
//
//   const auto encoder = sure::load_encoder({{"model", "sure-tiny"}});
//   const auto adapter = sure::load_adapter(encoder, "output/best_model");
//   for (const auto& result : sure::predict(adapter, {"clip.wav"})) use(result.segments.front().prediction.text);
//
// Every function throws an exception derived from std::runtime_error where it cannot do what it is asked: one line that
// names the file or option at fault and says what to do. Nothing is printed, and torch's process-wide settings and
// random generators are as they were when a function returns.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sure/results.h"

namespace sure {

class AdaptedModel;

/// Options by the names that `sure COMMAND --help-all` lists, without dashes; values as on the command line:
/// {{"max_steps", "200"}, {"bf16", "True"}}. Unknown names and bad values are refused.
using OptionValues = std::map<std::string, std::string>;

/// A pre-trained model that stays as it is. Copies are the same encoder.
class SharedEncoder {
 public:
  const std::string& model() const;  // folder or name
  int64_t hidden_size() const;
  int64_t layers() const;
  double seconds_per_frame() const;

  struct State;
  explicit SharedEncoder(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  const State& state() const { return *state_; }

 private:
  std::shared_ptr<const State> state_;
};

/// Options: model (a Hugging Face folder, an id in its cache, or by default the model that ships), device, bf16, int8.
SharedEncoder load_encoder(const OptionValues& options = {});

/// Another folder of models that ship, besides the one that the environment variable SURE_MODELS names and those beside
/// the program. True, so that a constant can call it before main; not for several threads.
bool look_for_models_in(const std::filesystem::path& folder);

#ifdef SURE_MODELS_FOLDER  // of the package, by its CMake target
inline const bool kKnowsModels = look_for_models_in(SURE_MODELS_FOLDER);
#endif

/// What training made of an encoder: the tuning method's weights and the task's head. Copies are the same adapter.
/// Several threads may use one at the same time.
class LoadedAdapter {
 public:
  const std::string& task() const;
  const std::string& method() const;
  const std::vector<std::string>& labels() const;  // classes, or tokens of a transcript; an output is its position

  explicit LoadedAdapter(std::shared_ptr<AdaptedModel> model) : model_(std::move(model)) {}
  AdaptedModel& model() const { return *model_; }

 private:
  std::shared_ptr<AdaptedModel> model_;
};

/// From a folder that training or PEFT wrote; it must have been trained on this encoder's weights, which it shares:
/// only its own tensors are read. One that trained the encoder itself (finetune) gets an encoder of its own.
LoadedAdapter load_adapter(const SharedEncoder& encoder, const std::filesystem::path& folder);

/// One result for each audio file, in order; what is wrong with a file is said in its result. Options: window, hop,
/// chunk, batch_size, and those of transcripts (decoder, beam_width, lm …).
std::vector<RecordingResult> predict(const LoadedAdapter& adapter, const std::vector<std::filesystem::path>& files,
                                     const OptionValues& options = {});

/// Of one clip, `samples` fp32 [S] at 16 kHz, heard at once.
Prediction predict(const LoadedAdapter& adapter, const at::Tensor& samples);

/// Voices of an adapter for the task verification: fp32 [N, E], rows of length 1; the cosine of two rows says how alike
/// they are.
at::Tensor embed(const LoadedAdapter& adapter, const std::vector<std::filesystem::path>& files);

using Metrics = std::map<std::string, double>;  // by name: "accuracy", "wer" …

struct TrainedRun {
  std::filesystem::path adapter;            // the folder of the best model
  std::map<std::string, Metrics> measured;  // by split: "valid", "test"
  int64_t steps = 0;                        // optimiser steps
};

/// Trains an adapter as `sure train` does, into output_dir. Options: dataset and data_dir are needed, and
/// overwrite_output_dir may be among them. `on_message` gets what a person should know, a line at a time.
TrainedRun train(const OptionValues& options, const std::function<void(const std::string&)>& on_message = {});

/// On labelled clips. Options: dataset and data_dir are needed; task, split, per_device_eval_batch_size, skip_bad,
/// those of the data and of transcripts. Classes that a model of transformers' only numbers get the data's names, so
/// that no other thread may use such an adapter meanwhile.
Metrics evaluate(const LoadedAdapter& adapter, const OptionValues& options);

/// Writes a new folder. `format`: peft (LoRA and (IA)³, for PeftModel.from_pretrained) or hf (a whole model, for
/// transformers).
void export_adapter(const LoadedAdapter& adapter, const std::string& format, const std::filesystem::path& folder);

}  // namespace sure
