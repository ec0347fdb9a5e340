// Progress of a run that leaves checkpoints: Ctrl-C promises no more than there is.
#pragma once

#include "cli/interrupt.h"
#include "cli/progress.h"

namespace sure {

constexpr const char* kResumable =
    "interrupted: the same command with --resume latest goes on from the last checkpoint";

class RunProgress : public Progress {
 public:
  using Progress::Progress;
  void on_checkpoint() override {
    if (!saved_) explain_interrupt(kResumable);
    saved_ = true;
  }

 private:
  bool saved_ = false;
};

}  // namespace sure
