// sure inspect: what a tuning method would train on a backbone, what a saved adapter or a data set holds.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "audio/audio.h"
#include "backbone/frame_samples.h"
#include "backbone/model_folder.h"
#include "cli/command.h"
#include "cli/dataset_report.h"
#include "cli/flags.h"
#include "cli/legacy_flags.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "core/error.h"
#include "core/registry.h"
#include "formats/checkpoint_folder.h"
#include "formats/peft_adapter.h"
#include "model/adapter_folder.h"
#include "model/parameter_report.h"
#include "tasks/synthesis.h"
#include "tasks/task_data.h"
#include "text/counted.h"
#include "text/printable.h"
#include "train/bad_clips.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

struct InspectOptions {
  ModelSpec spec;
  LegacyFlags legacy;
  DataOptions data;
  std::string adapter;
  std::string task;
  int64_t num_labels = 2;
  bool json = false;
  bool check = false;
};

/// Names of the checkpoint's tensors that the backbone does not use; nothing for a folder without weights.
std::optional<std::vector<std::string>> unused_tensors(const std::string& model) {
  if (is_random_backbone(model) || !has_checkpoint(find_model(model))) return std::nullopt;
  std::vector<std::string> names;
  for (const NamedTensor& tensor : load_backbone(model).unused) names.push_back(tensor.name);
  return names;
}

bool has_ctc_head(const std::string& model, const std::vector<std::string>& unused) {
  return fs::exists(fs::path(find_model(model)) / "vocab.json") &&
         std::find(unused.begin(), unused.end(), "lm_head.weight") != unused.end();
}

/// A table; ends with a newline.
std::string format_parameters(const ParameterReport& report) {
  std::string text = fmt::format("{:<24}{:>16}{:>16}\n", "part", "trained", "all");
  const auto row = [&](const std::string& name, int64_t trained, int64_t total) {
    text += fmt::format("{:<24}{:>16}{:>16}\n", name, with_commas(trained), with_commas(total));
  };
  for (const PartCount& part : report.parts) row(part.part, part.trained, part.total);
  row("sum", report.trained, report.total);
  return text + fmt::format("trained share: {:.2f} %\n", report.share_percent());
}

void inspect_voice(const InspectOptions& options) {
  const ParameterReport report = report_parameters(AdaptedVoice::outline(options.spec.model, options.spec.tuning));
  if (options.json) {
    nlohmann::ordered_json json = {{"model", options.spec.model.model}, {"method", options.spec.tuning.method}};
    json.update(parameters_to_json(report));
    print_json(json);
    return;
  }
  fmt::print("{} on {}\n\n{}", options.spec.tuning.method, options.spec.model.model, format_parameters(report));
}

void inspect_model(InspectOptions options) {
  const Task& task = find_task(options.task.empty() ? "classify" : options.task);
  if (makes_speech(task)) return inspect_voice(options);
  options.spec.task = task.name;
  for (int64_t label = 0; label < options.num_labels; ++label) options.spec.labels.push_back(fmt::format("{}", label));
  if (task.output == OutputKind::transcript) options.spec.labels.front() = "<pad>";  // no vocabulary is without a blank
  const ParameterReport report = report_parameters(AdaptedModel::outline(options.spec));
  const auto unused = unused_tensors(options.spec.model.model);
  if (options.json) {
    nlohmann::ordered_json json = {{"model", options.spec.model.model},
                                   {"method", options.spec.tuning.method},
                                   {"num_labels", options.num_labels}};
    json.update(parameters_to_json(report));
    if (unused) {
      json["unused_tensors"] = *unused;
      json["ctc_head"] = has_ctc_head(options.spec.model.model, *unused);
    }
    print_json(json);
    return;
  }
  fmt::print("{} on {}, {}\n\n{}", options.spec.tuning.method, options.spec.model.model,
             counted(options.num_labels, "class"), format_parameters(report));
  if (unused && !unused->empty())
    fmt::print("\nnot used in the checkpoint: {}\n", printable(fmt::format("{}", fmt::join(*unused, ", "))));
  if (unused && has_ctc_head(options.spec.model.model, *unused)) {
    fmt::print("its CTC head and vocab.json are a start for --task asr: sure train --task asr --vocab model\n");
  }
}

/// What an adapter folder says of itself, ours or PEFT's.
struct AdapterContents {
  nlohmann::ordered_json about;
  ParameterList tensors;
};

AdapterContents read_adapter(const fs::path& folder) {
  if (!is_peft_folder(folder)) {
    SavedAdapter saved = read_adapter_folder(folder);
    return {{{"written_by", "sure"},
             {"task", saved.spec.task},
             {"method", saved.spec.tuning.method},
             {"model", saved.spec.model.model},
             {"fingerprint", saved.fingerprint},
             {"labels", saved.spec.labels}},
            std::move(saved.tensors)};
  }
  PeftAdapter peft = read_peft_adapter(folder);
  const bool is_lora = peft.type == PeftType::lora;
  nlohmann::ordered_json about = {
      {"written_by", "peft"}, {"method", is_lora ? "lora" : "ia3"}, {"model", peft.base_model}};
  if (is_lora) about.update({{"rank", peft.rank}, {"alpha", peft.alpha}});
  about["targets"] = peft.target_modules;
  return {std::move(about), std::move(peft.tensors)};
}

void inspect_adapter(const InspectOptions& options) {
  const AdapterContents adapter = read_adapter(find_adapter(options.adapter));
  const int64_t parameters = count_parameters(adapter.tensors);
  if (options.json) {
    nlohmann::ordered_json json = adapter.about;
    json["trained"] = parameters;
    for (const NamedTensor& tensor : adapter.tensors) json["tensors"][tensor.name] = tensor.value.sizes().vec();
    print_json(json);
    return;
  }
  for (const auto& [key, value] : adapter.about.items()) {
    fmt::print("{:<12} {}\n", key, printable(value.is_string() ? value.get<std::string>() : value.dump()));
  }
  fmt::print("{:<12} {}\n\n", "parameters", with_commas(parameters));
  for (const NamedTensor& tensor : adapter.tensors) {
    fmt::print("{:<72} [{}]\n", printable(tensor.name), fmt::join(tensor.value.sizes().vec(), ", "));
  }
}

std::string list_bad(const std::vector<BadClip>& bad, int64_t clips) {
  if (bad.empty()) return fmt::format("\n{}: all decode to their ends\n", counted(clips, "clip"));
  std::string text = fmt::format("\n{} of {} cannot be used:\n", bad.size(), counted(clips, "clip"));
  for (const BadClip& clip : bad)
    text += fmt::format("  {}\n", printable(fmt::format("{}: {}", clip.path.string(), clip.reason)));
  return text;
}

/// Returns the exit code.
int inspect_dataset(const InspectOptions& options) {
  const DatasetReader& reader = find_row(dataset_readers(), options.data.dataset, "data set");
  const std::string task = options.task.empty() ? usual_task(options.data) : find_task(options.task).name;
  const ClipCheck check = options.check ? ClipCheck::decode : ClipCheck::header;
  const int64_t shortest = options.check ? samples_of_frames(load_backbone_config(options.spec.model.model), 1) : 1;
  Progress progress(stderr);
  std::vector<BadClip> bad;
  int64_t clips = 0;
  const auto seconds_of = [&](const std::vector<Example>& examples) {
    const ClipSurvey survey = survey_clips(examples, options.data.data_dir, shortest, progress, check);
    bad.insert(bad.end(), survey.bad.begin(), survey.bad.end());
    clips += std::ssize(examples);
    return static_cast<double>(std::accumulate(survey.samples.begin(), survey.samples.end(), int64_t{0})) / kSampleRate;
  };
  DatasetSummary summary = summarise(read_for_inspection(options.data, task), find_task(task).wanted.field, seconds_of);
  if (!bad.empty() && !options.check) {
    summary.notes.push_back(fmt::format("cannot use {}; --check looks closer and lists all", describe_bad(bad)));
  }
  const int code = options.check && !bad.empty() ? 1 : 0;
  if (options.json) {
    nlohmann::ordered_json json = {{"dataset", reader.name}, {"data_dir", options.data.data_dir}, {"task", task}};
    json.update(summary_to_json(summary));
    json["bad"] = bad_to_json(bad);
    print_json(json);
    return code;
  }
  fmt::print("{} in {}, task {}\n\n{}{}", reader.name, options.data.data_dir, task, format_summary(summary),
             options.check ? list_bad(bad, clips) : "");
  return code;
}

}  // namespace

int run_inspect(const Arguments& arguments) {
  FlagSet flags(
      "sure inspect",
      "Counts what a tuning method would train on a backbone, part by part; a folder with only a config.json\n"
      "is enough. With --adapter, lists what a saved adapter holds; with --dataset, the size of a data set.",
      "sure inspect --model DIR --method conv_adapter --num_labels 11 --json");
  InspectOptions options;
  flags.add("adapter", options.adapter, "an adapter's folder, instead of a method");
  flags.add("num_labels", options.num_labels, Declaration("classes of the task").range(1, kMostCounted));
  flags.add("task", options.task, describe_tasks() + "; empty = classify, or the data set's usual one");
  flags.add("json", options.json, "print JSON");
  flags.add("check", options.check,
            "with --dataset: decode every clip, list those that are unreadable, damaged or too short for --model; exit "
            "code 1 if there are any");
  flags.add_all("Data", options.data);
  flags.add_all("Model", options.spec.model);
  flags.add_all("Tuning method", options.spec.tuning);
  flags.add_all("Task head", options.spec.head);
  flags.add_all("Switches of the original SURE program", options.legacy);
  flags.common({"model", "method", "task", "num_labels", "adapter", "dataset", "data_dir", "json", "lora_rank",
                "lora_targets", "tune_layers", "use_weighted_layer_sum"});
  if (!flags.parse(arguments)) return 0;
  apply_legacy_flags(options.legacy, flags, options.spec.tuning);
  if (!options.adapter.empty() && !options.data.dataset.empty()) fail_usage("--adapter and --dataset: leave one out");
  if (options.check && options.data.dataset.empty())
    fail_usage("--check looks at clips: give --dataset and --data_dir");
  if (!options.data.dataset.empty()) return inspect_dataset(options);
  if (!options.adapter.empty()) {
    inspect_adapter(options);
  } else {
    inspect_model(std::move(options));
  }
  return 0;
}

}  // namespace sure
