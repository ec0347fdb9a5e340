// Saved adapters: what is in the folder, and that a damaged or foreign one is refused.
#include "model/adapter_folder.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "core/atomic_file.h"
#include "formats/safetensors.h"
#include "tests/support/adapted_models.h"
#include "tests/support/errors.h"

namespace sure {

namespace {

using test::message_of;
using test::tiny_spec;
using testing::AllOf;
using testing::HasSubstr;

class AdapterFolder : public testing::Test {
 protected:
  AdapterFolder() : model_(AdaptedModel::create(tiny_spec("wav2vec2_base", "lora"), 1)) { model_.save(folder_.path()); }

  void change_json(const std::function<void(nlohmann::json&)>& change) const {
    nlohmann::json json = nlohmann::json::parse(read_file(folder_ / "adapter.json"));
    change(json);
    write_file(folder_ / "adapter.json", json.dump());
  }

  void change_tensors(const std::function<void(ParameterList&)>& change) const {
    ParameterList tensors;
    for (const NamedTensor& t : model_.trained()) tensors.push_back({t.name, t.value.detach().clone()});
    change(tensors);
    write_safetensors(folder_ / "adapter.safetensors", tensors);
  }

  /// Of loading it on this backbone; empty: on the recorded one.
  std::string load_error(const std::string& backbone = "") const {
    ModelOptions options;
    options.model = backbone;
    return message_of([&] { AdaptedModel::load(folder_.path(), options); });
  }

  test::TemporaryFolder folder_;
  AdaptedModel model_;
};

}  // namespace

TEST_F(AdapterFolder, HoldsOnlyWhatWasTrained) {
  const SavedAdapter saved = read_adapter_folder(folder_.path());
  EXPECT_EQ(saved.tensors.size(), model_.trained().size());
  EXPECT_EQ(count_parameters(saved.tensors), count_parameters(model_.trained()));
  EXPECT_EQ(saved.fingerprint, model_.fingerprint());
  EXPECT_EQ(saved.spec.labels, model_.spec().labels);
  EXPECT_EQ(saved.spec.tuning.method, "lora");
  EXPECT_EQ(saved.spec.model.padding, Padding::longest);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 2);
}

TEST_F(AdapterFolder, RecordsWhatTokensMean) {
  ModelSpec spec = tiny_spec("wav2vec2_base", "lora");
  spec.task = "asr";
  spec.labels = {"<s>", "<pad>", " ", "A"};
  spec.roles = TokenRoles();
  spec.roles->blank = "<s>";
  spec.roles->delimiter = " ";
  spec.roles->lower_case = true;
  AdaptedModel::create(spec, 1).save(folder_.path());
  EXPECT_EQ(read_adapter_spec(folder_.path()).roles, spec.roles);
  change_json([](auto& json) { json.erase("tokens"); });  // as earlier versions wrote it
  EXPECT_EQ(read_adapter_spec(folder_.path()).roles, std::nullopt);
}

TEST_F(AdapterFolder, IsNotLookedForInRunsWithoutOne) {
  const test::TemporaryFolder runs;
  write_file(runs / "config.json", R"({"method": "lora", "output_dir": "out"})");
  EXPECT_THAT(message_of([&] { find_adapter(runs.path()); }), HasSubstr("a run that has saved no adapter"));
  for (const char* fold : {"fold-2", "fold-1"}) {
    std::filesystem::create_directories(runs / fold / "best_model");
    model_.save(runs / fold / "best_model");
  }
  EXPECT_THAT(message_of([&] { find_adapter(runs.path()); }),
              AllOf(HasSubstr("several runs"), HasSubstr((runs / "fold-1").string())));
}

TEST_F(AdapterFolder, IsFoundInTheFolderOfARun) {
  const test::TemporaryFolder run;
  EXPECT_EQ(find_adapter(run.path()), run.path());
  for (const char* name : {"checkpoint-9", "checkpoint-10", "best_model"}) {
    std::filesystem::create_directory(run / name);
    EXPECT_EQ(find_adapter(run.path()).filename() == name, false);
    model_.save(run / name);
    EXPECT_EQ(find_adapter(run.path()), run / name);
    EXPECT_EQ(find_adapter(run / name), run / name);
  }
}

TEST_F(AdapterFolder, SaysThatItsBackboneIsGone) {
  change_json([](auto& json) { json["model"]["model"] = "/old/place"; });
  EXPECT_THAT(load_error(), AllOf(HasSubstr(folder_.path()), HasSubstr("/old/place"), HasSubstr("--model")));
}

TEST_F(AdapterFolder, RefusesAnotherBackbone) {
  const test::TemporaryFolder other;
  test::write_tiny_model(test::tiny_shape("wav2vec2_base"), other.path(), /*seed=*/8);
  EXPECT_THAT(load_error(other.path().string()),
              AllOf(HasSubstr("trained on another backbone"), HasSubstr(model_.fingerprint())));
}

TEST_F(AdapterFolder, RefusesOtherLabels) {
  EXPECT_THAT(message_of([&] { AdaptedModel::load(folder_.path(), model_.spec().model, {{"a", "b", "c"}, "", ""}); }),
              HasSubstr("was trained with no,stop,yes"));
}

TEST_F(AdapterFolder, RefusesAFolderThatIsNone) {
  const test::TemporaryFolder empty;
  EXPECT_THAT(message_of([&] { AdaptedModel::load(empty.path(), {}); }), HasSubstr("adapter_config.json"));
}

TEST_F(AdapterFolder, RefusesTamperedJson) {
  const std::string original = read_file(folder_ / "adapter.json");
  const auto error_after = [&](const std::function<void(nlohmann::json&)>& change) {
    write_file(folder_ / "adapter.json", original);
    change_json(change);
    return load_error();
  };
  EXPECT_THAT(error_after([](auto& json) { json["format_version"] = 3; }),
              HasSubstr("format_version is 3, expected 2"));
  EXPECT_THAT(error_after([](auto& json) { json.erase("format_version"); }), HasSubstr("no 'format_version'"));
  EXPECT_THAT(error_after([](auto& json) { json.erase("labels"); }), HasSubstr("key 'labels' is missing"));
  EXPECT_THAT(error_after([](auto& json) { json["extra"] = 1; }), HasSubstr("unknown key 'extra'"));
  EXPECT_THAT(error_after([](auto& json) { json["labels"] = 3; }), HasSubstr("'labels' is 3"));
  EXPECT_THAT(error_after([](auto& json) { json["labels"] = {"no"}; }), HasSubstr("classifier"));
  EXPECT_THAT(error_after([](auto& json) { json["tuning"]["magic"] = 1; }), HasSubstr("unknown option 'magic'"));
  EXPECT_THAT(error_after([](auto& json) { json["tuning"]["lora_rank"] = "x"; }), HasSubstr("'lora_rank'"));
  EXPECT_THAT(error_after([](auto& json) { json["tuning"]["lora_rank"] = -1; }), HasSubstr("lora_rank"));
  EXPECT_THAT(error_after([](auto& json) { json["tuning"]["lora_rank"] = 4; }), HasSubstr("lora_A"));
  EXPECT_THAT(error_after([](auto& json) { json["tuning"] = 1; }), HasSubstr("JSON object"));
  EXPECT_THAT(error_after([](auto& json) { json = nlohmann::json::array(); }), HasSubstr("format_version"));
  write_file(folder_ / "adapter.json", "{ not json");
  EXPECT_THAT(load_error(), HasSubstr("not valid JSON"));
}

TEST_F(AdapterFolder, RefusesTamperedTensors) {
  const auto error_after = [&](const std::function<void(ParameterList&)>& change) {
    change_tensors(change);
    return load_error();
  };
  EXPECT_THAT(error_after([](auto& tensors) { tensors.back().name = "head.other"; }), HasSubstr("missing"));
  EXPECT_THAT(error_after([](auto& tensors) { tensors.push_back({"adapter.other", torch::zeros(3)}); }),
              HasSubstr("'adapter.other' has no place"));
  EXPECT_THAT(error_after([](auto& tensors) { tensors[0].value = torch::zeros({2, 2}); }), HasSubstr("shape"));
  EXPECT_THAT(error_after([](auto& tensors) { tensors[0].value = tensors[0].value.to(torch::kHalf); }),
              HasSubstr("expected float32"));
  EXPECT_THAT(error_after([](auto& tensors) { tensors[0].value.fill_(NAN); }), HasSubstr("NaN"));
  std::filesystem::resize_file(folder_ / "adapter.safetensors", 100);
  EXPECT_THAT(load_error(), HasSubstr("adapter.safetensors"));
}

}  // namespace sure
