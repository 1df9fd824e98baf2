#include "trace/draws.h"

namespace thaw {

std::uint64_t stream_index(std::string_view function_name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : function_name) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

}  // namespace thaw
