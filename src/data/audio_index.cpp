#include "data/audio_index.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "audio/audio_info.h"
#include "core/error.h"
#include "core/rng.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

// More than most machines have cores: over a network, a header is a wait.
constexpr size_t kThreads = 8;
constexpr size_t kClipsPerThread = 64;

struct FoundClip {
  uint64_t key = 0;
  IndexedClip clip;
  bool is_new = false;
};

uint64_t key_of(const fs::path& path, const fs::path& here) {
  return mix_seed(0, path.is_absolute() ? path.native() : (here / path).native());
}

/// Size and modification time now; zeros for what is not there, of which audio_info tells.
IndexedClip state_of(const fs::path& path) {
  struct stat state{};
  if (::stat(path.c_str(), &state) != 0) return {};
  constexpr int64_t kNanoseconds = 1'000'000'000;
  return {state.st_size, state.st_mtim.tv_sec * kNanoseconds + state.st_mtim.tv_nsec, 0};
}

/// Looks up clips, or reads their headers, on several threads. Each takes the next clip until none is left or one
/// failed. All clips before a failed one were taken before it, so the error that is kept is the same in every run.
class Survey {
 public:
  Survey(const std::vector<fs::path>& clips, const IndexedClips& known, const AudioIndex::Progress& progress)
      : clips_(clips), known_(known), progress_(progress), here_(fs::current_path()), found_(clips.size()) {}

  void run() {
    const size_t threads = std::min(kThreads, clips_.size() / kClipsPerThread + 1);
    std::vector<std::jthread> others;
    for (size_t i = 1; i < threads; ++i) others.emplace_back([this] { work(/*reports=*/false); });
    work(/*reports=*/true);
    others.clear();
    if (progress_ && error_ == nullptr) progress_(clips_.size(), clips_.size());
  }

  const std::vector<FoundClip>& found() const { return found_; }

  /// Null when every clip was read.
  std::exception_ptr error() const { return error_; }

 private:
  void work(bool reports) {
    for (size_t i = next_++; i < clips_.size(); i = next_++) {
      try {
        look_up(clips_[i], found_[i]);
      } catch (...) {
        next_ = clips_.size();
        keep_error(i, std::current_exception());
      }
      if (reports && progress_) progress_(i, clips_.size());
    }
  }

  void look_up(const fs::path& path, FoundClip& found) const {
    IndexedClip clip = state_of(path);
    const uint64_t key = key_of(path, here_);
    const auto known = known_.find(key);
    const bool unchanged =
        known != known_.end() && known->second.bytes == clip.bytes && known->second.modified == clip.modified;
    clip.samples = unchanged ? known->second.samples : samples_at(audio_info(path));
    found = {key, clip, !unchanged};
  }

  void keep_error(size_t index, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (error_ != nullptr && failed_ < index) return;
    failed_ = index;
    error_ = std::move(error);
  }

  const std::vector<fs::path>& clips_;
  const IndexedClips& known_;
  const AudioIndex::Progress& progress_;
  const fs::path here_;
  std::vector<FoundClip> found_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;
  size_t failed_ = 0;
  std::exception_ptr error_;
};

fs::path cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && fs::path(cache).is_absolute()) return cache;
  const char* home = std::getenv("HOME");
  return home != nullptr && *home != '\0' ? fs::path(home) / ".cache" : fs::path();
}

}  // namespace

AudioIndex::AudioIndex(fs::path file) : file_(std::move(file)) {
  if (file_.empty()) return;
  try {
    if (read_index_file(file_, known_)) return;
    notes_.push_back(fmt::format("{}: a damaged index of clip lengths; it is built anew", file_.string()));
  } catch (const Error& error) {
    notes_.push_back(fmt::format("{}; the clips' lengths are read from the files", error.what()));
  }
}

std::vector<int64_t> AudioIndex::samples(const std::vector<fs::path>& clips, const Progress& progress) {
  Survey survey(clips, known_, progress);
  survey.run();
  bool any_new = false;
  std::vector<int64_t> samples;
  samples.reserve(clips.size());
  for (const FoundClip& found : survey.found()) {
    samples.push_back(found.clip.samples);
    if (!found.is_new) continue;
    known_[found.key] = found.clip;
    any_new = true;
  }
  if (any_new) save();
  if (survey.error() != nullptr) std::rethrow_exception(survey.error());
  return samples;
}

void AudioIndex::save() {
  if (file_.empty()) return;
  try {
    write_index_file(file_, known_);
  } catch (const Error& error) {
    notes_.push_back(fmt::format("{}; the clips' lengths are not kept and are read again next time", error.what()));
    file_.clear();
  }
}

std::vector<int64_t> indexed_samples(const std::vector<Example>& examples, const fs::path& data_dir,
                                     std::vector<std::string>& notes, const AudioIndex::Progress& progress) {
  std::vector<fs::path> clips;
  for (const Example& example : examples) clips.push_back(example.path);
  AudioIndex index(default_index_file(data_dir));
  std::vector<int64_t> samples = index.samples(clips, progress);
  notes.insert(notes.end(), index.notes().begin(), index.notes().end());
  return samples;
}

fs::path default_index_file(const fs::path& data_dir) {
  const fs::path cache = cache_folder();
  if (cache.empty() || data_dir.empty()) return {};
  const std::string canonical = fs::weakly_canonical(data_dir).string();
  return cache / "sure" / "index" / fmt::format("{:016x}", mix_seed(0, canonical));
}

}  // namespace sure
