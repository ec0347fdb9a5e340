#include "tests/parity/fastspeech2_jobs.h"

#include <torch/optim/adamw.h>

#include "audio/pitch_contour.h"
#include "tts/alignment.h"
#include "tts/fastspeech2_model.h"

namespace sure {

namespace {

using nlohmann::json;

FastSpeech2Text text_of(const Tensors& input) { return {input.at("ids"), input.at("symbols"), input.at("speaker")}; }

FastSpeech2Speech speech_of(const Tensors& input) {
  return {input.at("mel"), input.at("frames"), input.at("hertz"), input.at("energy")};
}

struct Loaded {
  std::shared_ptr<AcousticModel> model;
  const FastSpeech2& network() const { return static_cast<const FastSpeech2Model&>(*model).network(); }
};

Loaded load(const json& job) { return {load_acoustic_model(job.at("path").get<std::string>()).model}; }

Tensor loss_of(const FastSpeech2& model, const Tensors& input, const json& job, FastSpeech2Output& output) {
  const auto statistics = job.value("learned", false) ? BatchStatistics::learned : BatchStatistics::kept;
  const int64_t step = job.at("step");
  output = model.forward(text_of(input), speech_of(input), step, {}, statistics);
  return fastspeech2_loss(output, text_of(input), speech_of(input), step, model.config()).total;
}

std::vector<Tensor> make_trainable(const ParameterList& parameters) {
  std::vector<Tensor> tensors;
  for (const NamedTensor& parameter : parameters) {
    Tensor value = parameter.value;
    value.set_data(value.clone());
    if (parameter.is_buffer) continue;
    value.requires_grad_();
    tensors.push_back(value);
  }
  return tensors;
}

}  // namespace

ParameterList fastspeech2_known(const json& job, const Tensors& input) {
  const Loaded loaded = load(job);
  const std::vector<Tensor> trained = make_trainable(loaded.model->parameters());
  FastSpeech2Output said;
  const Tensor loss = loss_of(loaded.network(), input, job, said);
  loss.backward();
  ParameterList output = {{"before", said.before},     {"after", said.after},
                          {"scores", said.scores},     {"durations", said.durations},
                          {"soft", said.soft},         {"log_durations", said.log_durations},
                          {"parts", said.pitch.parts}, {"unvoiced", said.pitch.unvoiced},
                          {"energy", said.energy},     {"known_energy", said.known_energy},
                          {"loss", loss.reshape(1)}};
  output.push_back({"statistics", torch::stack({said.pitch.mean, said.pitch.deviation}, 1)});
  for (const NamedTensor& parameter : loaded.model->parameters()) {
    if (parameter.value.grad().defined()) output.push_back({"grad." + parameter.name, parameter.value.grad().clone()});
    if (parameter.is_buffer) output.push_back({"running." + parameter.name, parameter.value.clone()});
  }
  torch::optim::AdamW optimiser(trained, torch::optim::AdamWOptions(job.value("learning_rate", 0.0)).weight_decay(0));
  std::vector<float> curve;
  for (int64_t step = 0; step < job.value("steps", 0); ++step) {
    optimiser.zero_grad();
    const Tensor next = loss_of(loaded.network(), input, job, said);
    next.backward();
    optimiser.step();
    curve.push_back(next.item<float>());
  }
  if (!curve.empty()) output.push_back({"curve", torch::tensor(curve)});
  return output;
}

ParameterList fastspeech2_new(const json& job, const Tensors& input) {
  const Loaded loaded = load(job);
  const FastSpeech2Controls controls = {job.at("rate"), job.at("pitch"), job.at("energy")};
  const FastSpeech2Frames said = loaded.network().speak(text_of(input), controls);
  return {{"mel", said.mel}, {"frames", said.counts}};
}

ParameterList align(const json& /*job*/, const Tensors& input) {
  const Tensor &scores = input.at("scores"), &frames = input.at("frames"), &symbols = input.at("symbols");
  return {{"prior", beta_binomial_priors(frames, symbols, scores)},
          {"forward_sum", forward_sum_loss(scores, frames, symbols).reshape(1)},
          {"durations", monotonic_alignment(scores, frames, symbols)}};
}

ParameterList find_contour(const json& /*job*/, const Tensors& input) {
  const PitchContour contour = pitch_contour(input.at("hertz"));
  return {{"parts", contour.parts}, {"statistics", torch::tensor({contour.mean, contour.deviation}).to(torch::kFloat)}};
}

}  // namespace sure
