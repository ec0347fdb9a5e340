#include "decode/decoder.h"

#include <ATen/ops/amax.h>
#include <ATen/ops/cat.h>

#include <cmath>

#include "core/error.h"
#include "core/registry.h"
#include "decode/ctc_beam_search.h"
#include "decode/cut_frames.h"

namespace sure {

namespace {

struct DecoderRow {
  std::string name;
  bool takes_words;  // --lm and --decoder_lexicon
  Hypothesis (*run)(const Tensor& log_probs, const WordScorer& scorer, const DecodeOptions& options);
};

Hypothesis run_greedy(const Tensor& log_probs, const WordScorer& scorer, const DecodeOptions&) {
  const double score = log_probs.amax(-1).sum(at::kDouble).item<double>();
  return {ctc_greedy(log_probs, scorer.tokens().blank()), score, 0, score};
}

Hypothesis run_beam(const Tensor& log_probs, const WordScorer& scorer, const DecodeOptions& options) {
  return ctc_beam_search(log_probs, scorer, options).at(0);
}

const std::vector<DecoderRow> kDecoders = {{"greedy", false, run_greedy}, {"beam", true, run_beam}};

const DecoderRow& decoder_row(const std::string& name) { return find_row(kDecoders, name, "decoder"); }

constexpr double kLeast = -1e4;  // for probabilities of 0, as the beam search wants finite ones

/// A tensor that the decoders take: fp32 [T, V] on the CPU, finite.
Tensor checked(const Tensor& log_probs, int64_t vocabulary) {
  if (log_probs.dim() != 2 || log_probs.size(1) != vocabulary) {
    fail("log-probabilities of shape [{}]: expected [frames, {}], the size of the vocabulary",
         fmt::join(log_probs.sizes(), ", "), vocabulary);
  }
  const Tensor rows = log_probs.detach().to(at::kCPU, at::kFloat).contiguous();
  const Tensor finite = rows.amax(-1).isfinite();
  if (finite.all().item<bool>()) return rows.clamp_min(kLeast);
  const auto frame = finite.logical_not().nonzero()[0].item<int64_t>();
  fail("log-probabilities of frame {} are not finite (NaN?): expected log-softmax of a model's output", frame);
}

/// The lexicon's words in place of their tokens.
void name_words(const WordTrie& lexicon, const std::vector<TokenSpan>& spans, std::vector<Word>& words) {
  for (Word& word : words) {
    int32_t node = WordTrie::kRoot;
    for (size_t i = word.first_span; i < word.end_span && node >= 0; ++i) node = lexicon.next(node, spans[i].token);
    if (node >= 0 && lexicon.word(node) != nullptr) word.text = *lexicon.word(node);
  }
}

// With a wider beam a search finds nothing new and, on a model that is unsure, never ends.
constexpr int64_t kWidestBeam = 10'000;

DecodeOptions valid(DecodeOptions options) {
  check_decode_options(options);
  return options;
}

}  // namespace

std::vector<std::string> decoder_names() { return names_of(kDecoders); }

void check_decode_options(const DecodeOptions& o) {
  const DecoderRow& row = decoder_row(o.decoder);
  if (!row.takes_words && !o.lm.empty()) fail_usage("--lm does not go with --decoder {}: use --decoder beam", row.name);
  if (!row.takes_words && !o.decoder_lexicon.empty()) {
    fail_usage("--decoder_lexicon does not go with --decoder {}: use --decoder beam", row.name);
  }
  if (o.beam_width < 1 || o.beam_width > kWidestBeam) {
    fail_usage("--beam_width {}: expected 1 to {}", o.beam_width, kWidestBeam);
  }
  if (!(o.token_cutoff > 0)) fail_usage("--token_cutoff {}: expected a number above 0", o.token_cutoff);
  if (!std::isfinite(o.lm_weight)) fail_usage("--lm_weight {}: expected a finite number", o.lm_weight);
  if (!std::isfinite(o.word_bonus)) fail_usage("--word_bonus {}: expected a finite number", o.word_bonus);
}

Decoder::Decoder(const DecodeOptions& options, std::vector<std::string> tokens, int64_t blank, int64_t delimiter,
                 bool spelled)
    : options_(valid(options)), scorer_(options_, TokenTable(std::move(tokens), blank, delimiter, spelled)) {}

Transcript Decoder::decode(const Tensor& log_probs, double seconds_per_frame) const {
  StreamDecoder stream(*this);
  stream.add(log_probs);
  return stream.finish(seconds_per_frame);
}

void StreamDecoder::add(const Tensor& log_probs) {
  const TokenTable& tokens = decoder_.scorer_.tokens();
  const Tensor rows = checked(log_probs, tokens.size());
  waiting_ = waiting_.defined() ? at::cat({waiting_, rows}) : rows;
  while (waiting_.size(0) > kLongestPiece) {
    const FrameCut cut =
        find_cut(waiting_.narrow(0, kLongestPiece / 2, kLongestPiece / 2), tokens.blank(), tokens.delimiter());
    decode_first(kLongestPiece / 2 + cut.frame, cut.between_words);
  }
}

/// `between_words`: the last of these frames is a delimiter's, which must not get lost.
void StreamDecoder::decode_first(int64_t frames, bool between_words) {
  const Tensor rows = waiting_.narrow(0, 0, frames);
  waiting_ = waiting_.narrow(0, frames, waiting_.size(0) - frames).clone();
  Hypothesis best = decoder_row(decoder_.options_.decoder).run(rows, decoder_.scorer_, decoder_.options_);
  std::vector<TokenSpan>& spans = transcript_.spans;
  for (TokenSpan span : best.spans) {
    span.first_frame += frames_;
    span.end_frame += frames_;
    append_span(span, spans);
  }
  frames_ += frames;
  transcript_.score += best.total;
  const int64_t delimiter = decoder_.scorer_.tokens().delimiter();
  if (between_words && !spans.empty() && spans.back().token != delimiter) {
    spans.push_back({delimiter, frames_ - 1, frames_, rows[frames - 1][delimiter].item<double>()});
  }
}

Transcript StreamDecoder::finish(double seconds_per_frame) {
  const WordScorer& scorer = decoder_.scorer_;
  if (waiting_.defined()) decode_first(waiting_.size(0), /*between_words=*/false);
  Transcript transcript = std::move(transcript_);
  for (const TokenSpan& span : transcript.spans) transcript.tokens.push_back(span.token);
  transcript.words = words_of(transcript.spans, scorer.tokens(), seconds_per_frame);
  transcript.timed_tokens = timed_tokens(transcript.spans, scorer.tokens(), seconds_per_frame);
  if (scorer.lexicon() != nullptr) name_words(*scorer.lexicon(), transcript.spans, transcript.words);
  return transcript;
}

}  // namespace sure
