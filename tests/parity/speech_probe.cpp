// Lets the parity tests run parts of speech synthesis. Reads the name of one job file (JSON) a line, and answers each
// with "ok" or the error. A job: kind, input and output (safetensors), and what its kind takes:
//   mel     kind "hifigan" or "speecht5" as `mel`; samples [S] -> mel [T, bins]
//   pitch   rate, options; samples [S] -> hertz [T], first_time [1]
//   distance  rate; recording [S], speech [S] -> cepstral [1]
//   vocoder path, chunk (0: all at once); mel [T, bins] -> samples [S]
//   griffin_lim  iterations, momentum; magnitudes [T, F] -> samples [S]
//   pieces  path, text -> ids [N]
//   speecht5  path, seed, steps, learning_rate; ids, mask, labels, speaker (as SpeechT5::forward) -> what it says,
//   loss,
//           grad.NAME and, of steps > 0, the loss before each step of AdamW
//   speak   path, threshold; ids [S], speaker [E] -> mel [T, bins], ended [1]
//   read_speaker  path, width -> speaker [E]
//   fastspeech2, fastspeech2_speak, align, contour: fastspeech2_jobs.h
#include <fmt/format.h>
#include <torch/optim/adamw.h>

#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "audio/pitch.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "formats/safetensors.h"
#include "metrics/speech_distance.h"
#include "tests/parity/fastspeech2_jobs.h"
#include "tts/speak.h"
#include "tts/speaker_file.h"
#include "tts/speecht5_model.h"
#include "vocoder/griffin_lim.h"
#include "vocoder/vocoder_stream.h"

namespace {

using namespace sure;
using nlohmann::json;

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

ParameterList find_distance(const json& job, const Tensors& input) {
  const SpeechDistance found = speech_distance(input.at("recording"), input.at("speech"), job.at("rate"));
  return {{"cepstral", torch::tensor({found.cepstral}, at::kDouble)}};
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

ParameterList cut_text(const json& job, const Tensors& /*input*/) {
  const SentencePieces pieces(job.at("path").get<std::string>());
  const std::vector<int64_t> ids = pieces.encode(job.at("text").get<std::string>()).ids;
  return {{"ids", torch::tensor(ids, at::kLong)}};
}

std::shared_ptr<SpeechT5Model> load(const json& job) {
  return std::dynamic_pointer_cast<SpeechT5Model>(load_acoustic_model(job.at("path").get<std::string>()).model);
}

Tensor loss_of(const SpeechT5& model, const Tensors& input, const json& job, SpeechT5Output& output) {
  torch::manual_seed(job.value("seed", 0));
  const Tensor mask = input.at("mask").to(at::kBool);
  const Tensor speaker = input.contains("speaker") ? input.at("speaker") : Tensor();
  output = model.forward(input.at("ids"), mask, input.at("labels"), speaker, {});
  return speecht5_loss(output, mask, input.at("labels"), model.config());
}

std::vector<Tensor> trainable(const ParameterList& parameters) {
  std::vector<Tensor> tensors;
  for (const NamedTensor& parameter : parameters) {
    if (!parameter.is_buffer) tensors.push_back(parameter.value);
  }
  return tensors;
}

Tensor loss_curve(const SpeechT5Model& folder, const Tensors& input, const json& job) {
  torch::optim::AdamWOptions options(job.at("learning_rate").get<double>());
  torch::optim::AdamW optimiser(trainable(folder.parameters()), options.weight_decay(0));
  std::vector<float> curve;
  for (int64_t step = 0; step < job.at("steps").get<int64_t>(); ++step) {
    optimiser.zero_grad();
    SpeechT5Output output;
    const Tensor loss = loss_of(folder.network(), input, job, output);
    loss.backward();
    optimiser.step();
    curve.push_back(loss.item<float>());
  }
  return torch::tensor(curve);
}

ParameterList say_known(const json& job, const Tensors& input) {
  const std::shared_ptr<SpeechT5Model> folder = load(job);
  for (const NamedTensor& parameter : folder->parameters()) {
    Tensor value = parameter.value;
    value.set_data(value.clone());
    if (!parameter.is_buffer) value.requires_grad_();
  }
  SpeechT5Output said;
  const Tensor loss = loss_of(folder->network(), input, job, said);
  loss.backward();
  ParameterList output = {{"encoded", said.encoded}, {"hidden", said.hidden}, {"before", said.before},
                          {"after", said.after},     {"stop", said.stop},     {"loss", loss.reshape(1)}};
  for (const NamedTensor& parameter : folder->parameters()) {
    if (parameter.value.grad().defined()) output.push_back({"grad." + parameter.name, parameter.value.grad().clone()});
  }
  if (job.value("steps", 0) > 0) output.push_back({"curve", loss_curve(*folder, input, job)});
  return output;
}

ParameterList say_new(const json& job, const Tensors& input) {
  const std::shared_ptr<SpeechT5Model> folder = load(job);
  SpeakOptions options;
  options.threshold = job.at("threshold");
  const Speech speech = speak(folder->network(), {input.at("ids")}, input.at("speaker"), options)[0];
  return {{"mel", speech.mel}, {"ended", torch::full({1}, speech.ended ? 1.0 : 0.0)}};
}

ParameterList load_speaker(const json& job, const Tensors& /*input*/) {
  return {{"speaker", read_speaker(job.at("path").get<std::string>(), job.at("width"))}};
}

struct Kind {
  const char* name;
  ParameterList (*run)(const json& job, const Tensors& input);
};
constexpr Kind kKinds[] = {{"mel", make_mel},
                           {"pitch", find_pitch},
                           {"vocoder", make_sound},
                           {"griffin_lim", find_phases},
                           {"pieces", cut_text},
                           {"speecht5", say_known},
                           {"speak", say_new},
                           {"read_speaker", load_speaker},
                           {"fastspeech2", fastspeech2_known},
                           {"fastspeech2_speak", fastspeech2_new},
                           {"align", align},
                           {"contour", find_contour},
                           {"distance", find_distance}};

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
