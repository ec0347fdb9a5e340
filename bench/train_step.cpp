// One side of the benchmark: training steps on random audio, one for each line on standard input (bench/run.py sends
// them). Prints JSON lines: what trains, then each step's seconds and loss, and at the end the peak memory.
#include <ATen/ops/full.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/rng.h"
#include "model/adapted_model.h"
#include "train/optimiser.h"
#include "train/trainer.h"

namespace sure {
namespace {

constexpr uint64_t kSeed = 1314;
constexpr double kLearningRate = 1e-4;

struct StepOptions {
  std::string model;
  std::string method = "lora";
  std::string dtype = "fp32";
  int64_t batch = 8;
  int64_t samples = 40000;
  double dropout = -1;
};

AdaptedModel build_model(const StepOptions& options) {
  ModelSpec spec;
  spec.task = "classify";
  spec.model.model = options.model;
  spec.model.bf16 = options.dtype == "bf16";
  spec.model.dropout = options.dropout;
  spec.tuning.method = options.method;
  spec.labels = {"a", "b", "c", "d", "e"};
  return AdaptedModel::create(spec, kSeed);
}

Batch random_batch(const StepOptions& options, int64_t classes) {
  at::Generator generator = make_generator(kSeed);
  Batch batch;
  batch.audio = at::randn({options.batch, options.samples}, generator, at::kFloat);
  batch.lengths = at::full({options.batch}, options.samples, at::kLong);
  batch.targets = at::randint(classes, {options.batch, 1}, generator, at::kLong);
  return batch;
}

double train_step(const AdaptedModel& model, const Batch& batch, AdamW& optimiser) {
  optimiser.zero_gradients();
  const Tensor loss = model.objective().loss(model.forward(batch, true), batch.targets).mean;
  loss.backward();
  clip_gradients(model.trained(), 1.0);
  optimiser.step(kLearningRate);
  return loss.item<double>();
}

void print(const nlohmann::json& line) { std::cout << line.dump() << std::endl; }

void run(const StepOptions& options) {
  const AdaptedModel model = build_model(options);
  const Batch batch = random_batch(options, static_cast<int64_t>(model.spec().labels.size()));
  AdamW optimiser(model.trained(), {});
  print({{"trained", count_parameters(model.trained())}, {"total", model.total_parameters()}});
  for (std::string line; std::getline(std::cin, line);) {
    const auto start = std::chrono::steady_clock::now();
    const double loss = train_step(model, batch, optimiser);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    print({{"seconds", seconds.count()}, {"loss", loss}});
  }
  print({{"peak_gib", static_cast<double>(peak_memory_bytes()) / (1 << 30)}});
}

}  // namespace
}  // namespace sure

int main(int argc, char** argv) {
  sure::StepOptions options;
  CLI::App app("training steps, one for each line on standard input");
  app.add_option("--model", options.model, "Hugging Face folder")->required();
  app.add_option("--method", options.method);
  app.add_option("--dtype", options.dtype)->check(CLI::IsMember({"fp32", "bf16"}));
  app.add_option("--batch", options.batch);
  app.add_option("--samples", options.samples);
  app.add_option("--dropout", options.dropout, "of the backbone; -1 = as its config says");
  CLI11_PARSE(app, argc, argv);
  try {
    sure::run(options);
  } catch (const sure::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
