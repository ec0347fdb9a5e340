// sure verify: pairs of clips -> how alike their voices are, with the error rates where the list says who speaks.
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <fmt/format.h>

#include <iostream>
#include <map>

#include "cli/adapter_flags.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "core/atomic_file.h"
#include "core/destination.h"
#include "core/error.h"
#include "data/trials.h"
#include "formats/npy.h"
#include "predict/voices.h"
#include "tasks/voice_trials.h"
#include "text/printable.h"

namespace sure {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct VerifyOptions {
  AdapterFlags adapter;
  std::string trials;
  std::string data_dir;
  std::string output;
  std::string embeddings;
  bool json = false;
};

/// Each clip of a list once, in the order in which they appear, and the list's trials as positions among them.
struct ClipPairs {
  std::vector<std::string> names;
  std::vector<fs::path> clips;
  VoiceTrials trials;
};

ClipPairs find_clips(const std::vector<Trial>& list, const VerifyOptions& options) {
  ClipPairs pairs;
  std::map<std::string, int64_t> positions;
  const auto position = [&](const std::string& name, int64_t line) {
    const auto [found, is_new] = positions.try_emplace(name, std::ssize(pairs.clips));
    if (!is_new) return found->second;
    const fs::path path = fs::path(options.data_dir) / name;
    if (!fs::is_regular_file(path)) {
      fail("{}:{}: {}: no such file; names are below --data_dir, or else the current folder", options.trials, line,
           path.string());
    }
    pairs.names.push_back(name);
    pairs.clips.push_back(path);
    return found->second;
  };
  std::vector<int64_t> first, second, same;
  for (const Trial& trial : list) {
    first.push_back(position(trial.first, trial.line));
    second.push_back(position(trial.second, trial.line));
    if (trial.same_speaker) same.push_back(*trial.same_speaker ? 1 : 0);
  }
  pairs.trials = {at::tensor(first, at::kLong), at::tensor(second, at::kLong), {}};
  if (!same.empty()) pairs.trials.same = at::tensor(same, at::kLong);
  return pairs;
}

/// Those that cannot be embedded are told and left out. By the clips' names.
std::map<std::string, Tensor> embed_clips(const AdaptedModel& model, const ClipPairs& pairs) {
  Progress progress(stderr);
  const VoiceEmbedder embed(model);
  std::map<std::string, Tensor> voices;
  for (size_t i = 0; i < pairs.clips.size(); ++i) {
    const std::string path = pairs.clips[i].string();
    try {
      voices[pairs.names[i]] = embed(pairs.clips[i]);
    } catch (const std::exception& error) {
      const std::string message = error.what();
      progress.on_message(
          printable(message.starts_with(path) ? "sure: " + message : fmt::format("sure: {}: {}", path, message)));
    }
    progress.on_evaluation_progress(static_cast<int64_t>(i) + 1, std::ssize(pairs.clips));
  }
  return voices;
}

/// Leaves out the trials of clips without an embedding.
void keep_trials(const std::map<std::string, Tensor>& voices, const std::string& file, std::vector<Trial>& list) {
  const size_t all = list.size();
  std::erase_if(list,
                [&](const Trial& trial) { return !voices.contains(trial.first) || !voices.contains(trial.second); });
  if (list.empty()) fail("--trials {}: no trial is left, in each a clip could not be used", file);
  if (list.size() < all)
    fmt::print(stderr, "{} of {} trials left out: their clips could not be used\n", all - list.size(), all);
}

/// fp32 [N, E], in the order of the names.
Tensor stack_voices(const std::vector<std::string>& names, const std::map<std::string, Tensor>& voices) {
  std::vector<Tensor> ordered;
  for (const std::string& name : names) ordered.push_back(voices.at(name));
  return at::stack(ordered);
}

/// FILE.npy with the clips' names in FILE.txt; in a folder: embeddings.npy and embeddings.txt.
void write_embeddings(fs::path path, const Tensor& embeddings, const std::vector<std::string>& names) {
  if (path.extension() != ".npy") {
    make_folder(path);
    path /= "embeddings.npy";
  }
  write_npy(path, embeddings);
  write_file(path.replace_extension(".txt"), fmt::format("{}\n", fmt::join(names, "\n")));
}

const char* label_of(const Trial& trial) { return *trial.same_speaker ? "target" : "nontarget"; }

void write_scores(std::ostream& out, const std::vector<Trial>& list, const Tensor& scores) {
  const auto* score = scores.const_data_ptr<float>();
  for (const Trial& trial : list) {
    out << fmt::format("{}\t{}\t{:.6f}", printable(trial.first), printable(trial.second), *score++);
    if (trial.same_speaker) out << "\t" << label_of(trial);
    out << "\n";
  }
}

Json scores_to_json(const std::vector<Trial>& list, const Tensor& scores) {
  const auto* score = scores.const_data_ptr<float>();
  Json rows = Json::array();
  for (const Trial& trial : list) {
    rows.push_back({{"first", trial.first}, {"second", trial.second}, {"score", *score++}});
    if (trial.same_speaker) rows.back()["label"] = label_of(trial);
  }
  return rows;
}

Json result_to_json(const VerificationResult& result) {
  return {{"target_trials", result.same},
          {"non_target_trials", result.different},
          {"metrics", {{"eer", result.eer.rate}, {"min_dcf", result.min_dcf}}},
          {"eer_threshold", result.eer.threshold}};
}

void print_text(const VerificationResult& result) {
  fmt::print("{} target and {} non-target trials\neer {:.4f} at threshold {:.4f} · min_dcf {:.4f}\n", result.same,
             result.different, result.eer.rate, result.eer.threshold, result.min_dcf);
}

/// Scores go out first: they stay useful when the labels allow no metrics.
void report(const std::vector<Trial>& list, const ClipPairs& pairs, const Tensor& scores,
            const VerifyOptions& options) {
  if (!options.output.empty()) {
    remove_leftovers_of(options.output);
    write_file(options.output, [&](std::ostream& out) { write_scores(out, list, scores); });
  } else if (!options.json) {
    write_scores(std::cout, list, scores);
  }
  Json json = {{"clips", pairs.clips.size()}, {"trials", list.size()}};
  if (pairs.trials.same.defined()) {
    const VerificationResult result = measure_trials(scores, pairs.trials);
    json.update(result_to_json(result));
    if (!options.json) print_text(result);
  }
  if (!options.json) return;
  if (options.output.empty()) json["scores"] = scores_to_json(list, scores);
  print_json(json);
}

}  // namespace

int run_verify(const Arguments& arguments) {
  FlagSet flags(
      "sure verify",
      "Scores pairs of clips by the likeness of their voices: the cosine of two embeddings. Where the list says which "
      "pairs\n"
      "are of one speaker, it also measures the equal error rate (eer) and the detection cost (min_dcf).",
      "sure verify --adapter output/best_model --trials veri_test.txt --data_dir voxceleb1 --output scores.txt");
  VerifyOptions options;
  add_adapter_flags(flags, options.adapter);
  flags.group("Data");
  flags.add("trials", options.trials,
            "list with lines \"1 A B\", \"A B target\" or \"A B\"; 0 or nontarget: two speakers");
  flags.add("data_dir", options.data_dir, "folder of the clips A and B; empty = the current one");
  flags.group("Output");
  flags.add("output", options.output, "write the scores to this file; empty = standard output");
  flags.add("embeddings", options.embeddings,
            "write them to this .npy file or into this folder, names in a .txt beside");
  flags.add("json", options.json, "print JSON");
  if (!flags.parse(arguments)) return 0;
  require_adapter(options.adapter);
  require_flag("trials", options.trials);
  refuse_as_output("--output", options.output, options.trials);

  std::vector<Trial> list = read_trials(options.trials);
  ClipPairs pairs = find_clips(list, options);
  const AdaptedModel model = load_model(options.adapter);
  const size_t trials = list.size();
  const std::map<std::string, Tensor> voices = embed_clips(model, pairs);
  keep_trials(voices, options.trials, list);
  if (list.size() < trials) pairs = find_clips(list, options);
  const Tensor embeddings = stack_voices(pairs.names, voices);
  if (!options.embeddings.empty()) write_embeddings(options.embeddings, embeddings, pairs.names);
  report(list, pairs, score_trials(embeddings, pairs.trials), options);
  return list.size() == trials ? 0 : 1;
}

}  // namespace sure
