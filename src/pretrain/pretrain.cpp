#include "pretrain/pretrain.h"

#include <cmath>
#include <set>

#include "audio/audio.h"
#include "core/error.h"
#include "core/options.h"
#include "pretrain/pretrainer.h"
#include "train/agreement.h"

namespace sure {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr double kSecondsPerHour = 3600;

Json run_identity(const PretrainConfig& config, const Json& targets, const FrameLabels* learnt) {
  Json identity = targets;
  if (learnt) identity["--labels"] = fmt::format("{} labels, digest {:016x}", learnt->count(), learnt->digest());
  const Json options = options_to_json(config);
  const std::set<std::string> ignored = ignored_on_resume(config);
  for (const auto& item : options.items()) {
    if (!ignored.contains(item.key())) identity["--" + item.key()] = item.value();
  }
  return identity;
}

/// Frames of the longest piece of a clip.
int64_t longest_piece(const PretrainConfig& config, const BackboneConfig& shape) {
  const int64_t frames = shape.frames(std::llround(config.training.max_seconds * kSampleRate));
  if (frames >= config.objective.mask_length) return frames;
  fail_usage("--max_seconds {:g}: {} frames, less than --mask_length {}", config.training.max_seconds, frames,
             config.objective.mask_length);
}

void announce(const Corpus& corpus, TrainObserver& observer) {
  observer.on_message(fmt::format("{} clips, {:.2f} hours: {} to train on, {} to validate on", corpus.clips.size(),
                                  corpus.seconds() / kSecondsPerHour, corpus.training,
                                  corpus.clips.size() - corpus.training));
}

bool has_targets(const fs::path& file, const Json& identity) {
  return fs::exists(file) && Targets(file).identity() == identity;
}

/// Those of an earlier run with the same identity, or new ones, made by rank 0.
Targets make_targets(const PretrainConfig& config, const Corpus& corpus, const FrameFeatures& features,
                     const Json& identity, TrainObserver& observer, World& world) {
  const fs::path file = fs::path(config.training.output_dir) / "targets.safetensors";
  if (world.leads() && !has_targets(file, identity)) {
    fs::create_directories(file.parent_path());
    compute_targets(file, corpus, features, config.clusters, config.training.seed, observer);
  }
  world.barrier();  // until they are written
  return Targets(file);
}

std::optional<FrameLabels> read_labels(const PretrainConfig& config, const Corpus& corpus) {
  if (config.labels.labels.empty()) return std::nullopt;
  return FrameLabels(config.labels, corpus);
}

void describe(const PretrainResult& result, int64_t clusters, const std::string& features, TrainObserver& observer) {
  observer.on_message(fmt::format("targets: {} clusters of {}, {} of them used; a guess by frequency has loss {:.4f}",
                                  clusters, features, result.clusters_used, result.entropy));
  if (!result.quality) return;
  observer.on_message(fmt::format("targets and labels: PNMI {:.3f}, label purity {:.3f}, cluster purity {:.3f}",
                                  result.quality->pnmi, result.quality->label_purity, result.quality->cluster_purity));
}

}  // namespace

PretrainResult pretrain(const PretrainConfig& config, TrainObserver& observer, World& world) {
  validate(config);
  const BackboneConfig shape = hubert_config(config.shape);
  const FrameFeatures features =
      frame_features(config.teacher, shape, longest_piece(config, shape), config.training.bf16);
  const Corpus corpus = read_corpus(config.corpus, config.training.seed, observer);
  announce(corpus, observer);

  const std::optional<FrameLabels> labels = read_labels(config, corpus);
  const FrameLabels* learnt = config.objective.label_weight > 0 ? &*labels : nullptr;  // validate saw to labels
  const Json targets_of = targets_identity(corpus, features, config.clusters, config.training.seed);
  const Json identity = run_identity(config, targets_of, learnt);
  require_agreement(world, identity);
  MaskedTrainee trainee(config, shape, corpus, learnt, world);
  const int64_t batches = std::ssize(trainee.draw_batches(0));
  Loop loop(trainee, loop_options(config, corpus, batches), identity, observer, world);
  loop.start_or_resume();  // before the targets, which take long, so that its complaints come at once
  const Targets targets = make_targets(config, corpus, features, targets_of, observer, world);
  trainee.learn(targets);

  PretrainResult result;
  result.clips = std::ssize(corpus.clips);
  result.hours = corpus.seconds() / kSecondsPerHour;
  const Tensor counts = targets.counts(0, corpus.training);
  result.entropy = entropy(counts);
  result.clusters_used = counts.gt(0).sum().item<int64_t>();
  if (labels) result.quality = judge_targets(*labels, targets, shape);
  describe(result, targets.clusters(), features.name, observer);
  result.parameters = count_parameters(trainee.backbone().parameters());
  result.training = loop.run();
  const std::vector<EvaluationPoint>& evaluations = result.training.history.evaluations;
  if (!evaluations.empty()) result.validation = evaluations.back().metrics;
  return result;
}

}  // namespace sure
