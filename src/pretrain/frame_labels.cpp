#include "pretrain/frame_labels.h"

#include <ATen/TensorIndexing.h>
#include <ATen/ops/bincount.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>

#include "audio/audio.h"
#include "backbone/frame_samples.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/rng.h"
#include "data/batch.h"
#include "data/records.h"
#include "pretrain/model_shape.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kAligned = "phones";

struct NamedSegment {
  std::string label;
  double end = std::numeric_limits<double>::infinity();
};

std::string key_of(const fs::path& path) { return fs::absolute(path).lexically_normal().string(); }

NamedSegment parse_segment(const std::string& text, const std::string& where) {
  const size_t colon = std::min(text.rfind(':'), text.size());
  NamedSegment segment{text.substr(0, colon)};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + std::min(colon + 1, text.size()), end, segment.end);
  if (segment.label.empty() || error != std::errc() || stop != end || !(segment.end >= 0)) {
    fail("{}: expected phones with their ends in seconds, as in HH:0.12, found '{}'", where, text);
  }
  return segment;
}

std::vector<NamedSegment> segments_of(const std::string& text, bool aligned, const std::string& where) {
  if (!aligned) return {{text}};
  std::vector<NamedSegment> segments;
  std::istringstream words(text);
  for (std::string word; words >> word;) segments.push_back(parse_segment(word, where));
  return segments;
}

/// By clip of the corpus; empty where no row tells.
std::vector<std::vector<NamedSegment>> read_segments(const LabelOptions& options, const Corpus& corpus) {
  const fs::path folder = fs::path(options.labels).parent_path();
  std::map<std::string, size_t> clips;
  for (size_t i = 0; i < corpus.clips.size(); ++i) clips[key_of(corpus.clips[i].path)] = i;
  std::vector<std::vector<NamedSegment>> segments(corpus.clips.size());
  for (const Record& row : parse_tsv(read_file(options.labels), options.labels)) {
    const auto clip = clips.find(key_of(folder / required_field(row, "path", options.labels)));
    const std::string& label = field(row, options.label_column, options.labels);
    if (clip == clips.end() || label.empty()) continue;
    const std::string where = fmt::format("{}:{}", options.labels, row.line);
    segments[clip->second] = segments_of(label, options.label_column == kAligned, where);
  }
  return segments;
}

}  // namespace

FrameLabels::FrameLabels(const LabelOptions& options, const Corpus& corpus) {
  const auto named = read_segments(options, corpus);
  std::map<std::string, int64_t> places;
  for (const auto& clip : named) {
    for (const NamedSegment& segment : clip) places[segment.label] = 0;
  }
  if (places.empty()) fail("--labels {}: none of its paths is a clip of --audio with a label", options.labels);
  for (auto& [name, place] : places) place = count_++;
  for (const auto& clip : named) {
    std::vector<Segment>& segments = segments_.emplace_back();
    for (const NamedSegment& segment : clip) {
      segments.push_back({places.at(segment.label), segment.end});
      digest_ = mix_seed(digest_, fmt::format("{}:{}", segment.label, segment.end));
    }
  }
}

Tensor FrameLabels::of(size_t clip, int64_t frames, const BackboneConfig& student) const {
  const auto hop = static_cast<double>(frame_hop(student));
  const double middle = static_cast<double>(samples_of_frames(student, 1)) / 2;
  const auto frames_before = [&](double seconds) {
    const double frame = std::ceil((seconds * kSampleRate - middle) / hop);
    return static_cast<int64_t>(std::clamp(frame, 0.0, static_cast<double>(frames)));
  };
  Tensor labels = at::full({frames}, kNoTarget, at::kShort);
  int64_t first = 0;
  for (const Segment& segment : segments_.at(clip)) {
    const int64_t last = std::max(first, frames_before(segment.end));
    labels.slice(0, first, last).fill_(segment.label);
    first = last;
  }
  return labels;
}

ClusterQuality judge_targets(const FrameLabels& labels, const Targets& targets, const BackboneConfig& student) {
  const int64_t clusters = targets.clusters();
  std::vector<Tensor> pairs;
  for (size_t clip = 0; clip < targets.clips(); ++clip) {
    const Tensor codes = targets.of(clip).to(at::kLong);
    const Tensor of_clip = labels.of(clip, codes.size(0), student).to(at::kLong);
    pairs.push_back((of_clip * clusters + codes).index({of_clip.ge(0)}));
  }
  const Tensor counts = at::bincount(at::cat(pairs), {}, labels.count() * clusters);
  return cluster_quality(counts.view({labels.count(), clusters}));
}

}  // namespace sure
