// How much of a batch is padding, by three ways to make batches: shuffled, --group_by_length and --batch_seconds. Once
// for the clips of the given folders, and once for as many clips as LibriSpeech's train-clean-100 has, drawn from them.
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <numeric>

#include "core/error.h"
#include "core/rng.h"
#include "data/audio_files.h"
#include "data/audio_index.h"
#include "data/batch.h"

namespace sure {
namespace {

namespace fs = std::filesystem;
using Batches = std::vector<std::vector<size_t>>;
using Lengths = std::vector<int64_t>;

constexpr uint64_t kSeed = 1314;
constexpr double kRate = 16000;
constexpr int64_t kManyClips = 28539;
constexpr double kJitter = 0.05;

int64_t sum(const Lengths& lengths) { return std::accumulate(lengths.begin(), lengths.end(), int64_t{0}); }

/// The clips below each folder, one index for each.
Lengths read_lengths(const std::vector<std::string>& folders) {
  Lengths all;
  for (const std::string& folder : folders) {
    const auto start = std::chrono::steady_clock::now();
    const std::vector<fs::path> clips = audio_files_below(folder);
    const std::chrono::duration<double> listed = std::chrono::steady_clock::now() - start;
    AudioIndex index(default_index_file(folder));
    const Lengths lengths = index.samples(clips);
    const std::chrono::duration<double> done = std::chrono::steady_clock::now() - start;
    for (const std::string& note : index.notes()) fmt::print("note: {}\n", note);
    fmt::print("{}: {} clips, listed in {:.2f} s, lengths in {:.2f} s\n", folder, clips.size(), listed.count(),
               (done - listed).count());
    all.insert(all.end(), lengths.begin(), lengths.end());
  }
  if (all.empty()) fail("no audio files below {}", fmt::join(folders, ", "));
  return all;
}

/// Drawn with replacement, each length changed by up to `kJitter`.
Lengths resampled(const Lengths& lengths, int64_t count) {
  at::Generator generator = make_generator(kSeed);
  const Tensor chosen = at::randint(static_cast<int64_t>(lengths.size()), {count}, generator, at::kLong);
  const Tensor factors = 1 + kJitter * (2 * at::rand({count}, generator, at::kDouble) - 1);
  Lengths result;
  for (int64_t i = 0; i < count; ++i) {
    const auto length = static_cast<double>(lengths[static_cast<size_t>(chosen.const_data_ptr<int64_t>()[i])]);
    result.push_back(std::max<int64_t>(1, std::llround(length * factors.const_data_ptr<double>()[i])));
  }
  return result;
}

void print_row(const char* name, const Batches& batches, const Lengths& lengths) {
  int64_t padded = 0;
  int64_t largest = 0;
  for (const std::vector<size_t>& batch : batches) {
    int64_t longest = 0;
    for (const size_t i : batch) longest = std::max(longest, lengths[i]);
    const int64_t size = longest * static_cast<int64_t>(batch.size());
    padded += size;
    largest = std::max(largest, size);
  }
  const double share = 1 - static_cast<double>(sum(lengths)) / static_cast<double>(padded);
  fmt::print("  {:16} {:8} {:10.1f} {:12.1f} {:8.2f} %\n", name, batches.size(),
             static_cast<double>(lengths.size()) / static_cast<double>(batches.size()),
             static_cast<double>(largest) / kRate, 100 * share);
}

/// The fixed batch size is the one that holds `batch_seconds` on average.
void print_table(const Lengths& lengths, double batch_seconds) {
  const double mean = static_cast<double>(sum(lengths)) / static_cast<double>(lengths.size()) / kRate;
  const int64_t batch_size = std::max<int64_t>(1, std::llround(batch_seconds / mean));
  fmt::print("  {:16} {:>8} {:>10} {:>12} {:>10}\n", "", "batches", "clips each", "largest (s)", "padding");
  print_row("shuffled", shuffled_batches(lengths.size(), batch_size, {}, kSeed), lengths);
  print_row("group_by_length", shuffled_batches(lengths.size(), batch_size, lengths, kSeed), lengths);
  const auto start = std::chrono::steady_clock::now();
  const Batches batches = bucketed_batches(lengths, std::llround(batch_seconds * kRate), kSeed);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  print_row("batch_seconds", batches, lengths);
  fmt::print("  batch_seconds orders an epoch in {:.3f} s\n", seconds.count());
}

void run(const std::vector<std::string>& folders, double batch_seconds) {
  const Lengths lengths = read_lengths(folders);
  fmt::print("\n{} clips of {:.1f} h, batches of {:g} s\n", lengths.size(),
             static_cast<double>(sum(lengths)) / kRate / 3600, batch_seconds);
  print_table(lengths, batch_seconds);
  const Lengths many = resampled(lengths, kManyClips);
  fmt::print(
      "\n{} clips of {:.1f} h, not recorded: drawn with replacement from the above, lengths changed by up to {:g} %\n",
      many.size(), static_cast<double>(sum(many)) / kRate / 3600, 100 * kJitter);
  print_table(many, batch_seconds);
}

}  // namespace
}  // namespace sure

int main(int argc, char** argv) {
  std::vector<std::string> folders;
  double batch_seconds = 80;
  CLI::App app("share of padding in batches, by the way they are made");
  app.add_option("folders", folders, "folders with audio files")->required()->check(CLI::ExistingDirectory);
  app.add_option("--batch_seconds", batch_seconds, "padded seconds in a batch")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    sure::run(folders, batch_seconds);
  } catch (const sure::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
