// Whether the data of a layer III frame can be what its encoder wrote: decoders go over damage inside of frames in
// silence, or say so on standard error alone.
#pragma once

#include <string>
#include <string_view>

#include "audio/mp3_header.h"

namespace sure {

class Mp3FrameData {
 public:
  /// The next frame of a run, whole. False where its side information asks for more than there is, or where a stretch
  /// of the coded samples is zeros.
  bool take(std::string_view frame, const Mp3Header& header);

 private:
  std::string before_;  // data of the frames before, as far back as a frame may begin in it
};

}  // namespace sure
