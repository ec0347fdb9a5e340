// The frames of an MP3 file as libsndfile reads them right: behind a header that tells their number, without what lies
// between them.
#pragma once

#include <sndfile.h>

#include <memory>
#include <string>
#include <vector>

#include "audio/byte_file.h"
#include "audio/mp3_frames.h"

namespace sure {

class Mp3Source {
 public:
  /// `file` must outlive it.
  Mp3Source(const ByteFile& file, const Mp3Frames& frames);

  /// For sf_open_virtual, with this object as its user data.
  static SF_VIRTUAL_IO* functions();

 private:
  /// Part of what is read: bytes at hand, or a range of the file.
  struct Piece {
    int64_t begin;  // place in what is read
    int64_t bytes;
    int64_t offset;  // in the file; -1 = the length frame
  };

  int64_t size() const { return pieces_.back().begin + pieces_.back().bytes; }
  int64_t read(char* bytes, int64_t count);
  int64_t seek(int64_t offset, int whence);

  const ByteFile& file_;
  std::string length_frame_;
  std::vector<Piece> pieces_;
  int64_t at_ = 0;
};

}  // namespace sure
