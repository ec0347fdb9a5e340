#include "pretrain/frame_features.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "audio/audio.h"
#include "audio/mfcc.h"
#include "backbone/backbone.h"
#include "backbone/frame_samples.h"
#include "core/error.h"
#include "pretrain/model_shape.h"

namespace sure {

namespace {

FrameFeatures mfcc_features(const BackboneConfig& student) {
  const int64_t hop = frame_hop(student);
  if (hop % kMfccHop != 0) {
    fail_usage("--conv_stride: frames of {} samples; MFCC targets need a multiple of {} (10 ms)", hop, kMfccHop);
  }
  const auto compute = [student, hop](const Tensor& samples) {
    const Tensor all = mfcc(samples);
    const Tensor rows = at::arange(student.frames(samples.size(0)), at::kLong) * (hop / kMfccHop);
    return all.index_select(0, rows.clamp_max(all.size(0) - 1));
  };
  return {compute, "MFCC", {{"teacher", "mfcc"}}};
}

/// A frozen model and the layer to read.
class Teacher {
 public:
  Teacher(const TeacherOptions& options, const BackboneConfig& student, int64_t max_frames, bool bf16)
      : loaded_(load_backbone(options.teacher)),
        layer_(options.teacher_layer),
        max_frames_(max_frames),
        dtype_(bf16 ? at::kBFloat16 : at::kFloat) {
    const BackboneConfig& config = loaded_.backbone->config();
    if (config.conv_kernel != student.conv_kernel || config.conv_stride != student.conv_stride) {
      fail_usage("--teacher {}: its frames are not those of --conv_kernel and --conv_stride", options.teacher);
    }
    if (layer_ == 0) layer_ = (config.num_hidden_layers + 1) / 2;
    if (layer_ < 1 || layer_ > config.num_hidden_layers) {
      fail_usage("--teacher_layer {}: {} has layers 1 to {}", layer_, options.teacher, config.num_hidden_layers);
    }
  }

  Tensor features(const Tensor& samples) const {
    const BackboneConfig& config = loaded_.backbone->config();
    const Tensor clip = config.do_normalize ? normalise(samples) : samples;
    const int64_t frames = config.frames(clip.size(0));
    std::vector<Tensor> pieces;
    for (int64_t start = 0; start < frames; start += max_frames_) {
      const int64_t length = samples_of_frames(config, std::min(max_frames_, frames - start));
      pieces.push_back(states(clip.narrow(0, start * frame_hop(config), length)));
    }
    return at::cat(pieces);
  }

  int64_t layer() const { return layer_; }
  const std::string& fingerprint() const { return loaded_.fingerprint; }

 private:
  Tensor states(const Tensor& audio) const {
    BackboneInput input;
    input.audio = audio.unsqueeze(0);
    input.all_layers = true;
    input.dtype = dtype_;
    return loaded_.backbone->forward(input, {}).layers.at(static_cast<size_t>(layer_))[0].to(at::kFloat);
  }

  LoadedBackbone loaded_;
  int64_t layer_;
  int64_t max_frames_;
  at::ScalarType dtype_;
};

}  // namespace

FrameFeatures frame_features(const TeacherOptions& options, const BackboneConfig& student, int64_t max_frames,
                             bool bf16) {
  if (options.teacher.empty()) return mfcc_features(student);
  const auto teacher = std::make_shared<const Teacher>(options, student, max_frames, bf16);
  return {[teacher](const Tensor& samples) { return teacher->features(samples); },
          fmt::format("layer {} of {}", teacher->layer(), options.teacher),
          {{"teacher", teacher->fingerprint()}, {"layer", teacher->layer()}}};
}

}  // namespace sure
