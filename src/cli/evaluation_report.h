// An evaluation as JSON and as text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "train/trainer.h"

namespace sure {

/// {"clips", "seconds", "metrics": {name: value}, "labels": […], "confusion": rows are true classes}.
nlohmann::ordered_json evaluation_to_json(const Evaluation& evaluation, const std::vector<std::string>& labels);

/// The confusion matrix as a table with row and column names; ends with a newline.
std::string format_confusion(const Evaluation& evaluation, const std::vector<std::string>& labels);

}  // namespace sure
