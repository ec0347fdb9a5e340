// Processes of one run that were started with other flags or other data would train something that nobody asked for.
#pragma once

#include <nlohmann/json.hpp>

#include "core/world.h"
#include "data/dataset.h"
#include "train/run_config.h"

namespace sure {

/// Of the flags, those that must be the same in all processes: folders may lie elsewhere on another machine, but not
/// the one that is written.
nlohmann::ordered_json shared_options(const RunConfig& config);

/// Of the clips and their targets, split by split.
nlohmann::ordered_json data_digests(const Dataset& data);

/// Compares `mine` with that of rank 0. Throws in all processes, in rank 0 a usage Error that names what differs.
void require_agreement(World& world, const nlohmann::ordered_json& mine);

}  // namespace sure
