#pragma once
// Keeps secrets out of records: command lines and settings are masked before they are written.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "core/shell.h"

namespace thaw {

/// What stands in place of a secret.
inline constexpr std::string_view redacted = "***";

/// True for names of options, variables and settings whose value is a secret: password, token, secret, credential,
/// api-key …; of variables in capitals also those with KEY. Names that tell of a file, a limit or a source
/// ("--token-file", "--max-tokens") are no secrets.
bool names_a_secret(std::string_view name);

/// An argument vector with secrets masked: "--password=x", "--token" "x", "API_KEY=x", "https://user:x@host",
/// "Authorization: Bearer x", '{"password":"x"}', and the same inside shell text.
Argv redact_words(std::span<const std::string> words);

/// Text masked in the same way.
std::string redact_text(std::string_view text);

/// A JSON value masked in every text, and whole under every key that names a secret.
nlohmann::ordered_json redact_json(nlohmann::ordered_json value);

}  // namespace thaw
