#include "text/tokenizer_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/strict_json.h"

namespace sure {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Numbers = std::map<int64_t, std::string>;

constexpr size_t kMostDigits = 8;
constexpr const char* kPhonemeClass = "Wav2Vec2PhonemeCTCTokenizer";

/// An empty object for a file that is not there.
Json object_in(const fs::path& file) {
  if (!fs::exists(file)) return Json::object();
  Json json = read_json(file);
  if (!json.is_object()) fail("{}: expected a JSON object, found {}", file.string(), json.type_name());
  return json;
}

/// "<pad>", or {"content": "<pad>", …}.
const Json& content_of(const Json& token) {
  return token.is_object() && token.contains("content") ? token["content"] : token;
}

/// tokenizer_config.json, over it special_tokens_map.json as transformers 4 wrote it, and what says where it stands.
struct Settings {
  explicit Settings(const fs::path& folder) : json(object_in(folder / "tokenizer_config.json")), file(folder.string()) {
    there = fs::exists(folder / "tokenizer_config.json") || fs::exists(folder / "special_tokens_map.json");
    if (json.contains("added_tokens_decoder")) return;
    const Json map = object_in(folder / "special_tokens_map.json");
    for (const auto& [key, value] : map.items()) json[key] = value;
  }

  template <class Field>
  void read(const char* key, Field& field) const {
    const auto found = json.find(key);
    if (found == json.end()) return;
    const Json& value = content_of(*found);
    try {
      if constexpr (std::is_same_v<Field, std::optional<std::string>>) {
        field = value.is_null() ? Field() : value.get<std::string>();
      } else if (!value.is_null()) {
        value.get_to(field);
      }
    } catch (const Json::exception&) {
      fail("{}: '{}' of its tokenizer is {}", file, key, found->dump());
    }
  }

  Json json;
  std::string file;
  bool there = false;
};

TokenRoles roles_of(const Settings& settings) {
  TokenRoles roles = {"<pad>", "<unk>", "|", "<s>", "</s>"};
  std::string tokenizer;
  settings.read("tokenizer_class", tokenizer);
  roles.words = tokenizer.starts_with(kPhonemeClass);
  if (roles.words) roles.delimiter.reset();
  visit_roles(roles, [&](const char* key, auto& field) { settings.read(key, field); });
  return roles;
}

bool has(const Numbers& tokens, const std::string& token) {
  return std::any_of(tokens.begin(), tokens.end(), [&](const auto& entry) { return entry.second == token; });
}

/// A number that is taken, or a token that is there, stays what it is.
void add(int64_t number, const Json& token, Numbers& tokens) {
  if (!token.is_string() || token.get<std::string>().empty() || has(tokens, token)) return;
  tokens.emplace(number, token);
}

/// [{"id": 32, "content": "<ctx>", …} …], or bare tokens, which get the numbers behind all others.
void add_listed_tokens(const Json& list, Numbers& tokens) {
  for (const Json& token : list) {
    if (token.is_string()) {
      add(tokens.empty() ? 0 : tokens.rbegin()->first + 1, token, tokens);
    } else if (token.is_object() && token.contains("id") && token["id"].is_number_unsigned()) {
      add(token["id"].get<int64_t>(), content_of(token), tokens);
    }
  }
}

void add_added_tokens(const Settings& settings, const fs::path& folder, Numbers& tokens) {
  const auto added = settings.json.find("added_tokens_decoder");
  if (added != settings.json.end() && added->is_object()) {
    for (const auto& [number, token] : added->items()) {
      const bool is_number =
          !number.empty() && number.size() < kMostDigits && number.find_first_not_of("0123456789") == std::string::npos;
      if (!is_number) fail("{}: added_tokens_decoder: \"{}\" is no number", settings.file, number);
      add(std::stoll(number), content_of(token), tokens);
    }
    return;
  }
  const fs::path file = folder / "added_tokens.json";
  const Json numbers = fs::exists(file) ? read_json(file) : Json::object();
  if (!numbers.is_structured())
    fail("{}: expected a JSON object or list, found {}", file.string(), numbers.type_name());
  if (numbers.is_array()) {
    add_listed_tokens(numbers, tokens);
  } else {
    for (const auto& [token, number] : numbers.items()) {
      if (number.is_number_unsigned()) add(number.get<int64_t>(), token, tokens);
    }
  }
  add_listed_tokens(object_in(folder / "tokenizer.json").value("added_tokens", Json::array()), tokens);
}

/// Special tokens that have no number get those behind, as transformers adds them.
void add_special_tokens(const TokenRoles& roles, Numbers& tokens) {
  auto next = static_cast<int64_t>(tokens.size());
  for (const auto& role : {roles.begin, roles.end, roles.unknown, roles.blank, roles.delimiter}) {
    if (role && !has(tokens, *role)) tokens.emplace(next++, *role);
  }
}

/// model.vocab of a tokenizer.json, in which words are tokens by themselves.
Numbers tokens_of_tokenizer_json(const fs::path& file) {
  const Json json = object_in(file);
  const Json vocab = json.value("model", Json::object()).value("vocab", Json());
  if (!vocab.is_object())
    fail("{}: holds no vocabulary of a CTC model; expected a vocab.json beside it", file.string());
  Numbers tokens;
  for (const auto& [token, number] : vocab.items()) {
    if (!number.is_number_unsigned()) fail("{}: token {} has no number", file.string(), quote(token));
    add(number.get<int64_t>(), token, tokens);
  }
  return tokens;
}

VocabJson tokens_in(const fs::path& vocab, const std::string& language, const std::string& usual_language) {
  const fs::path other = vocab.parent_path() / "tokenizer.json";
  if (!fs::exists(vocab) && fs::exists(other)) return {tokens_of_tokenizer_json(other)};
  return read_vocab_json(vocab, language, usual_language);
}

/// Numbers from 0 without a hole, unless the head tells how many outputs there are.
std::vector<std::string> in_order(const Numbers& tokens, std::optional<int64_t> outputs, const fs::path& file) {
  std::vector<std::string> all;
  for (int64_t number = 0; number < outputs.value_or(static_cast<int64_t>(tokens.size())); ++number) {
    const auto found = tokens.find(number);
    if (found == tokens.end() && !outputs) {
      const auto& [wrong, token] = *tokens.rbegin();
      fail("{}: token {} has number {}, expected 0 to {}", file.string(), quote(token), wrong, tokens.size() - 1);
    }
    all.push_back(found == tokens.end() ? unused_token(number) : found->second);
  }
  return all;
}

/// Where the settings name no blank, or not in these words, the one that names tell.
TokenRoles with_usual_blank(TokenRoles roles, const Settings& settings, const std::vector<std::string>& tokens) {
  const TokenRoles usual = usual_roles(tokens);
  if (!settings.there) return usual;
  if (!settings.json.contains("pad_token") || !roles.blank) roles.blank = usual.blank;
  if (!settings.json.contains("unk_token")) roles.unknown = usual.unknown;
  return roles;
}

}  // namespace

Vocabulary read_vocabulary(const fs::path& vocab, const std::string& language, std::optional<int64_t> outputs) {
  const fs::path folder = vocab.parent_path();
  const Settings settings(folder);
  std::string usual_language;
  settings.read("target_lang", usual_language);
  auto [tokens, has_languages] = tokens_in(vocab, language, usual_language);
  const TokenRoles roles = roles_of(settings);
  if (!has_languages) add_added_tokens(settings, folder, tokens);
  if (outputs && settings.there) add_special_tokens(roles, tokens);
  const std::vector<std::string> names = in_order(tokens, outputs, vocab);
  try {
    return Vocabulary(names, with_usual_blank(roles, settings, names));
  } catch (const Error& error) {
    fail("{}: {}", vocab.string(), error.what());
  }
}

}  // namespace sure
