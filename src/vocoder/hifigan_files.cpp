#include "vocoder/hifigan_files.h"

#include <ATen/ops/_weight_norm.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/json_fields.h"
#include "core/strict_json.h"
#include "formats/checkpoint_folder.h"
#include "formats/finite.h"
#include "formats/weight_norm.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

/// One kind of Hugging Face folder: what its models learned from, which their config.json does not say.
struct FolderKindRow {
  const char* model_type;
  MelOptions mel;
};

const std::vector<FolderKindRow>& folder_kinds() {
  static const std::vector<FolderKindRow> kinds = [] {
    MelOptions espnet = speecht5_mel();  // FastSpeech2Conformer's come from ESPnet, which differs in the rate alone
    espnet.frames.rate = 22050;
    return std::vector<FolderKindRow>{{"speecht5_hifigan", speecht5_mel()}, {"fastspeech2_conformer_hifigan", espnet}};
  }();
  return kinds;
}

MelOptions mel_of_folder_kind(const std::string& type, const std::string& origin) {
  for (const FolderKindRow& kind : folder_kinds()) {
    if (type == kind.model_type) return kind.mel;
  }
  fail("{}: model_type {} is no vocoder: expected {} or {}, or HiFi-GAN's own config.json", origin, quote(type),
       folder_kinds()[0].model_type, folder_kinds()[1].model_type);
}

void require(bool holds, const std::string& origin, const char* expected) {
  if (!holds) fail("{}: describes no HiFi-GAN generator: {}", origin, expected);
}

bool all_between(const std::vector<int64_t>& values, int64_t least, int64_t most) {
  return std::all_of(values.begin(), values.end(), [&](int64_t v) { return v >= least && v <= most; });
}

constexpr int64_t kMostChannels = 1 << 14;
constexpr int64_t kMostOfKernel = 1 << 10;
constexpr size_t kMostStages = 12;

void check_config(const HifiGanConfig& c, const std::string& origin) {
  const size_t stages = c.upsample_rates.size();
  require(stages > 0 && stages <= kMostStages && stages == c.upsample_kernel_sizes.size(), origin,
          "upsample_rates and upsample_kernel_sizes must be lists of one length");
  require(all_between(c.upsample_rates, 1, kMostOfKernel) && all_between(c.upsample_kernel_sizes, 1, kMostOfKernel),
          origin, "upsample_rates and upsample_kernel_sizes must be from 1 to 1024");
  for (size_t i = 0; i < stages; ++i) {
    const int64_t overlap = c.upsample_kernel_sizes[i] - c.upsample_rates[i];
    require(overlap >= 0 && overlap % 2 == 0, origin, "a kernel must exceed its rate by an even number");
  }
  const int64_t channels = c.upsample_initial_channel;
  require(channels > 0 && channels <= kMostChannels && channels >> stages > 0 && channels % (int64_t{1} << stages) == 0,
          origin, "upsample_initial_channel must be divisible by 2 for each upsampling");
  require(!c.resblock_kernel_sizes.empty() && c.resblock_kernel_sizes.size() == c.resblock_dilation_sizes.size() &&
              all_between(c.resblock_kernel_sizes, 1, kMostOfKernel),
          origin, "resblock_kernel_sizes and resblock_dilation_sizes must be lists of one length");
  for (const auto& dilations : c.resblock_dilation_sizes) {
    require(!dilations.empty() && all_between(dilations, 1, kMostOfKernel), origin, "dilations must be from 1 to 1024");
  }
  require(all_between(c.resblock_kernel_sizes, 1, kMostOfKernel) &&
              std::all_of(c.resblock_kernel_sizes.begin(), c.resblock_kernel_sizes.end(), [](auto k) { return k % 2; }),
          origin, "resblock_kernel_sizes must be odd");
  require(c.resblock == "1" || c.resblock == "2", origin, "resblock must be \"1\" or \"2\"");
  require(c.mel.bins > 0 && c.mel.bins <= kMostChannels && c.mel.frames.rate > 0, origin,
          "the number of mel bins and the sampling rate must be positive");
}

void read_mel(const Json& json, MelOptions& mel, const std::string& origin) {
  read_field(json, "num_mels", mel.bins, origin);
  read_field(json, "sampling_rate", mel.frames.rate, origin);
  read_field(json, "n_fft", mel.frames.transform, origin);
  read_field(json, "win_size", mel.frames.window, origin);
  read_field(json, "fmin", mel.lowest, origin);
  read_field(json, "fmax", mel.highest, origin);
}

/// "ups.0" as "upsampler.0", without parametrizations' detour.
std::string plain_name(std::string name) {
  if (name.starts_with("ups.")) name = "upsampler." + name.substr(4);
  return with_older_weight_norm(std::move(name));
}

/// "g_02500000" and "generator_v1", without those that still train ("do_02500000").
bool is_generator_file(const fs::path& path) {
  const std::string name = path.filename().string();
  return fs::is_regular_file(path) && (name.starts_with("g_") || name.starts_with("generator")) &&
         !name.ends_with(".json") && !name.ends_with(".zip");
}

/// The original's file of a folder: the last by name, which of g_… is the one trained longest.
fs::path generator_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (is_generator_file(entry.path())) found.push_back(entry.path());
  }
  if (found.empty()) {
    fail("{}: holds no vocoder: expected model.safetensors or pytorch_model.bin, or HiFi-GAN's g_… or generator… file",
         folder.string());
  }
  std::sort(found.begin(), found.end());
  const bool one_run = std::all_of(found.begin(), found.end(),
                                   [](const fs::path& path) { return path.filename().string().starts_with("g_"); });
  if (found.size() > 1 && !one_run) fail("{}: has several generators; name the file", folder.string());
  return found.back();
}

struct HifiGanFiles {
  fs::path config;
  fs::path weights;  // a file, or the folder of a Hugging Face model
};

HifiGanFiles find_files(const fs::path& path) {
  if (!fs::exists(path)) fail("{}: no such vocoder; expected a HiFi-GAN's folder or generator file", path.string());
  const bool is_folder = fs::is_directory(path);
  const fs::path folder = is_folder ? path : path.parent_path();
  const fs::path config = folder / "config.json";
  if (!fs::exists(config)) fail("{}: is missing; a vocoder's weights mean nothing without it", config.string());
  if (!is_folder) return {config, path};
  return {config, has_checkpoint(folder) ? folder : generator_in(folder)};
}

}  // namespace

HifiGanConfig parse_hifigan_config(const Json& json, const std::string& origin) {
  if (!json.is_object()) fail("{}: expected a JSON object, found {}", origin, json.type_name());
  HifiGanConfig config;
  std::string type;
  read_field(json, "model_type", type, origin);
  if (!type.empty()) {
    config.mel = mel_of_folder_kind(type, origin);
    config.normalize_before = true;
    if (type == folder_kinds()[0].model_type) {
      config.upsample_rates = {4, 4, 4, 4};
      config.upsample_kernel_sizes = {8, 8, 8, 8};
    }
    read_field(json, "model_in_dim", config.mel.bins, origin);
  }
  read_mel(json, config.mel, origin);
  read_field(json, "upsample_initial_channel", config.upsample_initial_channel, origin);
  read_field(json, "upsample_rates", config.upsample_rates, origin);
  read_field(json, "upsample_kernel_sizes", config.upsample_kernel_sizes, origin);
  read_field(json, "resblock_kernel_sizes", config.resblock_kernel_sizes, origin);
  read_field(json, "resblock_dilation_sizes", config.resblock_dilation_sizes, origin);
  read_field(json, "leaky_relu_slope", config.leaky_relu_slope, origin);
  read_field(json, "normalize_before", config.normalize_before, origin);
  if (type.empty()) read_field(json, "resblock", config.resblock, origin);
  check_config(config, origin);
  config.mel.frames.hop =
      std::accumulate(config.upsample_rates.begin(), config.upsample_rates.end(), int64_t{1}, std::multiplies<>());
  return config;
}

ParameterList fold_weight_norm(const ParameterList& tensors) {
  std::map<std::string, Tensor> gains;
  ParameterList folded;
  for (const NamedTensor& tensor : tensors) {
    const std::string name = plain_name(tensor.name);
    if (name.ends_with("weight_g")) gains.emplace(name.substr(0, name.size() - 2), tensor.value);
  }
  for (const NamedTensor& tensor : tensors) {
    const std::string name = plain_name(tensor.name);
    if (name.ends_with("weight_g")) continue;
    const bool is_direction = name.ends_with("weight_v");
    const std::string plain = is_direction ? name.substr(0, name.size() - 2) : name;
    const auto gain = is_direction ? gains.find(plain) : gains.end();
    const bool fits = gain != gains.end() && gain->second.numel() == tensor.value.size(0);
    folded.push_back(
        {fits ? plain : name, fits ? at::_weight_norm(tensor.value.to(at::kFloat), gain->second.to(at::kFloat), 0)
                                   : tensor.value.to(at::kFloat)});
  }
  return folded;
}

std::unique_ptr<Vocoder> load_vocoder(const fs::path& path) {
  const HifiGanFiles files = find_files(path);
  HifiGanConfig config = parse_hifigan_config(read_json(files.config), files.config.string());
  const bool is_folder = fs::is_directory(files.weights);
  ParameterList tensors =
      is_folder ? read_checkpoint_folder(files.weights) : read_nested_pytorch_bin(files.weights, "generator");
  tensors = fold_weight_norm(tensors);
  check_finite(tensors, files.weights);
  ListSource source(std::move(tensors), files.weights.string());
  ParameterList built;
  auto vocoder = std::make_unique<HifiGan>(Scope(source, built), std::move(config));
  for (const std::string& name : source.unused()) {
    if (name == "mean" || name == "scale") continue;  // written also by models that do not normalise
    fail("{}: has a tensor {} that the generator of {} does not", files.weights.string(), quote(name),
         files.config.string());
  }
  return vocoder;
}

}  // namespace sure
