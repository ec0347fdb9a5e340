#include "data/audio_index.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <new>
#include <thread>
#include <utility>

#include "audio/audio_formats.h"
#include "audio/audio_info.h"
#include "core/error.h"
#include "core/rng.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

// More than most machines have cores: over a network, a header is a wait.
constexpr size_t kThreads = 8;
constexpr size_t kHeadersPerThread = 64;

struct FoundClip {
  uint64_t key = 0;
  IndexedClip clip;
  bool is_new = false;
  std::string fault;
};

uint64_t key_of(const fs::path& path, const fs::path& here) {
  return mix_seed(0, path.is_absolute() ? path.native() : (here / path).native());
}

/// Size and modification time now; zeros for a missing file, which audio_info reports.
IndexedClip state_of(const fs::path& path) {
  struct stat state{};
  if (::stat(path.c_str(), &state) != 0) return {};
  constexpr int64_t kNanoseconds = 1'000'000'000;
  return {state.st_size, state.st_mtim.tv_sec * kNanoseconds + state.st_mtim.tv_nsec};
}

/// Looks up clips, or reads them, on several threads. Each takes the next clip until none is left.
class Survey {
 public:
  Survey(const std::vector<fs::path>& clips, const IndexedClips& known, ClipCheck check,
         const AudioIndex::Progress& progress)
      : clips_(clips),
        known_(known),
        check_(check),
        progress_(progress),
        here_(fs::current_path()),
        has_ffmpeg_(ffmpeg_is_there()),
        found_(clips.size()) {}

  std::vector<FoundClip> run() {
    const size_t clips_per_thread = check_ == ClipCheck::header ? kHeadersPerThread : 1;
    const size_t threads = std::min(kThreads, clips_.size() / clips_per_thread + 1);
    std::vector<std::jthread> others;
    for (size_t i = 1; i < threads; ++i) others.emplace_back([this] { work(/*reports=*/false); });
    work(/*reports=*/true);
    others.clear();
    if (progress_) progress_(clips_.size(), clips_.size());
    return std::move(found_);
  }

 private:
  void work(bool reports) {
    for (size_t i = next_++; i < clips_.size(); i = next_++) {
      found_[i] = look_up(clips_[i]);
      if (reports && progress_) progress_(i, clips_.size());
    }
  }

  FoundClip look_up(const fs::path& path) const {
    const IndexedClip state = state_of(path);
    const uint64_t key = key_of(path, here_);
    const auto known = known_.find(key);
    if (known != known_.end() && still_holds(known->second, state)) return {key, known->second, false, ""};
    try {
      return {key, measure(path, state), true, ""};
    } catch (const std::bad_alloc&) {
      return {key, state, false, fmt::format("{}: decoding it takes more memory than there is", path.string())};
    } catch (const std::exception& error) {
      return {key, state, false, error.what()};
    }
  }

  bool still_holds(const IndexedClip& known, const IndexedClip& state) const {
    if (known.bytes != state.bytes || known.modified != state.modified) return false;
    if ((known.flags & kNeedsFfmpeg) != 0 && !has_ffmpeg_) return false;
    return check_ == ClipCheck::header || (known.flags & kDecodedWhole) != 0;
  }

  IndexedClip measure(const fs::path& path, IndexedClip clip) const {
    const AudioInfo info = check_ == ClipCheck::header ? audio_info(path) : decoded_audio_info(path);
    clip.samples = samples_at(info);
    clip.flags = (info.needs_ffmpeg ? kNeedsFfmpeg : 0) | (check_ == ClipCheck::decode ? kDecodedWhole : 0);
    return clip;
  }

  const std::vector<fs::path>& clips_;
  const IndexedClips& known_;
  const ClipCheck check_;
  const AudioIndex::Progress& progress_;
  const fs::path here_;
  const bool has_ffmpeg_;
  std::vector<FoundClip> found_;
  std::atomic<size_t> next_ = 0;
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

std::vector<ClipLength> AudioIndex::look_up(const std::vector<fs::path>& clips, ClipCheck check,
                                            const Progress& progress) {
  std::vector<ClipLength> lengths;
  lengths.reserve(clips.size());
  bool any_new = false;
  for (FoundClip& found : Survey(clips, known_, check, progress).run()) {
    lengths.push_back({found.fault.empty() ? found.clip.samples : 0, std::move(found.fault)});
    if (!found.is_new) continue;
    known_[found.key] = found.clip;
    any_new = true;
  }
  if (any_new) save();
  return lengths;
}

std::vector<int64_t> AudioIndex::samples(const std::vector<fs::path>& clips, const Progress& progress) {
  std::vector<int64_t> samples;
  samples.reserve(clips.size());
  for (const ClipLength& clip : look_up(clips, ClipCheck::header, progress)) {
    if (!clip.fault.empty()) throw Error(ErrorKind::runtime, clip.fault);
    samples.push_back(clip.samples);
  }
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

fs::path default_index_file(const fs::path& data_dir) {
  const fs::path cache = cache_folder();
  if (cache.empty() || data_dir.empty()) return {};
  const std::string canonical = fs::weakly_canonical(data_dir).string();
  return cache / "sure" / "index" / fmt::format("{:016x}", mix_seed(0, canonical));
}

}  // namespace sure
