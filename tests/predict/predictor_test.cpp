#include "predict/predictor.h"

#include <gmock/gmock.h>

#include "audio/audio.h"
#include "core/error.h"
#include "predict/audio_slices.h"
#include "predict/long_recording.h"
#include "tests/support/adapted_models.h"
#include "tests/support/audio.h"
#include "tests/support/close.h"
#include "tests/support/errors.h"

namespace sure::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace {

/// Speech-like sound that is loud, then quiet: what a part sees is not what the whole is.
Tensor uneven_speech(int64_t seconds) {
  std::vector<Tensor> parts;
  for (int64_t i = 0; i < seconds; ++i) {
    const double loudness = i < seconds / 2 ? 0.9 : 0.2;
    parts.push_back(synthetic_speech(kSampleRate, 90.0 + 7.0 * static_cast<double>(i)) * loudness);
  }
  return torch::cat(parts) + 0.003 * torch::randn({seconds * kSampleRate}, make_generator(5));
}

ModelSpec transcript_spec(const std::string& shape) {
  ModelSpec spec = tiny_spec(shape, "lora");
  spec.task = "asr";
  spec.labels = {"<pad>", "<unk>", "|", "a", "b", "c"};
  return spec;
}

ModelSpec class_spec(const std::string& shape, Padding padding, int64_t max_samples) {
  ModelSpec spec = tiny_spec(shape, "lora");
  spec.model.padding = padding;
  spec.model.max_samples = max_samples;
  return spec;
}

AdaptedModel perturbed(const ModelSpec& spec) {
  AdaptedModel model = AdaptedModel::create(spec, 1);
  perturb(model);
  return model;
}

Tensor whole_logits(const AdaptedModel& model, const std::filesystem::path& path) {
  return model.forward(collate({read_audio(path)}, model.collate_options()), false).logits;
}

Tensor chunked_logits(const AdaptedModel& model, const std::filesystem::path& path, double chunk) {
  std::vector<Tensor> parts;
  transcribe_in_chunks(model, path, chunk, 0, [&](const HeadOutput& part, int64_t) {
    EXPECT_EQ(part.logits.size(1), part.lengths.item<int64_t>());
    parts.push_back(part.logits);
  });
  return torch::cat(parts, 1);
}

std::vector<Recording> recordings_of(const std::vector<std::filesystem::path>& paths) {
  std::vector<Recording> recordings;
  for (const auto& path : paths) recordings.push_back({path, path.filename().string()});
  return recordings;
}

Tensor logits_of(const RecordingResult& result, size_t segment = 0) {
  EXPECT_EQ(result.error, "");
  return torch::tensor(result.segments.at(segment).prediction.logits);
}

class ChunksOf : public testing::TestWithParam<const char*> {};

}  // namespace

TEST_P(ChunksOf, GiveTheEmissionsOfTheWhole) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", uneven_speech(9));
  const AdaptedModel model = perturbed(transcript_spec(GetParam()));
  const Tensor whole = whole_logits(model, folder / "a.wav");
  const Tensor chunked = chunked_logits(model, folder / "a.wav", 4);
  ASSERT_EQ(chunked.sizes(), whole.sizes());
  // Attention of the whole looks farther than a part can, and with random weights it looks everywhere.
  EXPECT_LT(relative_error(chunked, whole), 0.1);
  EXPECT_GT((chunked.argmax(-1) == whole.argmax(-1)).to(at::kDouble).mean().item<double>(), 0.9);
}

INSTANTIATE_TEST_SUITE_P(EveryFrontEnd, ChunksOf, testing::Values("wav2vec2_base", "wav2vec2_large", "hubert_base"));

TEST(Chunks, OneIsTheWhole) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", uneven_speech(3));
  for (const char* shape : {"wav2vec2_base", "wav2vec2_large"}) {
    const AdaptedModel model = perturbed(transcript_spec(shape));
    EXPECT_LT(relative_error(chunked_logits(model, folder / "a.wav", 3), whole_logits(model, folder / "a.wav")), 1e-4);
  }
}

TEST(Chunks, HaveTheStatisticsOfTheWhole) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", uneven_speech(25));  // more than one block
  const Tensor samples = read_audio(folder / "a.wav");
  const RecordingStatistics seen = measure_recording(folder / "a.wav", 10, 5, true);
  EXPECT_EQ(seen.samples, samples.size(0));
  EXPECT_LT(relative_error(seen.normalise(samples), normalise(samples)), 1e-5);
  const Tensor windows = normalise(samples).unfold(0, 10, 5).to(at::kDouble);
  EXPECT_LT((seen.first_windows.mean - windows.mean(0)).abs().max().item<double>(), 1e-5);
  EXPECT_LT(relative_error(seen.first_windows.covariance, torch::cov(windows.t(), 0)), 1e-5);
}

TEST(Chunks, AreLongEnough) {
  const AdaptedModel model = AdaptedModel::create(transcript_spec("wav2vec2_base"), 1);
  EXPECT_THAT(message_of([&] { Predictor(model, {}, {.chunk = 0.001}); }), HasSubstr("--chunk 0.001"));
}

TEST(AudioSlices, CoverARecordingOnce) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", uneven_speech(1));
  const Tensor samples = read_audio(folder / "a.wav");
  using Pair = std::pair<int64_t, int64_t>;
  const auto slices_of = [&](int64_t length, int64_t step, int64_t limit) {
    AudioSlices slices(SampleStream(folder / "a.wav"), length, step, limit);
    std::vector<Pair> found;
    for (AudioSlice slice; slices.next(slice);) {
      found.emplace_back(slice.start, slice.samples.size(0));
      EXPECT_TRUE(torch::equal(slice.samples, samples.narrow(0, slice.start, slice.samples.size(0))));
      EXPECT_EQ(slice.last, slice.start + slice.samples.size(0) == (limit > 0 ? limit : 16000));
    }
    return found;
  };
  EXPECT_THAT(slices_of(8000, 8000, 0), ElementsAre(Pair(0, 8000), Pair(8000, 8000)));
  EXPECT_THAT(slices_of(7000, 5000, 0), ElementsAre(Pair(0, 7000), Pair(5000, 7000), Pair(10000, 6000)));
  EXPECT_THAT(slices_of(3000, 6000, 0), ElementsAre(Pair(0, 3000), Pair(6000, 3000), Pair(12000, 3000)));
  EXPECT_THAT(slices_of(7000, 5000, 9000), ElementsAre(Pair(0, 7000), Pair(5000, 4000)));
}

TEST(Predictor, LabelsALongRecordingAsItLabelsTheWhole) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", uneven_speech(7));
  for (const char* shape : {"wav2vec2_base", "wav2vec2_large"}) {
    const AdaptedModel model = perturbed(class_spec(shape, Padding::longest, 0));
    const auto predict = [&](double chunk) {
      return Predictor(model, {}, {.chunk = chunk}).predict(recordings_of({folder / "a.wav"})).at(0);
    };
    EXPECT_LT(relative_error(logits_of(predict(2)), logits_of(predict(0))), 0.03);
    EXPECT_DOUBLE_EQ(predict(2).segments.at(0).end, 7);
  }
}

TEST(Predictor, WindowsAreClipsOfTheirOwn) {
  const TemporaryFolder folder;
  const Tensor speech = uneven_speech(3);
  write_audio(folder / "a.wav", speech, kSampleRate, SF_FORMAT_WAV | SF_FORMAT_FLOAT);
  const AdaptedModel model = perturbed(class_spec("wav2vec2_base", Padding::max_length, 8000));
  CollateOptions collate_options = model.collate_options();
  collate_options.max_samples = kSampleRate;  // a window is heard whole
  for (const int64_t batch_size : {1, 4}) {
    const RecordingOptions options = {.window = 1, .hop = 0.75, .batch_size = batch_size};
    const RecordingResult result = Predictor(model, {}, options).predict(recordings_of({folder / "a.wav"})).at(0);
    ASSERT_EQ(result.segments.size(), 4);
    EXPECT_FALSE(result.cut);
    for (size_t i = 0; i < 4; ++i) {
      const Segment& segment = result.segments[i];
      EXPECT_DOUBLE_EQ(segment.start, 0.75 * static_cast<double>(i));
      EXPECT_DOUBLE_EQ(segment.end, std::min(3.0, segment.start + 1));
      const auto first = static_cast<int64_t>(segment.start * kSampleRate);
      const Tensor clip = speech.narrow(0, first, static_cast<int64_t>(segment.end * kSampleRate) - first);
      const Tensor alone = model.forward(collate({clip}, collate_options), false).logits[0];
      EXPECT_LT(relative_error(logits_of(result, i), alone), 1e-4);
    }
  }
}

TEST(Predictor, BatchesChangeNoResult) {
  const TemporaryFolder folder;
  std::vector<std::filesystem::path> paths;
  for (const int64_t samples : {9000, 9000, 7000, 12000, 7000, 500}) {
    paths.push_back(folder / (std::to_string(paths.size()) + ".wav"));
    write_wav(paths.back(), uneven_speech(1).narrow(0, 0, samples));
  }
  for (const char* shape : {"wav2vec2_base", "wav2vec2_large"}) {
    for (const Padding padding : {Padding::longest, Padding::exact, Padding::max_length}) {
      const AdaptedModel model = perturbed(class_spec(shape, padding, 10000));
      const auto predict = [&](int64_t batch_size) {
        return Predictor(model, {}, {.batch_size = batch_size}).predict(recordings_of(paths));
      };
      const std::vector<RecordingResult> alone = predict(1), together = predict(6);
      for (size_t i = 0; i < paths.size(); ++i) {
        EXPECT_EQ(together[i].cut, i == 3);
        EXPECT_LT(relative_error(logits_of(together[i]), logits_of(alone[i])), 1e-4)
            << shape << " " << name_of(padding) << i;
      }
    }
  }
}

TEST(Predictor, NamesWhatIsWrongWithOneAndDoesTheOthers) {
  const TemporaryFolder folder;
  write_wav(folder / "good.wav", uneven_speech(1));
  write_wav(folder / "short.wav", uneven_speech(1).narrow(0, 8000, 29));
  const AdaptedModel model = perturbed(class_spec("wav2vec2_large", Padding::longest, 0));
  const auto results = Predictor(model, {}, {.batch_size = 4})
                           .predict(recordings_of(
                               {folder / "good.wav", folder / "short.wav", folder / "none.wav", folder / "good.wav"}));
  EXPECT_EQ(results[0].error, "");
  EXPECT_THAT(results[1].error, StartsWith("short.wav: too short, 29 samples"));
  EXPECT_THAT(results[2].error, StartsWith("none.wav: no such file"));
  EXPECT_EQ(results[3].segments.size(), 1);
}

TEST(Predictor, RefusesOptionsThatDoNotFit) {
  const AdaptedModel classes = AdaptedModel::create(class_spec("wav2vec2_base", Padding::longest, 0), 1);
  const AdaptedModel words = AdaptedModel::create(transcript_spec("wav2vec2_base"), 1);
  const auto refusal = [](const AdaptedModel& model, const RecordingOptions& options) {
    return message_of([&] { Predictor(model, {}, options); });
  };
  EXPECT_THAT(refusal(classes, {.hop = 1}), HasSubstr("--hop 1 needs --window"));
  EXPECT_THAT(refusal(classes, {.window = -1}), HasSubstr("--window -1"));
  EXPECT_THAT(refusal(classes, {.window = 0.001}), HasSubstr("--window 0.001"));
  EXPECT_THAT(refusal(classes, {.batch_size = 0}), HasSubstr("--batch_size 0"));
  EXPECT_THAT(refusal(words, {.window = 1}), HasSubstr("asr"));
}

}  // namespace sure::test
