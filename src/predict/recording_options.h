// How recordings are taken apart before a model hears them.
#pragma once

#include <cstdint>

namespace sure {

struct RecordingOptions {
  double window = 0;       // seconds; 0 = one label for the whole recording
  double hop = 0;          // seconds; 0 = as long as the window
  double chunk = 60;       // seconds; 0 = never
  int64_t batch_size = 1;  // clips
};

template <class Visitor>
void visit_options(RecordingOptions& o, Visitor&& visit) {
  visit("window", o.window, "label each stretch of that many seconds instead of the whole recording; 0 = the whole");
  visit("hop", o.hop, "seconds from one window's start to the next one's; 0 = as long as the window");
  visit("chunk", o.chunk,
        "hear longer recordings in overlapping parts of that many seconds, in constant memory; 0 = whole (quadratic)");
  visit("batch_size", o.batch_size, "clips computed together, as far as that changes no result and more are at hand");
}

}  // namespace sure
