// What many adapters of one encoder cost: the memory that each adds, and a batch of clips with an adapter of their own
// each, in one pass and one pass after the other.
#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>

#include "core/clock.h"
#include "core/error.h"
#include "core/rng.h"
#include "metrics/spread.h"
#include "model/mixed_batch.h"

namespace sure {
namespace {

namespace fs = std::filesystem;
using Models = std::vector<std::unique_ptr<AdaptedModel>>;

constexpr int64_t kRate = 16000;
constexpr int kRounds = 7;

/// Resident memory of this process, bytes.
double resident_bytes() {
  malloc_trim(0);
  int64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return static_cast<double>(resident * sysconf(_SC_PAGESIZE));
}

double folder_bytes(const fs::path& folder) {
  double bytes = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
  }
  return bytes;
}

Batch noise(int64_t clips, double seconds) {
  const auto samples = static_cast<int64_t>(seconds * kRate);
  Batch batch;
  batch.audio = at::empty({clips, samples});
  batch.audio.normal_(0, 1, make_generator(1));
  batch.lengths = at::full({clips}, samples, at::kLong);
  return batch;
}

Batch clip_of(const Batch& batch, int64_t row) {
  Batch clip;
  clip.audio = batch.audio.narrow(0, row, 1);
  clip.lengths = batch.lengths.narrow(0, row, 1);
  return clip;
}

double seconds_of(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return seconds_since(start);
}

Models load_beside(const AdaptedModel& host, const fs::path& folder, size_t count) {
  Models models;
  for (size_t i = 0; i < count; ++i) {
    models.push_back(std::make_unique<AdaptedModel>(AdaptedModel::load_beside(host, folder)));
  }
  return models;
}

void compare_passes(const Models& models, int64_t clips, double seconds) {
  const Batch batch = noise(clips, seconds);
  std::vector<const AdaptedModel*> own;
  for (int64_t row = 0; row < clips; ++row) own.push_back(models[static_cast<size_t>(row) % models.size()].get());
  const std::vector<const AdaptedModel*> same(own.size(), own.front());
  std::vector<double> mixed, one, alone;
  for (int round = 0; round < kRounds; ++round) {
    mixed.push_back(seconds_of([&] { forward_mixed(own, batch, false); }));
    one.push_back(seconds_of([&] { forward_mixed(same, batch, false); }));
    alone.push_back(seconds_of([&] {
      for (int64_t row = 0; row < clips; ++row) own[static_cast<size_t>(row)]->forward(clip_of(batch, row), false);
    }));
  }
  std::cout << clips << " clips of " << seconds
            << " s, each with an adapter of its own: " << median(mixed) / median(one)
            << " x the time of one adapter for all, " << median(mixed) / median(alone)
            << " x the time of one pass after the other\n";
}

void run(const fs::path& folder, size_t count, int64_t clips, double seconds) {
  const AdaptedModel host = AdaptedModel::load(folder, recorded_model_options(folder));
  host.forward(noise(1, seconds), false);  // packs weights
  const double before = resident_bytes();
  const Models models = load_beside(host, folder, count);
  const double each = (resident_bytes() - before) / static_cast<double>(count);
  std::cout << count << " adapters beside the encoder (" << before / 1e6 << " MB): " << each / 1e6 << " MB each, "
            << each / folder_bytes(folder) << " x their files\n";
  compare_passes(models, clips, seconds);
}

}  // namespace
}  // namespace sure

int main(int argc, char** argv) {
  CLI::App app("Many adapters on one encoder: memory and time.");
  std::string folder;
  size_t count = 200;
  int64_t clips = 16;
  double seconds = 3;
  app.add_option("folder", folder, "an adapter's folder, as OUTPUT_DIR/best_model")->required();
  app.add_option("--count", count, "how many to hold")->check(CLI::PositiveNumber);
  app.add_option("--clips", clips, "clips in a batch")->check(CLI::PositiveNumber);
  app.add_option("--seconds", seconds, "length of a clip")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    sure::run(folder, count, clips, seconds);
  } catch (const sure::Error& error) {
    std::cerr << "bench_many_adapters: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
