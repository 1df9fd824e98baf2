#include "load/config_keys.h"

#include <algorithm>

#include "core/text.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;
using Type = ConfigKey::Type;

std::string_view name_of(Type type) {
  switch (type) {
    case Type::whole:
      return "a whole number";
    case Type::number:
      return "a number";
    case Type::text:
      return "text";
    case Type::truth:
      return "true or false";
  }
  return {};
}

bool is_of(const Json& value, Type type) {
  switch (type) {
    case Type::whole:
      return value.is_number_integer();
    case Type::number:
      return value.is_number();
    case Type::text:
      return value.is_string();
    case Type::truth:
      return value.is_boolean();
  }
  return false;
}

}  // namespace

tl::unexpected<Error> ConfigObject::bad(std::string what, std::string_view key, std::string hint) const {
  return fail_at(ErrorKind::bad_input, std::move(what), fmt::format("{}: {}", place_, key), std::move(hint));
}

Result<> ConfigObject::check(std::span<const ConfigKey> keys, std::vector<std::string>& notes) const {
  for (const auto& [name, value] : json_.items()) {
    const auto key =
        std::find_if(keys.begin(), keys.end(), [&](const ConfigKey& k) { return k.name == name; });
    if (key == keys.end()) {
      std::vector<std::string> names;
      for (const ConfigKey& known : keys) names.emplace_back(known.name);
      return bad(fmt::format("unknown key \"{}\"", name), name, suggest(name, names));
    }
    if (!is_of(value, key->type))
      return bad(fmt::format("{} is not {}", value.dump(), name_of(key->type)), name);
    if (!key->no_effect.empty()) notes.push_back(fmt::format("{}: {}", name, key->no_effect));
  }
  return {};
}

Result<> ConfigObject::check_word(std::string_view key, std::string_view word,
                                  const std::vector<std::string>& allowed) const {
  if (std::find(allowed.begin(), allowed.end(), word) != allowed.end()) return {};
  return bad(fmt::format("\"{}\" is not possible", word), key, suggest(word, allowed));
}

}  // namespace thaw
