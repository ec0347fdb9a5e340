#include "audio/mp3_source.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "core/error.h"

namespace sure {

Mp3Source::Mp3Source(const ByteFile& file, const Mp3Frames& frames)
    : file_(file), length_frame_(mp3_length_frame(frames)) {
  pieces_.push_back({0, std::ssize(length_frame_), -1});
  for (const ByteRange& run : frames.runs) pieces_.push_back({size(), run.end - run.begin, run.begin});
}

int64_t Mp3Source::read(char* bytes, int64_t count) {
  int64_t done = 0;
  for (const Piece& piece : pieces_) {
    const int64_t inside = at_ - piece.begin;
    const int64_t wanted = std::min(count - done, piece.bytes - inside);
    if (inside < 0 || wanted <= 0) continue;
    if (piece.offset < 0) std::memcpy(bytes + done, length_frame_.data() + inside, static_cast<size_t>(wanted));
    const int64_t got = piece.offset < 0 ? wanted : file_.read(piece.offset + inside, bytes + done, wanted);
    at_ += got;
    done += got;
    if (got < wanted) break;
  }
  return done;
}

int64_t Mp3Source::seek(int64_t offset, int whence) {
  const int64_t from = whence == SEEK_SET ? 0 : (whence == SEEK_CUR ? at_ : size());
  at_ = std::clamp<int64_t>(from + offset, 0, size());
  return at_;
}

SF_VIRTUAL_IO* Mp3Source::functions() {
  static SF_VIRTUAL_IO functions = {
      [](void* source) -> sf_count_t { return static_cast<Mp3Source*>(source)->size(); },
      [](sf_count_t offset, int whence, void* source) -> sf_count_t {
        return static_cast<Mp3Source*>(source)->seek(offset, whence);
      },
      [](void* bytes, sf_count_t count, void* source) -> sf_count_t {
        try {
          return static_cast<Mp3Source*>(source)->read(static_cast<char*>(bytes), count);
        } catch (const Error&) {
          return 0;  // through C no exception goes; fewer frames than promised are refused
        }
      },
      [](const void*, sf_count_t, void*) -> sf_count_t { return 0; },
      [](void* source) -> sf_count_t { return static_cast<Mp3Source*>(source)->at_; }};
  return &functions;
}

}  // namespace sure
