// Commands that several processes may run together, as torchrun starts them.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "core/world.h"
#include "train/observer.h"

namespace sure {

/// Runs `work` in `world`. Where a run of several processes ends early, one of them says why in one line and the others
/// are silent: on an error, when another process is gone, and on SIGTERM, which torchrun sends when a process has died.
/// `interrupted`: what that line says in a process that has not called explain_interrupt.
void run_in_world(World& world, const std::string& interrupted, const std::function<void()>& work);

/// Of rank 0 one that shows the run there; the others are silent.
std::unique_ptr<TrainObserver> world_observer(const World& world, std::FILE* to = stdout);

/// Throws a usage Error in rank 0, and OtherRankFailed in others, where the environment speaks of several processes.
void require_one_process(const std::string& command);

}  // namespace sure
