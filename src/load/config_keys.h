#pragma once
// Keys of the predecessor's JSON files: which there are, of which type, and which have no effect here.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace thaw {

struct ConfigKey {
  enum class Type { whole, number, text, truth };

  std::string_view name;
  Type type;
  std::string_view no_effect = {};  ///< Why it changes nothing here; empty where it does.
};

/// A file as its place in messages and its object. Values of keys that are checked can be read without a check.
class ConfigObject {
 public:
  ConfigObject(const nlohmann::ordered_json& json, std::string place)
      : json_(json), place_(std::move(place)) {}

  /// Errors: bad_input for an unknown key, with the nearest one, and for a value of another type.
  /// Keys without an effect are told to `notes`.
  Result<> check(std::span<const ConfigKey> keys, std::vector<std::string>& notes) const;
  /// Errors: bad_input for a text that is not one of those allowed.
  Result<> check_word(std::string_view key, std::string_view word,
                      const std::vector<std::string>& allowed) const;
  /// An error at a key.
  [[nodiscard]] tl::unexpected<Error> bad(std::string what, std::string_view key,
                                          std::string hint = {}) const;

  [[nodiscard]] bool has(const char* key) const { return json_.contains(key); }
  [[nodiscard]] std::int64_t whole(const char* key, std::int64_t otherwise) const {
    return json_.value(key, otherwise);
  }
  [[nodiscard]] double number(const char* key) const { return json_.value(key, 0.0); }
  [[nodiscard]] bool truth(const char* key, bool otherwise) const { return json_.value(key, otherwise); }
  [[nodiscard]] std::string text(const char* key, const char* otherwise) const {
    return json_.value(key, std::string(otherwise));
  }
  [[nodiscard]] const nlohmann::ordered_json& json() const { return json_; }

 private:
  const nlohmann::ordered_json& json_;
  std::string place_;
};

}  // namespace thaw
