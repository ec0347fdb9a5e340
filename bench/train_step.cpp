// One side of the benchmark: training steps on random audio or given clips, one on each batch for each line on standard
// input (bench/processes.py sends them). Prints JSON lines: what trains, then each turn's seconds and the loss before
// each step, and at the end the peak memory.
#include <ATen/ops/full.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "backbone/activation_cache.h"
#include "core/error.h"
#include "core/rng.h"
#include "formats/safetensors.h"
#include "model/adapted_model.h"
#include "model/device.h"
#include "train/graphed_step.h"
#include "train/optimiser.h"

namespace sure {
namespace {

constexpr uint64_t kSeed = 1314;
constexpr int64_t kCacheBytes = int64_t{1} << 33;

struct StepOptions {
  std::string model;
  std::string method = "lora";
  std::string dtype = "fp32";
  std::string device = "cpu";
  int64_t batch = 8;
  int64_t samples = 40000;
  std::string lengths;
  std::string clips;
  std::string initial;
  double dropout = -1;
  double learning_rate = 1e-4;
  int64_t lora_rank = 8;
  bool int8 = false;
  bool cache = false;
  bool graph = false;
};

/// Samples of each clip of a batch.
using Lengths = std::vector<int64_t>;

AdaptedModel build_model(const StepOptions& options) {
  ModelSpec spec;
  spec.task = "classify";
  spec.model.model = options.model;
  spec.model.bf16 = options.dtype == "bf16";
  spec.model.int8 = options.int8;
  if (options.dropout >= 0) spec.model.dropout = options.dropout;
  spec.model.device = options.device;
  spec.tuning.method = options.method;
  spec.tuning.lora_rank = options.lora_rank;
  if (options.dropout == 0) spec.tuning.prefix_dropout_prob = 0;
  spec.tuning.freeze_front_end = options.method == "finetune";  // the usual recipe, transformers' too
  spec.labels = {"a", "b", "c", "d", "e"};
  AdaptedModel model = AdaptedModel::create(spec, kSeed);
  if (options.cache) model.use_cache(memory_cache(kCacheBytes));
  return model;
}

std::vector<Lengths> read_lengths(const std::string& path) {
  std::ifstream file(path);
  std::vector<Lengths> batches;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    batches.emplace_back(std::istream_iterator<int64_t>(words), std::istream_iterator<int64_t>());
    if (batches.back().empty() || !words.eof()) fail("{}: line {}: expected numbers of samples", path, batches.size());
  }
  if (batches.empty()) fail("{}: no batches in this file (--lengths)", path);
  return batches;
}

/// Noise with zeros behind each clip.
Batch random_batch(const Lengths& clips, int64_t classes, at::Generator& generator) {
  const auto count = static_cast<int64_t>(clips.size());
  Batch batch;
  batch.audio = at::randn({count, *std::max_element(clips.begin(), clips.end())}, generator, at::kFloat);
  batch.lengths = at::tensor(clips, at::kLong);
  batch.targets = at::randint(classes, {count, 1}, generator, at::kLong);
  for (int64_t i = 0; i < count; ++i) batch.audio[i].slice(0, clips[static_cast<size_t>(i)]).zero_();
  return batch;
}

/// audio: fp32 [N, B, S], N batches of whole clips; labels: int64 [N, B].
std::vector<Batch> read_clips(const std::string& path) {
  std::map<std::string, Tensor> tensors;
  for (const NamedTensor& tensor : read_safetensors(path).tensors) tensors[tensor.name] = tensor.value;
  const Tensor& audio = tensors.at("audio");
  std::vector<Batch> batches;
  for (int64_t i = 0; i < audio.size(0); ++i) {
    Batch batch;
    batch.audio = audio[i];
    batch.lengths = at::full({audio.size(1)}, audio.size(2), at::kLong);
    batch.targets = tensors.at("labels")[i].unsqueeze(1);
    batches.push_back(batch);
  }
  return batches;
}

std::vector<Batch> random_batches(const StepOptions& options, int64_t classes) {
  const Lengths equal(static_cast<size_t>(options.batch), options.samples);
  at::Generator generator = make_generator(kSeed);
  std::vector<Batch> batches;
  for (const Lengths& clips : options.lengths.empty() ? std::vector<Lengths>{equal} : read_lengths(options.lengths)) {
    batches.push_back(random_batch(clips, classes, generator));
  }
  return batches;
}

Tensor backward(const AdaptedModel& model, const Batch& batch) {
  const Tensor loss = training_loss(model, batch).mean;
  loss.backward();
  return loss;
}

double train_step(const AdaptedModel& model, const Batch& batch, std::optional<GraphedStep>& graph, AdamW& optimiser,
                  double learning_rate) {
  optimiser.zero_gradients();
  const Tensor loss = graph ? graph->run(batch) : backward(model, batch);
  clip_gradients(model.trained(), 1.0);
  optimiser.step(learning_rate);
  return loss.item<double>();
}

void print(const nlohmann::json& line) { std::cout << line.dump() << std::endl; }

void run(const StepOptions& options) {
  const AdaptedModel model = build_model(options);
  const std::vector<Batch> batches = options.clips.empty()
                                         ? random_batches(options, static_cast<int64_t>(model.spec().labels.size()))
                                         : read_clips(options.clips);
  if (!options.initial.empty()) write_safetensors(options.initial, model.trained());
  AdamW optimiser(model.trained(), {});
  std::optional<GraphedStep> graph;
  if (options.graph && !model.graph_obstacle().empty()) fail("--graph: {}", model.graph_obstacle());
  if (options.graph) graph.emplace(model);
  print({{"trained", count_parameters(model.trained())}, {"total", model.total_parameters()}});
  for (std::string line; std::getline(std::cin, line);) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<double> losses;
    for (const Batch& batch : batches)
      losses.push_back(train_step(model, batch, graph, optimiser, options.learning_rate));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    print({{"seconds", seconds.count()}, {"losses", losses}});
  }
  print({{"peak_gib", static_cast<double>(peak_memory_bytes(model.device())) / (1 << 30)}});
}

}  // namespace
}  // namespace sure

int main(int argc, char** argv) {
  sure::compute_in_full_precision();
  sure::StepOptions options;
  CLI::App app("training steps, one on each batch for each line on standard input");
  app.add_option("--model", options.model, "Hugging Face folder")->required();
  app.add_option("--method", options.method);
  app.add_option("--dtype", options.dtype)->check(CLI::IsMember({"fp32", "bf16"}));
  app.add_option("--device", options.device, "cpu or cuda");
  app.add_option("--batch", options.batch);
  app.add_option("--samples", options.samples);
  app.add_option("--lengths", options.lengths, "in place of both: a batch a line, as the samples of each clip");
  app.add_option("--clips", options.clips, "in place of these: safetensors with audio [N, B, S] and labels [N, B]");
  app.add_option("--initial", options.initial, "safetensors to write what trains to, as it is before the first step");
  app.add_option("--learning_rate", options.learning_rate);
  app.add_option("--lora_rank", options.lora_rank);
  app.add_flag("--int8", options.int8, "the encoder's frozen weights in 8 bits");
  app.add_flag("--cache", options.cache, "compute what lies below the lowest layer that trains in the first turn only");
  app.add_flag("--graph", options.graph, "on a GPU: record the first step and replay it");
  app.add_option("--dropout", options.dropout, "of the backbone; -1 = as its config says");
  CLI11_PARSE(app, argc, argv);
  try {
    sure::run(options);
  } catch (const sure::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
