// Text as numbers by a model file of SentencePiece (spm_char.model, sentencepiece.bpe.model).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sure {

class SentencePieces {
 public:
  /// Throws Error when the file cannot be read or is no model, and where the program was built without the library.
  explicit SentencePieces(const std::filesystem::path& model);
  ~SentencePieces();
  SentencePieces(SentencePieces&&) noexcept;
  SentencePieces& operator=(SentencePieces&&) noexcept;

  struct Encoded {
    std::vector<int64_t> ids;
    std::vector<std::string> unknown;  // pieces that the model does not have, each once
  };

  /// Normalised and cut as the model says. Throws Error for broken UTF-8.
  Encoded encode(std::string_view text) const;

  /// How many pieces there are.
  int64_t size() const;

 private:
  struct Model;
  std::unique_ptr<Model> model_;
};

/// Whether the program was built with SentencePiece.
bool has_sentencepiece();

}  // namespace sure
