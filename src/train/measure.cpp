#include "train/measure.h"

#include "backbone/frame_samples.h"
#include "core/error.h"
#include "core/registry.h"
#include "data/length_notes.h"
#include "model/foreign_head.h"
#include "tasks/task_data.h"
#include "tasks/unknown_targets.h"
#include "text/counted.h"
#include "text/printable.h"
#include "train/agreement.h"
#include "train/checkpoint.h"

namespace sure {

namespace {

constexpr size_t kNamedColumns = 60;  // of a list of labels in a note

/// Tasks whose targets a model for `of_model` can be measured on, of those that the data set has.
std::vector<std::string> fitting_tasks(const Task& of_model, const DatasetReader& reader) {
  std::vector<std::string> names;
  for (const std::string& name : tasks_of(reader)) {
    if (find_task(name).make_objective == of_model.make_objective) names.push_back(name);
  }
  return names;
}

/// For a model that records no task: it itself, where the data set has it, or the data set's usual one.
const Task& usual_fitting_task(const MeasureOptions& options, const Task& of_model) {
  if (has_task(find_row(dataset_readers(), options.data.dataset, "data set"), of_model.name)) return of_model;
  const Task& usual = find_task(usual_task(options.data));
  return usual.make_objective == of_model.make_objective ? usual : of_model;
}

/// The task whose targets the data is read with: the model's, or another that is answered in the same way.
const Task& target_task(const MeasureOptions& options, const AdaptedModel& model) {
  const DatasetReader& reader = find_row(dataset_readers(), options.data.dataset, "data set");
  const Task& of_model = model.task();
  const Task& wanted = options.task.empty() ? of_model : find_task(options.task);
  const Task& task = options.task.empty() && model.is_foreign() ? usual_fitting_task(options, of_model) : wanted;
  if (task.make_objective != of_model.make_objective) {
    fail_usage("--task {}: the adapter was trained for '{}' and cannot be measured on it", task.name, of_model.name);
  }
  if (has_task(reader, task.name)) return task;
  const std::vector<std::string> fitting = fitting_tasks(of_model, reader);
  if (fitting.empty()) {
    fail_usage("--dataset {}: it has no labels for '{}', which the adapter was trained for", reader.name,
               of_model.name);
  }
  fail_usage(
      "--dataset {}: it has no labels for '{}', which the adapter was trained for; if it answers with those of "
      "another task, say which: --task {}",
      reader.name, task.name, fmt::join(fitting, " or --task "));
}

/// A run's own splits, drawn as it drew them; nothing is drawn of other data.
Dataset read_data(const MeasureOptions& options, const Task& task, const TargetOptions& target) {
  Dataset data =
      options.draws_splits ? read_dataset(options.data, task.name) : read_for_evaluation(options.data, task.name);
  task.prepare(data, target);
  return data;
}

/// The data, with its targets as the model was trained on them; classes without names are named by the data's.
Dataset read_for(AdaptedModel& model, const MeasureOptions& options) {
  const Task& task = target_task(options, model);
  Dataset data = read_data(options, task, model.spec().target);
  if (model.is_foreign() && task.output == OutputKind::labels && are_placeholders(model.spec().labels)) {
    model.rename_labels(task.labels(data, model.spec().target));
    data.notes.push_back(
        fmt::format("the model does not name its {}: they are taken to be the data's, in its order ({})",
                    counted(std::ssize(model.spec().labels), "class"),
                    cut_to_columns(fmt::format("{}", fmt::join(model.spec().labels, ", ")), kNamedColumns)));
  }
  return data;
}

}  // namespace

Measured measure(AdaptedModel& model, const MeasureOptions& options, TrainObserver& observer, World& world) {
  Dataset data = read_for(model, options);
  Measured measured;
  measured.split = options.split.empty() ? usual_split(data) : options.split;
  measured.clips = select_split(data, measured.split);
  const std::string unknown =
      leave_out_unknown_targets(model.task(), model.spec().labels, model.objective(), measured.clips);
  if (!unknown.empty()) data.notes.push_back(unknown);
  const int64_t shortest = samples_of_frames(model.backbone().config(), 1);
  ClipSurvey survey =
      leave_out_bad_clips({{&measured.clips, shortest}}, options.data.data_dir, options.skip_bad, observer);
  if (measured.clips.empty()) fail("--skip_bad: no clip of --split {} is left", measured.split);
  measured.bad = std::move(survey.bad);
  measured.notes = std::move(data.notes);
  for (std::string& note : length_notes(survey.samples, model.collate_options())) {
    measured.notes.push_back(std::move(note));  // what of the clips the model hears
  }
  for (const std::string& note : measured.notes) observer.on_message("note: " + printable(note));
  require_agreement(world, {{"--per_device_eval_batch_size", options.batch_size},
                            {"the clips", digest(measured.clips)},
                            {"the backbone", model.fingerprint()}});
  measured.evaluation = evaluate(model, measured.clips, options.batch_size, options.decode, observer, world);
  return measured;
}

}  // namespace sure
