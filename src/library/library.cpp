#include <ATen/ops/stack.h>

#include <algorithm>
#include <set>

#include "backbone/frame_samples.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/options.h"
#include "core/registry.h"
#include "core/rng.h"
#include "model/adapter_folder.h"
#include "model/device.h"
#include "model/python_lines.h"
#include "predict/predictor.h"
#include "predict/voices.h"
#include "sure/sure.h"
#include "train/measure.h"
#include "train/resolve.h"
#include "train/run.h"

namespace sure {

namespace {

void require_none_left(const OptionValues& values) {
  if (!values.empty()) fail_usage("--{}: unknown option, or none of this function", values.begin()->first);
}

void require_only(const OptionValues& values, const std::set<std::string>& known) {
  for (const auto& value : values) {
    if (known.contains(value.first)) continue;
    fail_usage("--{}: unknown option; use some of {}", value.first, fmt::join(known, ", "));
  }
}

/// Takes what is no field of an options struct.
template <class T>
void take(OptionValues& values, const std::string& name, T& field) {
  const auto given = values.extract(name);
  if (!given.empty()) set_from_text(name, given.mapped(), field, "");
}

/// Whether an adapter has weights of its own in the encoder's place, which no other can share.
bool trains_encoder(const std::filesystem::path& folder) {
  const std::filesystem::path adapter = find_adapter(folder);
  if (!is_adapter_folder(adapter)) return false;
  return find_row(tuning_methods(), read_adapter_spec(adapter).tuning.method, "method").trains_backbone;
}

/// Hands messages on.
class Listener : public RunObserver {
 public:
  explicit Listener(const std::function<void(const std::string&)>& on_message) : listen_(on_message) {}
  void on_message(const std::string& message) override {
    if (listen_) listen_(message);
  }

 private:
  const std::function<void(const std::string&)>& listen_;
};

}  // namespace

/// A model that trains nothing of the encoder, for the adapters that are loaded beside it.
struct SharedEncoder::State {
  AdaptedModel host;
};

const std::string& SharedEncoder::model() const { return state_->host.spec().model.model; }
int64_t SharedEncoder::hidden_size() const { return state_->host.backbone().config().hidden_size; }
int64_t SharedEncoder::layers() const { return state_->host.backbone().config().num_hidden_layers; }
double SharedEncoder::seconds_per_frame() const { return state_->host.backbone().config().seconds_per_frame(); }

SharedEncoder load_encoder(const OptionValues& options) {
  require_only(options, {"model", "device", "bf16", "int8"});
  ModelSpec spec;
  OptionValues values = options;
  take_options(values, spec.model);
  spec.task = tasks().front().name;
  spec.tuning.method = "head";
  spec.labels = {"none"};
  return SharedEncoder(std::make_shared<SharedEncoder::State>(SharedEncoder::State{AdaptedModel::create(spec, 0)}));
}

const std::string& LoadedAdapter::task() const { return model_->spec().task; }
const std::string& LoadedAdapter::method() const { return model_->spec().tuning.method; }
const std::vector<std::string>& LoadedAdapter::labels() const { return model_->spec().labels; }

LoadedAdapter load_adapter(const SharedEncoder& encoder, const std::filesystem::path& folder) {
  const AdaptedModel& host = encoder.state().host;
  if (!trains_encoder(folder))
    return LoadedAdapter(std::make_shared<AdaptedModel>(AdaptedModel::load_beside(host, folder)));
  ModelOptions options = recorded_model_options(folder);
  const ModelOptions& of_encoder = host.spec().model;
  options.model = of_encoder.model;
  options.device = of_encoder.device;
  options.bf16 = of_encoder.bf16;
  options.int8 = of_encoder.int8;
  return LoadedAdapter(std::make_shared<AdaptedModel>(AdaptedModel::load(folder, options)));
}

std::vector<RecordingResult> predict(const LoadedAdapter& adapter, const std::vector<std::filesystem::path>& files,
                                     const OptionValues& options) {
  OptionValues values = options;
  RecordingOptions recordings;
  DecodeOptions decode;
  take_options(values, recordings);
  take_options(values, decode);
  require_none_left(values);
  std::vector<Recording> named;
  for (const std::filesystem::path& file : files) named.push_back({file, file.string()});
  return Predictor(adapter.model(), decode, recordings).predict(named);
}

Prediction predict(const LoadedAdapter& adapter, const at::Tensor& samples) {
  const AdaptedModel& model = adapter.model();
  const int64_t least = samples_of_frames(model.backbone().config(), 1);
  if (samples.dim() != 1 || samples.size(0) < least) {
    fail("samples: expected one dimension of at least {}, found {}", least, fmt::join(samples.sizes().vec(), " x "));
  }
  const Batch batch = collate({samples.to(at::kCPU, at::kFloat)}, model.collate_options());
  return model.objective().make_postprocessor({})(model.forward(batch, /*training=*/false)).front();
}

at::Tensor embed(const LoadedAdapter& adapter, const std::vector<std::filesystem::path>& files) {
  if (files.empty()) fail("no audio files to embed");
  const VoiceEmbedder embed_clip(adapter.model());
  std::vector<at::Tensor> voices;
  for (const std::filesystem::path& file : files) voices.push_back(embed_clip(file));
  return at::stack(voices);
}

TrainedRun train(const OptionValues& options, const std::function<void(const std::string&)>& on_message) {
  OptionValues values = options;
  RunConfig config;
  bool overwrite = false;
  take_options(values, config);
  take(values, "overwrite_output_dir", overwrite);
  require_none_left(values);
  config = resolve(std::move(config), [&](const std::string& name) { return options.contains(name); });
  if (!config.data.folds.empty() && config.data.fold == 0) fail_usage("--folds: name the one to train, by --fold");
  const at::Device device = find_device(config.model.device);
  const KeptRandomness processor(at::kCPU), kept(device);
  Listener listener(on_message);
  const RunOutcome outcome = run_training(config, overwrite, listener);
  TrainedRun run{std::filesystem::path(config.train.output_dir) / "best_model", {}, 0};
  if (outcome.trained) run.steps = outcome.trained->steps;
  for (const char* split : {"valid", "test"}) {
    if (outcome.results.contains(split)) run.measured[split] = outcome.results.at(split).at("metrics").get<Metrics>();
  }
  return run;
}

Metrics evaluate(const LoadedAdapter& adapter, const OptionValues& options) {
  OptionValues values = options;
  MeasureOptions wanted;
  take_options(values, wanted.data);
  take_options(values, wanted.decode);
  take(values, "task", wanted.task);
  take(values, "split", wanted.split);
  take(values, "skip_bad", wanted.skip_bad);
  take(values, "per_device_eval_batch_size", wanted.batch_size);
  require_none_left(values);
  if (wanted.data.dataset.empty() || wanted.data.data_dir.empty()) fail_usage("--dataset and --data_dir are needed");
  if (wanted.batch_size < 1) fail_usage("--per_device_eval_batch_size {}: expected at least 1", wanted.batch_size);
  RunObserver nobody;
  return measure(adapter.model(), wanted, nobody).evaluation.metrics;
}

void export_adapter(const LoadedAdapter& adapter, const std::string& format, const std::filesystem::path& folder) {
  const ExportFormat& chosen = find_row(export_formats(), format, "export format");
  const ModelOptions& options = adapter.model().spec().model;
  if (options.bf16 || options.int8) fail_usage("exported weights are fp32: load the encoder without bf16 and int8");
  settle_folder(folder);
  chosen.write(adapter.model(), folder);
}

}  // namespace sure
