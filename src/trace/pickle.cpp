#include "trace/pickle.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <unordered_map>

#include "core/text.h"

namespace thaw {
namespace {

/// What a class or function of a pickle may be.
enum class Callable : std::uint32_t { wanted_class, object, reconstructor };

/// Appends a code point as UTF-8.
void append_utf8(std::string& text, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

}  // namespace

/// The stack machine that a pickle is a program of.
class PickleMachine {
 public:
  PickleMachine(std::string_view bytes, std::string_view name, std::string_view class_name)
      : bytes_(bytes), name_(name), class_name_(class_name) {}

  Result<Pickle> run() {
    for (;;) {
      opcode_at_ = at_;
      if (at_ >= bytes_.size()) return refuse("the pickle ends before its end mark");
      const auto opcode = static_cast<unsigned char>(bytes_[at_++]);
      if (opcode == '.') return finish();
      THAW_CHECK(step(opcode));
    }
  }

 private:
  using Kind = Pickle::Kind;
  using Place = Pickle::Place;
  using Value = Pickle::Value;

  Result<Pickle> finish() {
    if (stack_.size() != 1) return refuse("the pickle does not end with one value");
    pickle_.root_ = stack_.back();
    return std::move(pickle_);
  }

  /// One opcode; those of a family are together.
  Result<> step(unsigned char opcode) {
    switch (opcode) {
      case 0x80:
        return skip(1);  // protocol
      case 0x95:
        return skip(8);  // frame
      case '(':
        marks_.push_back(stack_.size());
        return {};
      case '0':
        return pop_top();
      case 'N':
        push({.kind = Kind::none});
        return {};
      case 0x88:
      case 0x89:
        push({.kind = Kind::boolean, .integer = opcode == 0x88 ? 1 : 0});
        return {};
      case 'c':
        return global_of_lines();
      case 0x93:
        return global_of_stack();
      case 0x81:
      case 'R':
        return call();
      case 'b':
        return build();
      default:
        break;
    }
    if (is_number(opcode)) return number(opcode);
    if (is_text(opcode)) return text(opcode);
    if (is_memo(opcode)) return memo(opcode);
    return container(opcode);
  }

  // Reading.

  [[nodiscard]] tl::unexpected<Error> refuse(std::string what) const {
    return fail_at(ErrorKind::bad_input, std::move(what), fmt::format("{}: byte {}", name_, opcode_at_),
                   "only traces of FaasCache are read; others can be exported to CSV");
  }
  Result<> skip(std::size_t count) {
    THAW_TRY([[maybe_unused]] const std::string_view skipped, take(count));
    return {};
  }
  Result<std::string_view> take(std::uint64_t count) {
    if (count > bytes_.size() - at_) return refuse("the pickle is cut off");
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }
  /// A little-endian number of `size` bytes.
  Result<std::uint64_t> little(std::size_t size) {
    THAW_TRY(const std::string_view taken, take(size));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(taken[i])) << (8 * i);
    }
    return value;
  }
  Result<std::string_view> line() {
    const std::size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) return refuse("the pickle is cut off");
    const std::string_view taken = bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return taken;
  }

  // The stack.

  void push(Value value) {
    stack_.push_back(static_cast<Place>(pickle_.values_.size()));
    pickle_.values_.push_back(value);
  }
  Result<Place> pop() {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() <= floor) return refuse("the pickle takes a value that is not there");
    const Place place = stack_.back();
    stack_.pop_back();
    return place;
  }
  Result<> pop_top() {
    THAW_TRY([[maybe_unused]] const Place place, pop());
    return {};
  }
  /// Everything above the last mark, which goes too.
  Result<std::vector<Place>> pop_to_mark() {
    if (marks_.empty()) return refuse("the pickle takes a mark that is not there");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Place> values(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return values;
  }
  /// The value under those that were just taken.
  Result<Value> top(Kind kind, std::string_view word) {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() <= floor || pickle_.values_[stack_.back()].kind != kind) {
      return refuse(fmt::format("the pickle extends a {} that is none", word));
    }
    return pickle_.values_[stack_.back()];
  }

  // Numbers.

  static bool is_number(unsigned char opcode) {
    return std::string_view("IJKMLFG\x8a").find(static_cast<char>(opcode)) != std::string_view::npos;
  }
  Result<> number(unsigned char opcode) {
    switch (opcode) {
      case 'F':
        return real_of_line();
      case 'G':
        return real_of_bytes();
      case 'I':
      case 'L':
        return integer_of_line();
      case 0x8a:
        return long_of_bytes();
      default:
        break;
    }
    const std::size_t size = opcode == 'J' ? 4 : opcode == 'M' ? 2 : 1;
    THAW_TRY(const std::uint64_t bits, little(size));
    const auto value = opcode == 'J'
                           ? std::int64_t{static_cast<std::int32_t>(static_cast<std::uint32_t>(bits))}
                           : static_cast<std::int64_t>(bits);
    push({.kind = Kind::integer, .integer = value});
    return {};
  }
  Result<> integer_of_line() {
    THAW_TRY(std::string_view digits, line());
    if (digits == "00" || digits == "01") {
      push({.kind = Kind::boolean, .integer = digits == "01" ? 1 : 0});
      return {};
    }
    if (digits.ends_with('L')) digits.remove_suffix(1);
    const auto value = parse_integer(digits);
    if (!value) return refuse("the pickle holds a malformed or too large whole number");
    push({.kind = Kind::integer, .integer = *value});
    return {};
  }
  Result<> long_of_bytes() {
    THAW_TRY(const std::uint64_t size, little(1));
    if (size > 8) return refuse("the pickle holds a too large whole number");
    THAW_TRY(std::uint64_t bits, little(size));
    const bool is_negative = size > 0 && (bits >> (8 * size - 1) & 1) != 0;
    if (is_negative && size < 8) bits |= ~std::uint64_t{0} << (8 * size);
    push({.kind = Kind::integer, .integer = static_cast<std::int64_t>(bits)});
    return {};
  }
  Result<> real_of_line() {
    THAW_TRY(const std::string_view digits, line());
    const auto value = parse_number(digits);
    if (!value) return refuse("the pickle holds a malformed number");
    push({.kind = Kind::real, .real = *value});
    return {};
  }
  /// Big-endian, unlike the rest.
  Result<> real_of_bytes() {
    THAW_TRY(const std::string_view taken, take(8));
    std::uint64_t bits = 0;
    for (const char byte : taken) bits = bits << 8 | static_cast<unsigned char>(byte);
    push({.kind = Kind::real, .real = std::bit_cast<double>(bits)});
    return {};
  }

  // Texts.

  static bool is_text(unsigned char opcode) {
    return std::string_view("SUTVX\x8c\x8d").find(static_cast<char>(opcode)) != std::string_view::npos;
  }
  Result<> text(unsigned char opcode) {
    std::string value;
    if (opcode == 'S' || opcode == 'V') {
      THAW_TRY(const std::string_view taken, line());
      THAW_TRY(value, opcode == 'S' ? unquoted(taken) : unescaped(taken));
    } else {
      const std::size_t length_size = opcode == 'U' || opcode == 0x8c ? 1 : opcode == 0x8d ? 8 : 4;
      THAW_TRY(const std::uint64_t size, little(length_size));
      THAW_TRY(value, take(size));
    }
    push({.kind = Kind::text, .index = static_cast<std::uint32_t>(pickle_.texts_.size())});
    pickle_.texts_.push_back(std::move(value));
    return {};
  }
  Result<std::string> unquoted(std::string_view quoted) const {
    const bool is_quoted =
        quoted.size() >= 2 && (quoted[0] == '\'' || quoted[0] == '"') && quoted.back() == quoted[0];
    if (!is_quoted || quoted.find('\\') != std::string_view::npos) {
      return refuse("the pickle holds a malformed text");
    }
    return std::string(quoted.substr(1, quoted.size() - 2));
  }
  /// The escapes \uXXXX of protocol 0; other bytes are Latin-1.
  Result<std::string> unescaped(std::string_view escaped) const {
    std::string value;
    for (std::size_t i = 0; i < escaped.size(); ++i) {
      if (escaped[i] != '\\') {
        append_utf8(value, static_cast<unsigned char>(escaped[i]));
        continue;
      }
      std::uint32_t code = 0;
      const std::string_view digits = escaped.substr(i + 1, 5);
      const auto [end, status] =
          std::from_chars(digits.data() + (digits.empty() ? 0 : 1), digits.data() + digits.size(), code, 16);
      if (digits.size() != 5 || digits[0] != 'u' || status != std::errc{} || end != digits.data() + 5) {
        return refuse("the pickle holds a malformed text");
      }
      append_utf8(value, code);
      i += 5;
    }
    return value;
  }

  // Memory of values to be used again.

  static bool is_memo(unsigned char opcode) {
    return std::string_view("pqrghj\x94").find(static_cast<char>(opcode)) != std::string_view::npos;
  }
  Result<> memo(unsigned char opcode) {
    std::uint64_t key = memo_.size();
    if (opcode == 'p' || opcode == 'g') {
      THAW_TRY(const std::string_view digits, line());
      const auto value = parse_integer(digits);
      if (!value || *value < 0) return refuse("the pickle holds a malformed reference");
      key = static_cast<std::uint64_t>(*value);
    } else if (opcode != 0x94) {
      THAW_TRY(key, little(opcode == 'r' || opcode == 'j' ? 4 : 1));
    }
    if (opcode == 'g' || opcode == 'h' || opcode == 'j') {
      const auto found = memo_.find(key);
      if (found == memo_.end()) return refuse("the pickle refers to a value that is not there");
      stack_.push_back(found->second);
      return {};
    }
    if (stack_.empty()) return refuse("the pickle keeps a value that is not there");
    memo_[key] = stack_.back();
    return {};
  }

  // Containers.

  Result<> container(unsigned char opcode) {
    switch (opcode) {
      case ')':
        return push_members(Kind::tuple, {});
      case ']':
        return push_members(Kind::list, {});
      case '}':
        return push_items({});
      case 0x85:
        return tuple_of(1);
      case 0x86:
        return tuple_of(2);
      case 0x87:
        return tuple_of(3);
      case 'a':
        return append_one();
      case 's':
        return set_one();
      case 't':
      case 'l':
      case 'd':
      case 'e':
      case 'u':
        break;
      default:
        return refuse(fmt::format("the pickle wants opcode 0x{:02x}, which no trace needs", opcode));
    }
    THAW_TRY(std::vector<Place> values, pop_to_mark());
    switch (opcode) {
      case 't':
        return push_members(Kind::tuple, std::move(values));
      case 'l':
        return push_members(Kind::list, std::move(values));
      case 'd': {
        THAW_CHECK(push_items({}));
        return set_all(values);
      }
      case 'e':
        return append_all(values);
      default:
        return set_all(values);
    }
  }
  Result<> push_members(Kind kind, std::vector<Place> members) {
    push({.kind = kind, .index = static_cast<std::uint32_t>(pickle_.members_.size())});
    pickle_.members_.push_back(std::move(members));
    return {};
  }
  Result<> push_items(Pickle::Items items) {
    push({.kind = Kind::dictionary, .index = static_cast<std::uint32_t>(pickle_.items_.size())});
    pickle_.items_.push_back(std::move(items));
    return {};
  }
  Result<> tuple_of(std::size_t size) {
    std::vector<Place> members(size);
    for (std::size_t i = size; i-- > 0;) {
      THAW_TRY(members[i], pop());
    }
    return push_members(Kind::tuple, std::move(members));
  }
  Result<> append_one() {
    THAW_TRY(const Place value, pop());
    return append_all({value});
  }
  Result<> append_all(const std::vector<Place>& values) {
    THAW_TRY(const Value list, top(Kind::list, "list"));
    auto& members = pickle_.members_[list.index];
    members.insert(members.end(), values.begin(), values.end());
    return {};
  }
  Result<> set_one() {
    THAW_TRY(const Place value, pop());
    THAW_TRY(const Place key, pop());
    return set_all({key, value});
  }
  Result<> set_all(const std::vector<Place>& values) {
    THAW_TRY(const Value dictionary, top(Kind::dictionary, "dictionary"));
    if (values.size() % 2 != 0) return refuse("the pickle sets a key without a value");
    auto& items = pickle_.items_[dictionary.index];
    for (std::size_t i = 0; i < values.size(); i += 2) items.emplace_back(values[i], values[i + 1]);
    return {};
  }

  // Objects.

  Result<> global_of_lines() {
    THAW_TRY(const std::string_view module, line());
    THAW_TRY(const std::string_view word, line());
    return push_callable(module, word);
  }
  Result<> global_of_stack() {
    THAW_TRY(const Place word, pop());
    THAW_TRY(const Place module, pop());
    if (pickle_.kind(word) != Kind::text || pickle_.kind(module) != Kind::text) {
      return refuse("the pickle names a class by something that is no text");
    }
    return push_callable(std::string(pickle_.text(module)), std::string(pickle_.text(word)));
  }
  Result<> push_callable(std::string_view module, std::string_view word) {
    const bool is_builtin = module == "builtins" || module == "__builtin__";
    Callable callable;
    if (word == class_name_ && !is_builtin) {
      callable = Callable::wanted_class;
    } else if (is_builtin && word == "object") {
      callable = Callable::object;
    } else if ((module == "copyreg" || module == "copy_reg") && word == "_reconstructor") {
      callable = Callable::reconstructor;
    } else {
      return refuse(fmt::format("the pickle wants {}.{}; only the class {} is allowed", module.substr(0, 60),
                                word.substr(0, 60), class_name_));
    }
    push({.kind = Kind::reference, .index = static_cast<std::uint32_t>(callable)});
    return {};
  }
  [[nodiscard]] bool is_callable(Place place, Callable callable) const {
    const Value& value = pickle_.values_[place];
    return value.kind == Kind::reference && value.index == static_cast<std::uint32_t>(callable);
  }
  /// LambdaData() or copyreg._reconstructor(LambdaData, object, None): an object without attributes.
  Result<> call() {
    THAW_TRY(const Place arguments, pop());
    THAW_TRY(const Place callable, pop());
    if (pickle_.kind(arguments) != Kind::tuple) return refuse("the pickle calls something without arguments");
    const std::vector<Place>& given = pickle_.members(arguments);
    const bool is_new = is_callable(callable, Callable::wanted_class) && given.empty();
    const bool is_reconstructed = is_callable(callable, Callable::reconstructor) && given.size() == 3 &&
                                  is_callable(given[0], Callable::wanted_class) &&
                                  is_callable(given[1], Callable::object) &&
                                  pickle_.kind(given[2]) == Kind::none;
    if (!is_new && !is_reconstructed) return refuse("the pickle calls something that no trace needs");
    push({.kind = Kind::object, .index = Pickle::no_place});
    return {};
  }
  Result<> build() {
    THAW_TRY(const Place state, pop());
    THAW_CHECK(top(Kind::object, "object"));
    if (pickle_.kind(state) != Kind::dictionary)
      return refuse("the pickle gives an object a state that is no dictionary");
    pickle_.values_[stack_.back()].index = state;
    return {};
  }

  std::string_view bytes_, name_, class_name_;
  std::size_t at_ = 0, opcode_at_ = 0;
  Pickle pickle_;
  std::vector<Place> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, Place> memo_;
};

double Pickle::number(Place place) const {
  return kind(place) == Kind::real ? values_[place].real : static_cast<double>(values_[place].integer);
}

Result<Pickle> Pickle::read(std::string_view bytes, std::string_view name, std::string_view class_name) {
  return PickleMachine(bytes, name, class_name).run();
}

}  // namespace thaw
