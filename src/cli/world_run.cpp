#include "cli/world_run.h"

#include <unistd.h>

#include <csignal>
#include <mutex>

#include "cli/progress.h"
#include "cli/signals.h"
#include "core/error.h"

namespace sure {

namespace {

/// Of this process, who says why the run ends: whoever finds that it is to be said keeps the lock until the process
/// has ended, so that nobody else comes to say it.
std::mutex last_words;

World* running = nullptr;  // under the lock

/// On a thread of its own: the handler of a signal could not ask the other processes.
void end_by_signal(const std::string& interrupted) {
  last_words.lock();
  if (running != nullptr && running->claim_failure()) {
    const std::string line = fmt::format(
        "\nsure: {} (rank {} of {} was told to end by SIGTERM, as torchrun does when another process has died)\n",
        interrupted, running->rank(), running->size());
    [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, line.data(), line.size());
  }
  die_of(SIGTERM);
}

/// Whether this process is the one to say why the run ends.
bool speaks(World& world) {
  last_words.lock();
  return world.claim_failure();
}

void set_running(World* world) {
  const std::scoped_lock lock(last_words);
  running = world;
}

}  // namespace

void run_in_world(World& world, const std::string& interrupted, const std::function<void()>& work) {
  if (world.size() == 1) return work();
  std::signal(SIGPIPE, SIG_IGN);  // a process that is gone is an error of what was sent to it
  set_running(&world);
  on_termination(end_by_signal, interrupted);
  try {
    work();
  } catch (const OtherRankFailed&) {
    last_words.lock();
    throw;
  } catch (const std::exception&) {
    if (!speaks(world)) throw OtherRankFailed();
    throw;
  }
  set_running(nullptr);
}

std::unique_ptr<TrainObserver> world_observer(const World& world, std::FILE* to) {
  if (world.leads()) return std::make_unique<RunProgress>(to);
  return std::make_unique<TrainObserver>();
}

void require_one_process(const std::string& command) {
  const WorldAddress address = world_address();
  if (address.size == 1) return;
  if (address.rank > 0) throw OtherRankFailed();
  fail_usage("sure {} runs as one process, but WORLD_SIZE is {}: start it without torchrun, or unset WORLD_SIZE",
             command, address.size);
}

}  // namespace sure
