#include "pretrain/frame_labels.h"

#include <ATen/ops/bincount.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "audio/audio.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "data/records.h"
#include "pretrain/model_shape.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

std::string key_of(const fs::path& path) { return fs::absolute(path).lexically_normal().string(); }

/// The column's number; `missing` where the row has none.
double seconds_in(const Record& row, const std::string& column, double missing, const std::string& source) {
  const auto found = row.fields.find(column);
  if (found == row.fields.end() || found->second.empty()) return missing;
  const std::string& text = found->second;
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && stop == text.data() + text.size() && value >= 0) return value;
  fail("{}:{}: {} '{}', expected seconds", source, row.line, column, text);
}

/// Frames whose middle lies in a span of time, [first, last).
class FrameSpan {
 public:
  FrameSpan(const BackboneConfig& config, double start, double end, int64_t frames)
      : hop_(static_cast<double>(frame_hop(config))), middle_(static_cast<double>(samples_of_frames(config, 1)) / 2) {
    first = std::min(frames, frame_at(start));
    last = std::max(first, std::min(frames, frame_at(end)));
  }

  int64_t first = 0;
  int64_t last = 0;

 private:
  int64_t frame_at(double seconds) const {
    const double frame = std::ceil((seconds * kSampleRate - middle_) / hop_);
    return static_cast<int64_t>(std::clamp(frame, 0.0, static_cast<double>(std::numeric_limits<int32_t>::max())));
  }

  double hop_;
  double middle_;
};

}  // namespace

ClusterQuality judge_targets(const fs::path& labels, const Corpus& corpus, const Targets& targets,
                             const BackboneConfig& student) {
  const std::string source = labels.string();
  std::map<std::string, size_t> clips;
  for (size_t i = 0; i < corpus.clips.size(); ++i) clips[key_of(corpus.clips[i].path)] = i;
  std::map<std::string, Tensor> counts;  // of each label, int64 [K]
  for (const Record& row : parse_tsv(read_file(labels), source)) {
    const auto clip = clips.find(key_of(labels.parent_path() / required_field(row, "path", source)));
    const std::string& label = required_field(row, "label", source);
    const double start = seconds_in(row, "start", 0, source);
    const double end = seconds_in(row, "end", std::numeric_limits<double>::infinity(), source);
    if (clip == clips.end()) continue;
    const Tensor codes = targets.of(clip->second);
    const FrameSpan span(student, start, end, codes.size(0));
    Tensor& count = counts.try_emplace(label, at::zeros({targets.clusters()}, at::kLong)).first->second;
    count += at::bincount(codes.slice(0, span.first, span.last).to(at::kLong), {}, targets.clusters());
  }
  if (counts.empty()) fail("--labels {}: none of its paths is a clip of --audio", source);
  std::vector<Tensor> rows;
  for (const auto& [label, count] : counts) rows.push_back(count);
  return cluster_quality(at::stack(rows));
}

}  // namespace sure
