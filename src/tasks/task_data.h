// Data sets read for a task, by its name. A usage Error says which tasks a data set is labelled for.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace sure {

/// The names of the tasks that a corpus is labelled for, the usual one first.
std::vector<std::string> tasks_of(const DatasetReader& reader);

bool has_task(const DatasetReader& reader, const std::string& task);

/// Whether the SURE benchmark has the task on this corpus.
bool is_benchmark_task(const DatasetReader& reader, const std::string& task);

/// The task that is meant where none is named: see usual_field.
std::string usual_task(const DataOptions& options);

Dataset read_dataset(const DataOptions& options, const std::string& task);
Dataset read_for_inspection(const DataOptions& options, const std::string& task);
Dataset read_for_evaluation(const DataOptions& options, const std::string& task);
std::vector<std::string> read_fold_names(const DataOptions& options, const std::string& task);

}  // namespace sure
