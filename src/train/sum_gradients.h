// One step's gradients, added up over the processes of a run in one flat tensor.
#pragma once

#include <map>
#include <string>

#include "core/world.h"
#include "nn/parameters.h"

namespace sure {

/// What a step adds up besides gradients.
struct StepSums {
  double loss = 0;
  std::map<std::string, double> others = {};  // the same names in all processes
};

/// Replaces the gradients (fp32) and the sums by their sums over all processes, the same bits in each. A parameter
/// without a gradient stays so only if no process has one for it.
void sum_gradients(const ParameterList& parameters, StepSums& sums, World& world);

/// Gives all processes the parameters that rank 0 starts from.
void share_parameters(const ParameterList& parameters, World& world);

}  // namespace sure
