// Lets the parity tests run parts of speech synthesis. Reads the name of one job file (JSON) a line, and answers each
// with "ok" or the error. A job: kind, input and output (safetensors), and what its kind takes:
//   mel     kind "hifigan" or "speecht5" as `mel`; samples [S] -> mel [T, bins]
//   pitch   rate, options; samples [S] -> hertz [T], first_time [1]
//   vocoder path, chunk (0: all at once); mel [T, bins] -> samples [S]
//   griffin_lim  iterations, momentum; magnitudes [T, F] -> samples [S]
#include <fmt/format.h>

#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "audio/pitch.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "formats/safetensors.h"
#include "vocoder/griffin_lim.h"
#include "vocoder/vocoder_stream.h"

namespace {

using namespace sure;
using nlohmann::json;
using Tensors = std::map<std::string, Tensor>;

ParameterList make_mel(const json& job, const Tensors& input) {
  const MelOptions options = job.at("mel") == "speecht5" ? speecht5_mel() : hifigan_mel();
  return {{"mel", log_mel(input.at("samples"), options)}};
}

ParameterList find_pitch(const json& job, const Tensors& input) {
  PitchOptions options;
  options.time_step = job.value("time_step", options.time_step);
  options.floor = job.value("floor", options.floor);
  options.ceiling = job.value("ceiling", options.ceiling);
  options.voicing_threshold = job.value("voicing_threshold", options.voicing_threshold);
  const PitchTrack track = pitch_track(input.at("samples"), job.at("rate"), options);
  return {{"hertz", track.hertz}, {"first_time", torch::full({1}, track.first_time)}};
}

Tensor in_chunks(const Vocoder& vocoder, const Tensor& mel, int64_t chunk) {
  VocoderStream stream(vocoder, chunk);
  std::vector<Tensor> sound;
  for (const Tensor& part : mel.split(7)) sound.push_back(stream.feed(part));
  sound.push_back(stream.finish());
  return torch::cat(sound);
}

ParameterList make_sound(const json& job, const Tensors& input) {
  const std::unique_ptr<Vocoder> vocoder = load_vocoder(job.at("path").get<std::string>());
  const int64_t chunk = job.value("chunk", 0);
  const Tensor& mel = input.at("mel");
  return {{"samples", chunk > 0 ? in_chunks(*vocoder, mel, chunk) : vocoder->forward(mel)}};
}

ParameterList find_phases(const json& job, const Tensors& input) {
  const GriffinLimOptions options = {job.at("iterations"), job.at("momentum")};
  return {{"samples", griffin_lim(input.at("magnitudes"), FrameOptions{}, options)}};
}

struct Kind {
  const char* name;
  ParameterList (*run)(const json& job, const Tensors& input);
};
constexpr Kind kKinds[] = {
    {"mel", make_mel}, {"pitch", find_pitch}, {"vocoder", make_sound}, {"griffin_lim", find_phases}};

void run(const json& job) {
  Tensors input;
  for (const NamedTensor& tensor : read_safetensors(job.at("input").get<std::string>()).tensors) {
    input[tensor.name] = tensor.value.clone();
  }
  for (const Kind& kind : kKinds) {
    if (job.at("kind") != kind.name) continue;
    ParameterList output = kind.run(job, input);
    for (NamedTensor& tensor : output) tensor.value = tensor.value.detach().contiguous();
    write_safetensors(job.at("output").get<std::string>(), output);
    return;
  }
  fail("unknown kind {}", job.at("kind").dump());
}

}  // namespace

int main() {
  for (std::string path; std::getline(std::cin, path);) {
    try {
      run(json::parse(read_file(path)));
      std::cout << "ok" << std::endl;
    } catch (const std::exception& error) {
      std::cout << error.what() << std::endl;
    }
  }
}
