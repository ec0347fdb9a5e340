#include "pretrain/frame_labels.h"

#include <ATen/ops/bincount.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>

#include "audio/audio.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "data/records.h"
#include "pretrain/model_shape.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kAligned = "phones";

/// A label from where the one before it ends (0) to `end`, in seconds.
struct Segment {
  std::string label;
  double end = std::numeric_limits<double>::infinity();
};

std::string key_of(const fs::path& path) { return fs::absolute(path).lexically_normal().string(); }

Segment parse_segment(const std::string& text, const std::string& where) {
  const size_t colon = std::min(text.rfind(':'), text.size());
  Segment segment{text.substr(0, colon)};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + std::min(colon + 1, text.size()), end, segment.end);
  if (segment.label.empty() || error != std::errc() || stop != end || !(segment.end >= 0)) {
    fail("{}: expected phones with their ends in seconds, as in HH:0.12, found '{}'", where, text);
  }
  return segment;
}

std::vector<Segment> segments_of(const std::string& text, bool aligned, const std::string& where) {
  if (!aligned) return {{text}};
  std::vector<Segment> segments;
  std::istringstream words(text);
  for (std::string word; words >> word;) segments.push_back(parse_segment(word, where));
  return segments;
}

/// Frames of each label by cluster.
class LabelCounts {
 public:
  LabelCounts(const BackboneConfig& config, int64_t clusters)
      : hop_(static_cast<double>(frame_hop(config))),
        middle_(static_cast<double>(samples_of_frames(config, 1)) / 2),
        clusters_(clusters) {}

  /// A frame belongs to the segment in which its middle lies. `codes`: the clip's clusters, int16 [T].
  void add(const std::vector<Segment>& segments, const Tensor& codes) {
    int64_t first = 0;
    for (const Segment& segment : segments) {
      const int64_t last = std::max(first, frames_before(segment.end, codes.size(0)));
      Tensor& count = counts_.try_emplace(segment.label, at::zeros({clusters_}, at::kLong)).first->second;
      count += at::bincount(codes.slice(0, first, last).to(at::kLong), {}, clusters_);
      first = last;
    }
  }

  bool empty() const { return counts_.empty(); }

  /// int64 [L, K].
  Tensor matrix() const {
    std::vector<Tensor> rows;
    for (const auto& [label, count] : counts_) rows.push_back(count);
    return at::stack(rows);
  }

 private:
  int64_t frames_before(double seconds, int64_t frames) const {
    const double frame = std::ceil((seconds * kSampleRate - middle_) / hop_);
    return static_cast<int64_t>(std::clamp(frame, 0.0, static_cast<double>(frames)));
  }

  double hop_;
  double middle_;
  int64_t clusters_;
  std::map<std::string, Tensor> counts_;
};

}  // namespace

ClusterQuality judge_targets(const LabelOptions& options, const Corpus& corpus, const Targets& targets,
                             const BackboneConfig& student) {
  const fs::path folder = fs::path(options.labels).parent_path();
  std::map<std::string, size_t> clips;
  for (size_t i = 0; i < corpus.clips.size(); ++i) clips[key_of(corpus.clips[i].path)] = i;
  LabelCounts counts(student, targets.clusters());
  for (const Record& row : parse_tsv(read_file(options.labels), options.labels)) {
    const auto clip = clips.find(key_of(folder / required_field(row, "path", options.labels)));
    const std::string& label = field(row, options.label_column, options.labels);
    if (clip == clips.end() || label.empty()) continue;
    const std::string where = fmt::format("{}:{}", options.labels, row.line);
    counts.add(segments_of(label, options.label_column == kAligned, where), targets.of(clip->second));
  }
  if (counts.empty()) fail("--labels {}: none of its paths is a clip of --audio with a label", options.labels);
  return cluster_quality(counts.matrix());
}

}  // namespace sure
