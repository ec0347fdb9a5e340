#include "decode/words_of.h"

namespace sure {

namespace {

/// The end of the word that starts at `first`, which is a letter or a word.
size_t end_of_word(const std::vector<TokenSpan>& spans, const TokenTable& tokens, size_t first) {
  size_t end = first + 1;
  if (tokens.kind(spans[first].token) != TokenKind::letter) return end;
  while (end < spans.size() && tokens.kind(spans[end].token) == TokenKind::letter) ++end;
  return end;
}

Word make_word(const std::vector<TokenSpan>& spans, const TokenTable& tokens, size_t first, size_t end) {
  Word word{"", 0, 0, 0, first, end};
  double sum = 0;
  int64_t frames = 0;
  for (size_t i = first; i < end; ++i) {
    const int64_t length = spans[i].end_frame - spans[i].first_frame;
    word.text += tokens.text(spans[i].token);
    sum += spans[i].log_probability * static_cast<double>(length);
    frames += length;
  }
  word.log_probability = sum / static_cast<double>(frames);
  return word;
}

}  // namespace

std::vector<Word> words_of(const std::vector<TokenSpan>& spans, const TokenTable& tokens, double seconds_per_frame) {
  std::vector<Word> words;
  for (size_t first = 0, end = 0; first < spans.size(); first = end) {
    end = first + 1;
    if (tokens.kind(spans[first].token) == TokenKind::delimiter) continue;
    end = end_of_word(spans, tokens, first);
    Word word = make_word(spans, tokens, first, end);
    word.start = static_cast<double>(spans[first].first_frame) * seconds_per_frame;
    word.end = static_cast<double>(spans[end - 1].end_frame) * seconds_per_frame;
    words.push_back(std::move(word));
  }
  return words;
}

std::vector<Word> timed_tokens(const std::vector<TokenSpan>& spans, const TokenTable& tokens,
                               double seconds_per_frame) {
  std::vector<Word> timed;
  for (size_t i = 0; i < spans.size(); ++i) {
    timed.push_back({tokens.text(spans[i].token), static_cast<double>(spans[i].first_frame) * seconds_per_frame,
                     static_cast<double>(spans[i].end_frame) * seconds_per_frame, spans[i].log_probability, i, i + 1});
  }
  return timed;
}

}  // namespace sure
