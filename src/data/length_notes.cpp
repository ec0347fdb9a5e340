#include "data/length_notes.h"

#include <algorithm>

#include "audio/audio.h"
#include "text/counted.h"

namespace sure {

namespace {

constexpr int64_t kLongSeconds = 30;  // attention's memory grows with the square of a clip's length

std::string share_note(const char* what, int64_t limit, int64_t share, size_t all, const char* how) {
  return fmt::format("{} to {:.4g} s: {} of {} {} {}", what, seconds_of(limit), share,
                     counted(static_cast<int64_t>(all), "clip"), share == 1 ? "is" : "are", how);
}

}  // namespace

std::string cut_note(int64_t max_samples, int64_t longer, int64_t clips) {
  return share_note("cut", max_samples, longer, static_cast<size_t>(clips), "longer");
}

std::vector<std::string> length_notes(const std::vector<int64_t>& samples, const CollateOptions& collate) {
  std::vector<std::string> notes;
  if (samples.empty()) return notes;
  const int64_t limit = collate.max_samples;
  const int64_t longer = std::count_if(samples.begin(), samples.end(), [&](int64_t s) { return s > limit; });
  const int64_t shorter = std::count_if(samples.begin(), samples.end(), [&](int64_t s) { return s < limit; });
  if (limit > 0 && longer > 0) notes.push_back(cut_note(limit, longer, std::ssize(samples)));
  if (collate.padding == Padding::max_length && shorter > 0) {
    notes.push_back(share_note("padded", limit, shorter, samples.size(), "shorter"));
  }
  const int64_t longest = *std::max_element(samples.begin(), samples.end());
  if (limit == 0 && longest > kLongSeconds * kSampleRate) {
    notes.push_back(
        fmt::format("the longest of {} has {:.4g} s: memory grows with the square of it; --max_samples {} cuts at {} s",
                    counted(static_cast<int64_t>(samples.size()), "clip"), seconds_of(longest),
                    kLongSeconds * kSampleRate, kLongSeconds));
  }
  return notes;
}

}  // namespace sure
