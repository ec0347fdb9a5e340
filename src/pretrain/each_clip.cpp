#include "pretrain/each_clip.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "audio/audio.h"
#include "core/error.h"
#include "core/worker_thread.h"

namespace sure {

namespace {

/// Clips are handed out in order, so all before a failed one were taken before it, and the error is the same in every
/// run.
class ClipWorkers {
 public:
  ClipWorkers(const std::vector<Example>& clips, const std::vector<size_t>& which,
              const std::function<Tensor(const Tensor&)>& work)
      : clips_(clips), which_(which), work_(work), results_(which.size()) {}

  template <class Report>
  std::vector<Tensor> run(int threads, const Report& report) {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) {
      others.push_back(worker_thread([this](const std::stop_token&) { work([](size_t) {}); }));
    }
    const int before = at::get_num_threads();
    at::set_num_threads(1);
    work(report);
    others.clear();
    at::set_num_threads(before);
    if (error_ != nullptr) std::rethrow_exception(error_);
    return std::move(results_);
  }

 private:
  template <class Report>
  void work(const Report& report) {
    const at::NoGradGuard no_gradients;
    for (size_t i = next_++; i < which_.size(); i = next_++) {
      try {
        results_[i] = compute(clips_.at(which_[i]));
      } catch (...) {
        next_ = which_.size();
        keep_error(i, std::current_exception());
      }
      report(i + 1);
    }
  }

  Tensor compute(const Example& clip) const {
    const Tensor samples = read_audio(clip.path);
    try {
      return work_(samples);
    } catch (const Error& error) {
      fail("{}: {}", clip.path.string(), error.what());
    }
  }

  void keep_error(size_t index, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (error_ != nullptr && failed_ < index) return;
    failed_ = index;
    error_ = std::move(error);
  }

  const std::vector<Example>& clips_;
  const std::vector<size_t>& which_;
  const std::function<Tensor(const Tensor&)>& work_;
  std::vector<Tensor> results_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;
  size_t failed_ = 0;
  std::exception_ptr error_;
};

}  // namespace

std::vector<Tensor> for_each_clip(const std::vector<Example>& clips, const std::vector<size_t>& which,
                                  const std::function<Tensor(const Tensor&)>& work, const std::string& what,
                                  TrainObserver& observer) {
  const auto report = [&](size_t done) {
    observer.on_preparation(what, static_cast<int64_t>(done), static_cast<int64_t>(which.size()));
  };
  return ClipWorkers(clips, which, work).run(at::get_num_threads(), report);
}

}  // namespace sure
