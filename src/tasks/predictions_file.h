// Every clip of an evaluation in a file, for a table, a statistic or a listener: FILE.csv or FILE.jsonl.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "tasks/objective.h"

namespace sure {

/// Throws a usage Error for a name that ends neither in .csv nor in .jsonl, and an Error when its folder is not there:
/// before the work, not after it.
void check_predictions_file(const std::filesystem::path& file);

/// An object for each line: "path", "speaker", then the question and the answer (Objective::for_each_answer). A pair
/// has "path_1", "speaker_1", "path_2", "speaker_2". `predictions` are those of `examples`, in the same order.
void for_each_line(const Objective& objective, const std::vector<Example>& examples,
                   const std::vector<Prediction>& predictions,
                   const std::function<void(const nlohmann::ordered_json& line)>& visit);

/// The lines as JSON or, under a heading, as CSV with a column "prob_LABEL" for each label. Throws Error when the file
/// cannot be written.
void write_predictions(const std::filesystem::path& file, const Objective& objective,
                       const std::vector<Example>& examples, const std::vector<Prediction>& predictions);

}  // namespace sure
