#include "functions/json_text.h"

#include <cstdint>

namespace thaw::functions {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_json_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr bool is_continuation(unsigned char c) { return (c & 0xC0U) == 0x80U; }

/// Length of the well-formed UTF-8 sequence at the start of `text` (Unicode 15, table 3-7), or 0.
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  const unsigned second = at(1);
  if (first >= 0xC2 && first <= 0xDF) return is_continuation(static_cast<unsigned char>(second)) ? 2 : 0;
  const bool tail = is_continuation(static_cast<unsigned char>(at(2)));
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return second >= low && second <= high && tail ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    const bool last = is_continuation(static_cast<unsigned char>(at(3)));
    return second >= low && second <= high && tail && last ? 4 : 0;
  }
  return 0;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

/// A reader of one flat JSON value.
class ArgumentReader {
 public:
  explicit ArgumentReader(std::string_view text) : text_(text) {}

  Result<std::vector<std::string>> read() {
    std::vector<std::string> args;
    skip_space();
    if (take('[')) {
      THAW_CHECK(array(args));
    } else {
      THAW_TRY(std::string only, scalar());
      args.push_back(std::move(only));
    }
    skip_space();
    if (at_ != text_.size()) return wrong("text after the end of the value");
    return args;
  }

 private:
  /// The elements and the closing bracket.
  Result<> array(std::vector<std::string>& args) {
    skip_space();
    if (take(']')) return {};
    for (;;) {
      skip_space();
      THAW_TRY(std::string element, scalar());
      args.push_back(std::move(element));
      skip_space();
      if (take(']')) return {};
      if (!take(',')) return wrong(R"("," or "]" expected)");
    }
  }

  Result<std::string> scalar() {
    if (take('"')) return string();
    if (peek() == '-' || is_digit(peek())) return number();
    for (const std::string_view word : {"true", "false"}) {
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return std::string(word);
      }
    }
    return wrong(at_ == text_.size() ? "the value ends too early" : "a string or a number expected");
  }

  /// The rest of a string after its opening quote.
  Result<std::string> string() {
    std::string value;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return value;
      if (static_cast<unsigned char>(c) < 0x20)
        return wrong("a control character in a string must be escaped");
      if (c == '\\') {
        THAW_CHECK(escape(value));
      } else {
        value += c;
      }
    }
    return wrong("the string is not closed");
  }

  Result<> escape(std::string& value) {
    constexpr std::string_view names = R"("\/bfnrt)";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const char name = peek();
    ++at_;
    if (name == 'u') return unicode_escape(value);
    const std::size_t found = names.find(name);
    if (name == '\0' || found == std::string_view::npos) return wrong("unknown escape in a string");
    value += meanings[found];
    return {};
  }

  Result<> unicode_escape(std::string& value) {
    THAW_TRY(std::uint32_t code, hex_digits());
    if (code == 0) return wrong("an argument cannot hold a NUL character");
    if (code >= 0xDC80 && code <= 0xDCFF) {  // A byte that was not UTF-8; see json_quote.
      value += static_cast<char>(code & 0xFF);
      return {};
    }
    if (code >= 0xD800 && code <= 0xDBFF && text_.substr(at_, 2) == R"(\u)") {
      at_ += 2;
      THAW_TRY(const std::uint32_t low, hex_digits());
      if (low < 0xDC00 || low > 0xDFFF) return wrong("half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    if (code >= 0xD800 && code <= 0xDFFF) return wrong("half of a surrogate pair");
    append_utf8(value, code);
    return {};
  }

  Result<std::uint32_t> hex_digits() {
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      if (is_digit(c)) {
        code = code * 16 + static_cast<std::uint32_t>(c - '0');
      } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
        code = code * 16 + static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
      } else {
        return wrong("four hexadecimal digits expected after \\u");
      }
    }
    return code;
  }

  /// A JSON number, kept as written.
  Result<std::string> number() {
    const std::size_t begin = at_;
    take('-');
    if (!take('0') && !digits()) return wrong("a digit expected");
    if (take('.') && !digits()) return wrong("a digit expected after the point");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits()) return wrong("a digit expected in the exponent");
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  bool digits() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    return at_ > begin;
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() && is_json_space(text_[at_])) ++at_;
  }
  [[nodiscard]] tl::unexpected<Error> wrong(std::string_view what) const {
    return fail_at(ErrorKind::bad_usage, fmt::format("the body is not a JSON list of arguments: {}", what),
                   fmt::format("byte {}", at_), R"(send for example ["1000", "0"], or plain words: 1000 0)");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string json_quote(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text[0]);
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      quoted += fmt::format("\\udc{:02x}", c);
    } else if (c == '"' || c == '\\') {
      quoted += {'\\', static_cast<char>(c)};
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (c < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\u{:04x}", c);
    } else {
      quoted += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return quoted + "\"";
}

Result<std::vector<std::string>> read_json_arguments(std::string_view text) {
  return ArgumentReader(text).read();
}

}  // namespace thaw::functions
