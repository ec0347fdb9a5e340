// pytorch_model.bin: a zip archive with a pickle (ARCHIVE/data.pkl) and one uncompressed record per storage
// (ARCHIVE/data/KEY). Format: caffe2/serialize/inline_container.h of PyTorch.
#include <caffe2/serialize/inline_container.h>
#include <caffe2/serialize/read_adapter_interface.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "core/error.h"
#include "core/strict_json.h"
#include "formats/checkpoint_folder.h"
#include "formats/mapped_file.h"
#include "formats/state_dict_pickle.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMaxPickle = 16 << 20;  // about 100,000 tensors
constexpr size_t kAlignment = sizeof(double);
constexpr size_t kMethodOffset = 8;  // of the compression method in a zip local header

/// Torch's zip reader on mapped memory; never past its end, whatever the archive claims.
class MappedAdapter : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit MappedAdapter(std::string_view bytes) : bytes_(bytes) {}

  size_t size() const override { return bytes_.size(); }

  size_t read(uint64_t position, void* buffer, size_t count, const char*) const override {
    if (position >= bytes_.size()) return 0;
    return bytes_.copy(static_cast<char*>(buffer), count, position);
  }

 private:
  std::string_view bytes_;
};

class Archive {
 public:
  Archive(const fs::path& path, std::shared_ptr<const MappedFile> file)
      : name_(path.string()), file_(std::move(file)), zip_(std::make_shared<MappedAdapter>(file_->bytes())) {}

  ParameterList tensors(const std::string& entry) {
    if (zip_.hasRecord("byteorder") && bytes_of("byteorder") != "little")
      fail("{}: saved on a big-endian machine", name_);
    const std::string_view pickle = bytes_of("data.pkl");
    if (pickle.size() > kMaxPickle) fail("{}: data.pkl has {} bytes, too many for a state dict", name_, pickle.size());
    const auto open = [this](const std::string& key, int64_t nbytes) { return storage(key, nbytes); };
    return read_state_dict_pickle(pickle, name_, open, entry);
  }

 private:
  std::string_view bytes_of(const std::string& record) {
    const std::string_view all = file_->bytes();
    if (!zip_.hasRecord(record)) fail("{}: has no record {}; it is no file of torch.save", name_, quote(record));
    const size_t size = zip_.getRecordSize(record);
    const size_t offset = zip_.getRecordOffset(record);
    const size_t header = zip_.getRecordHeaderOffset(record);
    if (offset > all.size() || size > all.size() - offset) {
      fail("{}: record {} ends past the file; it is cut short, get it again", name_, quote(record));
    }
    uint16_t method = 0;
    std::memcpy(&method, all.substr(header + kMethodOffset).data(), sizeof(method));
    if (method != 0) fail("{}: record {} is compressed, which torch.save never does", name_, quote(record));
    return all.substr(offset, size);
  }

  /// Each storage once, so that tensors which shared one still do.
  at::Storage storage(const std::string& key, int64_t nbytes) {
    const std::string_view bytes = bytes_of("data/" + key);
    if (std::cmp_not_equal(bytes.size(), nbytes)) {
      fail("{}: storage {} has {} bytes, its tensors expect {}", name_, quote(key), bytes.size(), nbytes);
    }
    auto& entry = storages_[key];
    const auto offset = static_cast<size_t>(bytes.data() - file_->bytes().data());
    if (!entry) entry = file_->storage(offset, bytes.size(), kAlignment);
    return entry;
  }

  std::string name_;
  std::shared_ptr<const MappedFile> file_;
  caffe2::serialize::PyTorchStreamReader zip_;
  std::map<std::string, at::Storage> storages_;
};

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

}  // namespace

ParameterList read_pytorch_bin(const fs::path& path) { return read_nested_pytorch_bin(path, ""); }

ParameterList read_nested_pytorch_bin(const fs::path& path, const std::string& entry) {
  auto file = MappedFile::open(path);
  if (!file->bytes().starts_with("PK")) {
    fail(
        "{0}: not in torch's zip format of 1.6 and later; convert it: "
        "python3 -c \"import torch; torch.save(torch.load('{0}', 'cpu'), '{0}')\"",
        path.string());
  }
  try {
    return Archive(path, std::move(file)).tensors(entry);
  } catch (const c10::Error& error) {
    fail("{}: damaged or cut short, get it again ({})", path.string(), first_line(error.what_without_backtrace()));
  } catch (const std::invalid_argument& error) {
    fail("{}: damaged, get it again ({})", path.string(), first_line(error.what()));
  } catch (const std::out_of_range& error) {
    fail("{}: damaged, get it again ({})", path.string(), first_line(error.what()));
  }
}

}  // namespace sure
