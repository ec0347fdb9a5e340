#include "text/sentence_pieces.h"

#include "core/error.h"

#ifdef SURE_SENTENCEPIECE
#include <sentencepiece_processor.h>

#include <algorithm>

#include "core/atomic_file.h"
#include "text/utf8.h"

namespace sure {

struct SentencePieces::Model {
  sentencepiece::SentencePieceProcessor processor;
};

SentencePieces::SentencePieces(const std::filesystem::path& path) : model_(std::make_unique<Model>()) {
  const std::string bytes = read_file(path);
  const auto status = model_->processor.LoadFromSerializedProto(bytes);
  if (!status.ok() || bytes.empty()) fail("{}: is no SentencePiece model; get it again", path.string());
}

SentencePieces::Encoded SentencePieces::encode(std::string_view text) const {
  if (!is_utf8(text)) fail("text: broken UTF-8, expected UTF-8 text");
  std::vector<std::string> pieces;
  const auto status = model_->processor.Encode(std::string(text), &pieces);
  if (!status.ok()) fail("SentencePiece cannot cut the text: {}", status.ToString());
  Encoded encoded;
  for (const std::string& piece : pieces) {
    const int id = model_->processor.PieceToId(piece);
    encoded.ids.push_back(id);
    const bool is_new = std::find(encoded.unknown.begin(), encoded.unknown.end(), piece) == encoded.unknown.end();
    if (id == model_->processor.unk_id() && is_new) encoded.unknown.push_back(piece);
  }
  return encoded;
}

int64_t SentencePieces::size() const { return model_->processor.GetPieceSize(); }

bool has_sentencepiece() { return true; }

#else

namespace sure {

struct SentencePieces::Model {};

SentencePieces::SentencePieces(const std::filesystem::path& path) {
  fail("{}: this build of sure has no SentencePiece; install libsentencepiece-dev and build again", path.string());
}

SentencePieces::Encoded SentencePieces::encode(std::string_view /*text*/) const { return {}; }

int64_t SentencePieces::size() const { return 0; }

bool has_sentencepiece() { return false; }

#endif

SentencePieces::~SentencePieces() = default;
SentencePieces::SentencePieces(SentencePieces&&) noexcept = default;
SentencePieces& SentencePieces::operator=(SentencePieces&&) noexcept = default;

}  // namespace sure
