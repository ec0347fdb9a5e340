// What clusters are made of: one vector for each frame of the model that is pre-trained.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "backbone/config.h"
#include "core/options.h"
#include "core/tensor.h"

namespace sure {

struct TeacherOptions {
  std::string teacher;
  int64_t teacher_layer = 0;
};

template <class Visitor>
void visit_options(TeacherOptions& o, Visitor&& visit) {
  visit("teacher", o.teacher,
        Declaration("model whose hidden states are clustered, as the first round's; empty = the first round, on MFCC")
            .free_on_resume());
  visit("teacher_layer", o.teacher_layer,
        Declaration("the layer to take them from, from 1; 0 = the middle one").range(0).free_on_resume());
}

struct FrameFeatures {
  /// fp32 [S] at 16 kHz -> fp32 [T, F], T = student.frames(S), without gradients, from any thread.
  std::function<Tensor(const Tensor& samples)> compute;
  /// What they are, for identities and messages.
  std::string name;
  /// By content, so that the same teacher elsewhere counts as the same.
  nlohmann::ordered_json identity;
};

/// MFCC with derivatives (39), of the window that starts nearest to the frame's start; or the hidden states of a
/// teacher with the student's front-end, in pieces of at most `max_frames`, in bf16 or fp32. Throws a usage Error for a
/// student whose frames are no multiple of 10 ms, a teacher with other frames, a layer that it does not have.
FrameFeatures frame_features(const TeacherOptions& options, const BackboneConfig& student, int64_t max_frames,
                             bool bf16);

}  // namespace sure
