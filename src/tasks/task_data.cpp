#include "tasks/task_data.h"

#include <algorithm>

#include "core/registry.h"
#include "tasks/task.h"

namespace sure {

namespace {

const std::string& task_of(Field field) {
  return std::find_if(tasks().begin(), tasks().end(), [&](const Task& task) { return task.wanted.field == field; })
      ->name;
}

/// The task's row of wishes; throws a usage Error where the data set cannot meet them.
const Wanted& wanted_of(const DataOptions& options, const std::string& task) {
  const DatasetReader& reader = find_row(dataset_readers(), options.dataset, "data set");
  if (!has_task(reader, task)) {
    fail_usage("data set '{}' has no labels for task '{}': use one of {}", reader.name, task,
               fmt::join(tasks_of(reader), ", "));
  }
  return find_task(task).wanted;
}

}  // namespace

std::vector<std::string> tasks_of(const DatasetReader& reader) {
  std::vector<std::string> names;
  for (const Field field : reader.fields) {
    for (const Task& task : tasks()) {
      if (task.wanted.field == field) names.push_back(task.name);
    }
  }
  return names;
}

bool has_task(const DatasetReader& reader, const std::string& task) {
  const std::vector<std::string> names = tasks_of(reader);
  return std::find(names.begin(), names.end(), task) != names.end();
}

bool is_benchmark_task(const DatasetReader& reader, const std::string& task) {
  const std::vector<Field>& asked = reader.benchmark;
  return std::any_of(asked.begin(), asked.end(), [&](Field field) { return task_of(field) == task; });
}

std::string usual_task(const DataOptions& options) { return task_of(usual_field(options)); }

Dataset read_dataset(const DataOptions& options, const std::string& task) {
  return read_dataset(options, wanted_of(options, task));
}

Dataset read_for_inspection(const DataOptions& options, const std::string& task) {
  return read_for_inspection(options, wanted_of(options, task));
}

Dataset read_for_evaluation(const DataOptions& options, const std::string& task) {
  return read_for_evaluation(options, wanted_of(options, task));
}

std::vector<std::string> read_fold_names(const DataOptions& options, const std::string& task) {
  return read_fold_names(options, wanted_of(options, task));
}

}  // namespace sure
