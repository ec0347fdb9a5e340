// Values are compared with plain PyTorch in tests/parity.
#include "tts/fastspeech2_model.h"

#include <gtest/gtest.h>
#include <torch/optim/adamw.h>

#include "core/atomic_file.h"
#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"
#include "tts/alignment.h"
#include "tuning/method.h"

namespace sure {
namespace {

FastSpeech2Config small_config() {
  FastSpeech2Config config;
  config.vocab_size = 20;
  config.hidden_size = 16;
  config.encoder_layers = config.decoder_layers = 2;
  config.feed_forward_size = 24;
  config.feed_forward_kernel = 3;
  config.speaker_embedding_dim = 6;
  config.predictor_size = 12;
  config.pitch_size = 8;
  config.pitch_bins = 32;
  config.pitch_embeddings = 40;
  config.energy_bins = 16;
  config.postnet_layers = 3;
  config.postnet_size = 10;
  config.num_mel_bins = 8;
  return config;
}

struct Network {
  ParameterList parameters;
  SiteList sites;
  std::unique_ptr<FastSpeech2> model;
};

Network make_network(const FastSpeech2Config& config, ParameterSource& source) {
  Network network;
  network.model = std::make_unique<FastSpeech2>(Scope(source, network.parameters, "", &network.sites), config);
  return network;
}

Network small_model() { return make_network(small_config(), *seeded_source(1)); }

FastSpeech2Text some_texts(int64_t clips = 2) {
  const Tensor counts = torch::tensor({5, 3}).slice(0, 0, clips);
  return {torch::randint(1, 20, {clips, 5}), counts, torch::randn({clips, 6})};
}

FastSpeech2Speech some_speech(int64_t clips = 2, int64_t frames = 20) {
  const Tensor counts = torch::tensor({frames, frames - 7}).slice(0, 0, clips);
  return {torch::randn({clips, frames, 8}), counts, torch::rand({clips, frames}) * 200 + 80,
          torch::rand({clips, frames}) * 60};
}

int64_t trained_by(const std::string& method, const std::vector<std::string>& targets) {
  const auto source = meta_source();
  Network folder = make_network({}, *source);
  TuningOptions options;
  options.method = method;
  options.lora_targets = targets;
  return count_parameters(apply_tuning(options, folder.sites, folder.parameters, *source).trained);
}

TEST(FastSpeech2, CountsThePapersParameters) {
  const auto source = meta_source();
  EXPECT_EQ(count_parameters(make_network({}, *source).parameters), 35802977);
  const std::vector<std::string> targets = {"q_proj", "v_proj"};
  EXPECT_EQ(trained_by("finetune", targets), 35802977);
  EXPECT_EQ(trained_by("bottleneck", targets), 659200);
  EXPECT_EQ(trained_by("prefix", targets), 153600);
  EXPECT_EQ(trained_by("lora", targets), 81920);
  EXPECT_EQ(trained_by("conv_adapter", targets), 108800);
}

TEST(FastSpeech2, EveryMethodTrainsAndNothingElseChanges) {
  for (const TuningMethod& method : tuning_methods()) {
    if (method.name == "language_adapter" || method.name == "head") continue;
    torch::manual_seed(2);
    Network folder = small_model();
    TuningOptions options;
    options.method = method.name;
    options.lora_targets = {"q_proj", "v_proj"};
    options.squeeze_reduction = 4;
    const Tuning tuning = apply_tuning(options, folder.sites, folder.parameters, *seeded_source(2));
    FastSpeech2Pass pass;
    pass.training = true;
    pass.adapters = std::make_shared<BatchAdapters>(tuning.adapters);
    std::vector<Tensor> trained, before;
    for (const NamedTensor& tensor : tuning.trained) trained.push_back(tensor.value);
    for (const NamedTensor& tensor : folder.parameters) before.push_back(tensor.value.detach().clone());
    torch::optim::AdamW optimiser(trained, 1e-2);
    const FastSpeech2Text text = some_texts();
    const FastSpeech2Speech speech = some_speech();
    for (int step = 0; step < 2; ++step) {  // LoRA's A has a gradient from the second on
      optimiser.zero_grad();
      const FastSpeech2Output said = folder.model->forward(text, speech, 30000, pass);
      fastspeech2_loss(said, text, speech, 30000, folder.model->config()).total.backward();
      optimiser.step();
    }
    for (const NamedTensor& tensor : tuning.trained) {
      if (method.trains_backbone) continue;
      EXPECT_GT(tensor.value.grad().abs().sum().item<double>(), 0) << method.name << " " << tensor.name;
    }
    for (size_t i = 0; i < before.size(); ++i) {
      const NamedTensor& tensor = folder.parameters[i];
      EXPECT_TRUE(tensor.value.requires_grad() || torch::equal(tensor.value, before[i])) << tensor.name;
    }
  }
}

TEST(FastSpeech2, PaddingChangesNothing) {
  torch::manual_seed(3);
  const Network folder = small_model();
  const FastSpeech2Text text = some_texts();
  const FastSpeech2Speech speech = some_speech();
  const FastSpeech2Output together = folder.model->forward(text, speech, 30000, {});
  const FastSpeech2Text one = {text.ids.slice(0, 1).slice(1, 0, 3), text.counts.slice(0, 1), text.speaker.slice(0, 1)};
  const FastSpeech2Speech said = {speech.mel.slice(0, 1).slice(1, 0, 13), speech.counts.slice(0, 1),
                                  speech.hertz.slice(0, 1).slice(1, 0, 13), speech.energy.slice(0, 1).slice(1, 0, 13)};
  const FastSpeech2Output alone = folder.model->forward(one, said, 30000, {});
  EXPECT_TRUE(torch::equal(together.durations[1].slice(0, 0, 3), alone.durations[0]));
  EXPECT_LT(test::relative_error(together.after[1].slice(0, 0, 13), alone.after[0]), 1e-4);
  EXPECT_LT(test::relative_error(together.pitch.parts[1].slice(0, 0, 13), alone.pitch.parts[0]), 1e-4);
  EXPECT_LT(test::relative_error(together.soft[1].slice(0, 0, 13).slice(1, 0, 3), alone.soft[0]), 1e-4);
  const FastSpeech2Frames new_together = folder.model->speak(text, {}), new_alone = folder.model->speak(one, {});
  const int64_t frames = new_alone.counts[0].item<int64_t>();
  ASSERT_EQ(new_together.counts[1].item<int64_t>(), frames);
  EXPECT_LT(test::relative_error(new_together.mel[1].slice(0, 0, frames), new_alone.mel[0]), 1e-4);
}

TEST(FastSpeech2, LongClipsAreNotCut) {
  torch::manual_seed(4);
  const Network folder = small_model();
  const FastSpeech2Text text = some_texts(1);
  const FastSpeech2Speech speech = some_speech(1, 1700);
  const FastSpeech2Output said = folder.model->forward(text, speech, 30000, {});
  EXPECT_EQ(said.after.size(1), 1700);
  EXPECT_EQ(said.durations.sum().item<int64_t>(), 1700);
  EXPECT_GT(said.after[0][1699].abs().sum().item<double>(), 0);
  FastSpeech2Controls controls;
  controls.durations = torch::full({1, 5}, 400);
  EXPECT_EQ(folder.model->speak(text, controls).mel.size(1), 2000);
}

TEST(FastSpeech2, AFrozenPostnetKeepsItsStatisticsAndALearningOneDoesNot) {
  torch::manual_seed(5);
  const Network folder = small_model();
  FastSpeech2Pass pass;
  pass.training = true;
  const auto mean = [&] { return find_tensor(folder.parameters, "postnet.layers.0.batch_norm.running_mean")->clone(); };
  const Tensor before = mean();
  for (int i = 0; i < 3; ++i) folder.model->forward(some_texts(), some_speech(), 30000, pass);
  EXPECT_TRUE(torch::equal(mean(), before));
  folder.model->forward(some_texts(), some_speech(), 30000, pass, BatchStatistics::learned);
  EXPECT_FALSE(torch::equal(mean(), before));
}

TEST(FastSpeech2, ATenthOfAPredictorsGradientReachesTheEncoder) {
  torch::manual_seed(6);
  const auto gradient = [](double share) {
    FastSpeech2Config config = small_config();
    config.predictor_gradient = share;
    torch::manual_seed(7);
    const Network folder = make_network(config, *seeded_source(1));
    const Tensor weight = *find_tensor(folder.parameters, "speaker_projection.weight");
    weight.requires_grad_();
    const FastSpeech2Output said = folder.model->forward(some_texts(), some_speech(), 30000, {});
    (said.log_durations.sum() + said.energy.sum() + said.pitch.parts.sum() + said.pitch.mean.sum()).backward();
    return weight.grad().clone();
  };
  EXPECT_LT(test::relative_error(gradient(0.1), gradient(1) * 0.1), 1e-4);
}

TEST(FastSpeech2, RatePitchAndEnergyChangeWhatIsSaid) {
  torch::manual_seed(8);
  const Network folder = small_model();
  find_tensor(folder.parameters, "duration_predictor.output.bias")->fill_(2.5);
  find_tensor(folder.parameters, "pitch_predictor.statistics.2.bias")->fill_(5);
  find_tensor(folder.parameters, "energy_predictor.output.bias")->fill_(1);
  find_tensor(folder.parameters, "pitch_predictor.contour.output.bias")->fill_(-1);  // voiced
  const FastSpeech2Text text = some_texts(1);
  const auto said = [&](FastSpeech2Controls controls) { return folder.model->speak(text, controls); };
  const FastSpeech2Frames plain = said({});
  EXPECT_NEAR(static_cast<double>(said({0.5}).mel.size(1)) / static_cast<double>(plain.mel.size(1)), 2, 0.2);
  FastSpeech2Controls fixed;
  fixed.durations = plain.durations;
  EXPECT_TRUE(torch::equal(said(fixed).mel, plain.mel));
  fixed.pitch = 1.5;
  EXPECT_GT(test::relative_error(said(fixed).mel, plain.mel), 1e-3);
  fixed.pitch = 1;
  fixed.energy = 2;
  EXPECT_GT(test::relative_error(said(fixed).mel, plain.mel), 1e-3);
}

FastSpeech2Config folder_config() {
  FastSpeech2Config config = small_config();
  config.vocab_size = 100;
  config.num_mel_bins = 80;
  return config;
}

/// A folder without weights, as a training from scratch starts from.
void write_config(const std::filesystem::path& folder, const FastSpeech2Config& config) {
  write_file(folder / "config.json", fastspeech2_config_to_json(config).dump());
}

SpeechBatch some_batch() {
  const Tensor frame_mask = torch::arange(20).unsqueeze(0) < torch::tensor({20, 13}).unsqueeze(1);
  const Tensor text_mask = torch::arange(5).unsqueeze(0) < torch::tensor({5, 3}).unsqueeze(1);
  const FastSpeech2Text text = some_texts();
  return {text.ids,
          text_mask,
          torch::randn({2, 20, 80}),
          frame_mask,
          torch::rand({2, 20}) * 200 + 80,
          torch::rand({2, 20}) * 60,
          text.speaker};
}

TEST(FastSpeech2Model, WhatItWritesIsTheSameModel) {
  torch::manual_seed(9);
  const test::TemporaryFolder fresh, written;
  write_config(fresh.path(), folder_config());
  write_file(fresh / "lexicon.txt", "GNU  N UW1\n");
  const std::shared_ptr<AcousticModel> made = load_acoustic_model(fresh.path()).model;
  made->write(written.path(), made->parameters());
  const std::shared_ptr<AcousticModel> again = load_acoustic_model(written.path()).model;
  const Tensor ids = made->encode("Gnu!").ids, speaker = torch::randn({6});
  const auto symbol = [&](const std::string& name) {
    const std::vector<std::string>& names = speech_symbol_names();
    return std::find(names.begin(), names.end(), name) - names.begin() + 1;
  };
  EXPECT_TRUE(torch::equal(ids, torch::tensor({symbol("N"), symbol("UW1"), symbol("!")})));
  EXPECT_TRUE(torch::equal(again->encode("Gnu!").ids, ids));
  SpeakOptions options;
  options.rate = 0.3;
  const Speech speech = made->speak({ids, ids.slice(0, 0, 2)}, speaker, options, {})[1];
  const Speech second = again->speak({ids, ids.slice(0, 0, 2)}, speaker, options, {})[1];
  EXPECT_TRUE(torch::equal(speech.mel, second.mel));
  options.most = 1;
  EXPECT_EQ(made->speak({ids}, speaker, options, {})[0].mel.size(0), 3);
}

TEST(FastSpeech2Model, OnlyATrainingFromScratchMovesBatchNormsAndHasASoftAlignment) {
  torch::manual_seed(10);
  const test::TemporaryFolder fresh, written;
  FastSpeech2Config config = folder_config();
  config.hidden_dropout = config.predictor_dropout = config.postnet_dropout = 0;
  write_config(fresh.path(), config);
  const std::shared_ptr<AcousticModel> made = load_acoustic_model(fresh.path()).model;
  made->write(written.path(), made->parameters());
  const std::shared_ptr<AcousticModel> trained = load_acoustic_model(written.path()).model;
  const SpeechBatch batch = some_batch();
  ForwardContext pass;
  pass.training = true;
  const auto moves = [&](AcousticModel& model) {
    const Tensor& mean = *find_tensor(model.parameters(), "postnet.layers.0.batch_norm.running_mean");
    const Tensor before = mean.clone();
    model.loss(batch, pass, 0);
    return !torch::equal(mean, before);
  };
  EXPECT_FALSE(moves(*trained));
  EXPECT_TRUE(moves(*made));
  EXPECT_TRUE(trained->loss(batch, pass, 0).parts.contains("binarisation"));
  EXPECT_FALSE(made->loss(batch, pass, 0).parts.contains("binarisation"));
  EXPECT_TRUE(made->loss(batch, pass, 20000).parts.contains("binarisation"));
}

TEST(FastSpeech2Model, FeaturesAreOfOneLength) {
  const test::TemporaryFolder fresh;
  write_config(fresh.path(), folder_config());
  const SpeechFeatures features = load_acoustic_model(fresh.path()).model->features(torch::randn({22050}) * 0.1);
  EXPECT_EQ(features.mel.sizes(), (std::vector<int64_t>{87, 80}));
  EXPECT_EQ(features.pitch.size(0), 87);
  EXPECT_EQ(features.energy.size(0), 87);
}

TEST(FastSpeech2Config, RefusesWhatMakesNoModel) {
  const auto refused = [](const char* key, const nlohmann::json& value) {
    nlohmann::json json = fastspeech2_config_to_json(small_config());
    json[key] = value;
    return test::message_of([&] { parse_fastspeech2_config(json, "config.json"); });
  };
  EXPECT_EQ(refused("hidden_size", 0), "config.json: 'hidden_size' is 0; from 2 to 65536 make sense");
  EXPECT_EQ(refused("postnet_kernel", 4), "config.json: 'postnet_kernel' must be odd");
  EXPECT_EQ(refused("model_type", "hubert"), "config.json: model_type \"hubert\" is not fastspeech2");
  EXPECT_EQ(refused("symbols", {"A", "A"}), "config.json: 'symbols' names one twice");
  EXPECT_EQ(refused("pitch_bins", 41), "config.json: pitch_bins 41 must be at most pitch_embeddings 40");
}

TEST(Alignment, RefusesAClipShorterThanItsText) {
  EXPECT_EQ(
      test::message_of([] { monotonic_alignment(torch::zeros({1, 2, 3}), torch::tensor({2}), torch::tensor({3})); }),
      "a clip of 2 frames is too short for its 3 symbols");
}

TEST(Alignment, BinarisationLossIsThatOfTheChosenOnes) {
  const Tensor soft = torch::tensor({{{0.5, 0.5}, {0.2, 0.8}, {0.0, 1.0}}});
  const Tensor mask = torch::tensor({{1, 1, 0}}).to(torch::kBool);
  const Tensor loss = binarisation_loss(soft, torch::tensor({{0, 1, 1}}), mask);
  EXPECT_NEAR(loss.item<double>(), -(std::log(0.5) + std::log(0.8)) / 2, 1e-6);
}

}  // namespace
}  // namespace sure
