#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <variant>

#include "core/worker_thread.h"
#include "data/batch.h"

namespace sure {

struct Prefetcher::State {
  using Item = std::variant<Batch, std::exception_ptr>;

  std::mutex mutex;
  std::condition_variable_any changed;
  std::deque<Item> ready;
  bool finished = false;
  // Last: joins first, while what the thread uses is still there.
  std::jthread worker;

  /// False when the reader is gone.
  bool push(Item item, size_t ahead, const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    if (!changed.wait(lock, stop, [&] { return ready.size() < ahead; })) return false;
    ready.push_back(std::move(item));
    changed.notify_all();
    return true;
  }

  void finish() {
    const std::lock_guard lock(mutex);
    finished = true;
    changed.notify_all();
  }
};

Prefetcher::Prefetcher(std::vector<std::vector<size_t>> plan, std::function<Batch(const std::vector<size_t>&)> load,
                       size_t ahead)
    : state_(std::make_unique<State>()) {
  const auto run = [state = state_.get(), plan = std::move(plan), load = std::move(load),
                    ahead = std::max<size_t>(ahead, 1)](const std::stop_token& stop) {
    try {
      for (const std::vector<size_t>& indices : plan) {
        if (stop.stop_requested() || !state->push(load(indices), ahead, stop)) break;
      }
    } catch (...) {
      state->push(std::current_exception(), ahead, stop);
    }
    state->finish();
  };
  state_->worker = worker_thread(run);
}

Prefetcher::~Prefetcher() = default;

bool Prefetcher::next(Batch& batch) {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return !state_->ready.empty() || state_->finished; });
  if (state_->ready.empty()) return false;
  State::Item item = std::move(state_->ready.front());
  state_->ready.pop_front();
  state_->changed.notify_all();
  lock.unlock();
  if (const auto* error = std::get_if<std::exception_ptr>(&item)) std::rethrow_exception(*error);
  batch = std::get<Batch>(std::move(item));
  return true;
}

}  // namespace sure
