// Masked prediction as what the loop trains.
#pragma once

#include "pretrain/pretrain_config.h"
#include "train/loop.h"

namespace sure {

/// Every step's randomness is a function of the seed and the step. The arguments must outlive it. Of a world's
/// processes each has its rows of every batch, which is as many times `batch_seconds` long as there are processes.
class MaskedTrainee : public Trainee {
 public:
  /// `labels`: to learn; null = none. Throws Error for --init_from with a model of another shape.
  MaskedTrainee(const PretrainConfig& config, const BackboneConfig& shape, const Corpus& corpus,
                const FrameLabels* labels, World& world);

  /// What it learns; to be given before the first batch is loaded.
  void learn(const Targets& targets);

  at::Device device() const override { return device_; }
  const ParameterList& trained() const override { return model_.parameters(); }
  Batches draw_batches(uint64_t seed) const override { return draw_batches(0, corpus_.training, seed); }
  Batch load(const std::vector<size_t>& clips, const Epoch& epoch) const override;
  std::vector<std::string> counted() const override;
  void add_gradients(const Batch& batch, int64_t step_clips, StepSums& sums) override;
  void scale_gradients() override;
  Metrics note(const StepSums& sums) override { return sums.others; }

  /// Loss (nats) and accuracy over masked frames of the validation clips, label_… of labels; none without clips. The
  /// same pieces and masks each time.
  Metrics evaluate() override;

  void save(const std::filesystem::path& folder) const override;
  void load(const std::filesystem::path& folder) override;
  std::string publish(const std::filesystem::path& folder) const override;

  const Backbone& backbone() const { return model_.backbone(); }

 private:
  Batches draw_batches(size_t first, size_t last, uint64_t seed) const;

  const PretrainConfig& config_;
  const BackboneConfig& shape_;
  const Corpus& corpus_;
  const FrameLabels* labels_;
  World& world_;
  const uint64_t seed_;
  const at::ScalarType dtype_;
  const at::Device device_;
  MaskedModel model_;
  std::optional<ClipBatches> clips_;
};

/// How the loop trains it.
LoopOptions loop_options(const PretrainConfig& config, const Corpus& corpus, int64_t batches);

}  // namespace sure
