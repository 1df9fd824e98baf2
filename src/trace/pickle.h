#pragma once
// A restricted reader of Python pickles, protocols 0 to 5: numbers, texts, tuples, lists, dictionaries and objects of
// one class. Nothing is ever run: an opcode, a class or a function that is not needed is refused where it stands.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"

namespace thaw {

/// What a pickle holds. Values refer to each other by place, so shared and circular ones cost nothing.
class Pickle {
 public:
  enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    real,
    text,
    tuple,
    list,
    dictionary,
    object,
    reference
  };
  using Place = std::uint32_t;
  using Items = std::vector<std::pair<Place, Place>>;

  /// Reads a pickle that may hold objects of classes called `class_name`, whatever their module.
  /// Errors: bad_input at "name: byte N".
  /// Cost: memory of some 100 bytes for each byte of the pickle at most.
  static Result<Pickle> read(std::string_view bytes, std::string_view name, std::string_view class_name);

  [[nodiscard]] Place root() const { return root_; }
  [[nodiscard]] Kind kind(Place place) const { return values_[place].kind; }
  /// REQUIRES: integer, real or boolean.
  [[nodiscard]] double number(Place place) const;
  [[nodiscard]] bool is_number(Place place) const {
    return kind(place) == Kind::integer || kind(place) == Kind::real;
  }
  /// REQUIRES: text.
  [[nodiscard]] std::string_view text(Place place) const { return texts_[values_[place].index]; }
  /// Members of a tuple or list. REQUIRES: tuple or list.
  [[nodiscard]] const std::vector<Place>& members(Place place) const {
    return members_[values_[place].index];
  }
  /// Keys and values in order. REQUIRES: dictionary.
  [[nodiscard]] const Items& items(Place place) const { return items_[values_[place].index]; }
  /// An object's attributes, a dictionary, or no_place when it was never built. REQUIRES: object.
  [[nodiscard]] Place attributes(Place place) const { return values_[place].index; }

  static constexpr Place no_place = UINT32_MAX;

 private:
  friend class PickleMachine;
  struct Value {
    Kind kind = Kind::none;
    std::uint32_t index = 0;  ///< Into texts_, members_, items_; of a dictionary for objects.
    union {
      std::int64_t integer = 0;
      double real;
    };
  };

  std::vector<Value> values_;
  std::vector<std::string> texts_;
  std::vector<std::vector<Place>> members_;
  std::vector<Items> items_;
  Place root_ = 0;
};

}  // namespace thaw
