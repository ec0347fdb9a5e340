// An evaluation as text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace sure {

/// Of what evaluation_to_json holds the metrics, for people, in lines of at most 80 columns: `title`, as in "test: ",
/// then "accuracy 0.9000 · f1 0.8989" and below it the intervals, if any.
std::string format_metrics(const std::string& title, const nlohmann::ordered_json& evaluation);

/// The rest of it, by task: a row for each class and the confusion matrix; the edits and some of the transcripts from
/// all over the set; the pairs of voices. `full_confusion`: all of the matrix, also where it is wider than a screen.
/// Ends with a newline unless empty.
std::string format_details(const nlohmann::ordered_json& evaluation, bool full_confusion = false);

}  // namespace sure
